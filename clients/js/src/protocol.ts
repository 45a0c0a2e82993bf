/** Ids that the protocol itself uses, the same on every server. */
export const protocol = {
  aliveMonitoring: 0,
  loopStart: 1,
  loopNext: 2,
  loopEnd: 3,
  dividedAppend: 4,
  dividedEnd: 5,
  authenticate: 10,
  /** What the server could not read is answered with the negative of this. */
  protocolError: 99,
} as const;

/** The key of the event that ends a running request; servers that lack it have no such key. */
export const cancelKey = "CANCEL";
