/** A wrapper that keeps secrets out of logs and messages. */

/** A value that prints as `[secret]` everywhere; only `reveal` and `accepted` return it. */
export class Secret {
  readonly #values: readonly [string, ...string[]];

  constructor(value: string, ...former: readonly string[]) {
    this.#values = [value, ...former];
  }

  reveal(): string {
    return this.#values[0];
  }

  /** The value, and the former ones that its file names below it: they are accepted from callers as well. */
  accepted(): readonly [string, ...string[]] {
    return this.#values;
  }

  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
}
