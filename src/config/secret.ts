/** A wrapper that keeps secrets out of logs and messages, and gives what they are at this moment. */

import type { SigningKeys } from "#core/connection/signing-keys.ts";

/**
 * For so long after its file changed, a former value is accepted from callers: longer than every process needs to see
 * the change, and than Prometheus or a proxy needs to be told of it.
 */
const FORMER_MS = 15 * 60_000;

/** A value that prints as `[secret]` everywhere; only `reveal` and what is meant for checks return it. */
export class Secret implements SigningKeys {
  #values: readonly string[];
  #former: { readonly values: readonly string[]; readonly untilMs: number } | null = null;
  #usedAtMs: number | null = null;

  constructor(value: string) {
    this.#values = [value];
  }

  /** The value at this moment. Ask again at each use: it changes with its file. */
  reveal(): string {
    this.#usedAtMs = performance.now();
    return this.#values[0] ?? "";
  }

  current(): string {
    return this.reveal();
  }

  at(): string {
    return this.reveal();
  }

  /** The value, further ones its file names, and for a while those it had before. */
  accepted(): readonly string[] {
    const former = this.#former;
    const isOver = former === null || performance.now() >= former.untilMs;
    return [...new Set([this.reveal(), ...this.#values, ...(isOver ? [] : former.values)])];
  }

  /** What can be read from the value about itself; this is no use of it. */
  told<Told>(by: (value: string) => Told): Told {
    return by(this.#values[0] ?? "");
  }

  /** Takes new values, the first of which is used. False when they are what it has. */
  replace(values: readonly string[]): boolean {
    if (values.length === 0 || JSON.stringify(values) === JSON.stringify(this.#values))
      return false;
    this.#former = { values: this.#values, untilMs: performance.now() + FORMER_MS };
    this.#values = values;
    return true;
  }

  /** For how many milliseconds it was not used; null when this process never did. */
  unusedMs(): number | null {
    return this.#usedAtMs === null ? null : performance.now() - this.#usedAtMs;
  }

  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
}
