/**
 * What a client does when its newest connection was closed or refused: tries to go on with the session after a pause, or
 * at once; begins a new session, for this one is over; or stops, for the server wants it so.
 */
export type Reaction = "resume" | "resumeNow" | "begin" | "stop";

/** The server has refused the session, or another connection has it. */
const stopped: ReadonlySet<number> = new Set([1008, 4001]);

/** The session is not known any more, or its user's rights have ended. */
const ended: ReadonlySet<number> = new Set([4005, 4401]);

/** Close codes with which a client ends a session, or a server tells that it was ended: nothing fits any more. */
export const unfit = 4002;
const gap = 4003;

const words: Readonly<Record<number, string>> = {
  [unfit]: "its numbers or receipts do not fit",
  [gap]: "messages of the server are lost",
};

/**
 * @param code The close code.
 * @param isVersion2 Whether the session speaks version 2 of the protocol.
 */
export function reactionTo(code: number, isVersion2: boolean): Reaction {
  if (stopped.has(code) || code === (isVersion2 ? 4004 : 1000)) return "stop";
  if (ended.has(code)) return "begin";
  if (isVersion2) {
    if (code === 1001 || code === unfit || code === gap) return "begin";
    if (code === 1012) return "resumeNow";
  }
  // Anything else may be a proxy's word. After 1000, too, a session of version 2 waits.
  return "resume";
}

/** Whether a close code is the server's own word that the session lives, and that it cannot serve it now. */
export function isNotNow(code: number): boolean {
  return code === 1012 || code === 1013;
}

/** What to tell an application of a session that ended by a fault; undefined where that is not the reason. */
export function faultOf(code: number, reason: string): string | undefined {
  return code in words ? `The session is over: ${words[code]} (${reason || code}).` : undefined;
}
