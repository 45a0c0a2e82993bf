/** Ids that the protocol itself uses, the same on every server. */
export const enum Protocol {
  aliveMonitoring = 0,
  loopStart = 1,
  loopNext = 2,
  loopEnd = 3,
  dividedAppend = 4,
  dividedEnd = 5,
  received = 7,
  welcome = 8,
  credit = 9,
  authenticate = 10,
  end = 12,
  hello = 13,
  /** What the server could not read is answered with the negative of this; itself, it tells which message was refused. */
  protocolError = 99,
}

/** The key of the event that ends a running request; servers that lack it have no such key. */
export const cancelKey = "CANCEL";
