// The names that the first version of the original had; plugins of the field use them.
const formerNames = {
  next_rid: "nextRid",
  catchall_event_handler: "catchallEventHandler",
  uncaught_event_handler: "uncaughtEventHandler",
  event_error_handler: "eventErrorHandler",
  _connection_listener: "_connectionListener",
  time_offset: "timeOffset",
  time_latency: "timeLatency",
} as const;

/** Gives the members of `Duct` their former names, too. */
export function addFormerNames(prototype: object): void {
  for (const [former, name] of Object.entries(formerNames)) {
    Object.defineProperty(prototype, former, {
      get(this: Record<string, unknown>) {
        return this[name];
      },
      set(this: Record<string, unknown>, value: unknown) {
        this[name] = value;
      },
    });
  }
}
