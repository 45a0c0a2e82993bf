/** The server's answer to service discovery: where to connect, and which events there are. */
export interface ServiceDiscovery {
  /** Host and port of the WebSocket. */
  websocket_host?: string;
  /** Where a session starts. */
  websocket_url: string;
  /** Where a session goes on after its socket was lost. */
  websocket_url_reconnect: string;
  /** Host and port of the Web APIs. */
  api_host?: string;
  /** The root of the Web APIs, ending in a slash. */
  api_url_root?: string;
  /** The Web API that lists the events. */
  api_url_event?: string;
  /** Event ids by key. */
  EVENT: Record<string, number>;
  /** How many bytes a message to the server may have; servers of the original do not tell. */
  max_message_size?: number;
  /** The session's key, with which messages are never lost; servers of the original, and older ones, have none. */
  session_key?: string;
  /** The number of unconfirmed bytes from which on the client sends no more. */
  inbox_limit?: number;
  /** After how many bytes of the server the client confirms them. */
  receipt_bytes?: number;
  /** After how many seconds the server answers ALIVE_MONITORING again. */
  alive_monitoring_interval?: number;
  /** Whose the session is: the subject of the token or cookie. Absent where the session has no user. */
  user?: string;
  /** Seconds after which the user's rights expire, unless they are renewed. */
  auth_expires_in?: number;
}
