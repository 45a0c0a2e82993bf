/** An address of service discovery for an error, which ends in logs: its user and query may be credentials of the page. */
export function shownUrl(url: string): string {
  return url.replace(/[?#].*/s, "").replace(/\/\/[^/]*@/, "//");
}

/** The address of a socket for an error: without the session's id, with which anybody can take the session over. */
export function shownSocketUrl(url: string): string {
  return shownUrl(url).replace(/[^/]+(?=(\/reconnect)?$)/, "…");
}
