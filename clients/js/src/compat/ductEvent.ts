/** The base of what functions are told of. Here for plugins of the original, which derive from it. */
export class DuctEvent {}

/** A message, as plugins of the original pass it on. */
export class DuctMessageEvent extends DuctEvent {
  constructor(
    readonly rid: unknown,
    readonly eid: number,
    readonly data: unknown,
  ) {
    super();
  }
}
