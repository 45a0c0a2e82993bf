/** An object whose properties are functions that are told of something. */
export class DuctEventListener<T = any> {
  /**
   * Sets one function for one or more names.
   *
   * @throws ReferenceError for a name that is none of the object's.
   */
  on = (names: string | readonly string[], listener: T): void => {
    const functions = this as unknown as Record<string, T>;
    for (const name of typeof names === "string" ? [names] : names) {
      if (!(name in this)) throw new ReferenceError(`[${name}] in ${this.constructor.name}`);
      functions[name] = listener;
    }
  };
}
