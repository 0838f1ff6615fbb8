/** A person at the questions of `init`. */
import assert from "node:assert/strict";
import type { Terminal } from "#cli/init/terminal.ts";

/** A person who types these lines; leaving more questions than lines open fails. */
export function person(lines: readonly string[]) {
  const left = [...lines];
  const screen: string[] = [];
  const terminal: Terminal = {
    say: (text) => void screen.push(text),
    async ask(prompt, { hidden = false } = {}) {
      const line = left.shift();
      assert.ok(
        line !== undefined,
        `nothing is left to type at “${prompt}”:\n${screen.join("\n")}`,
      );
      screen.push(hidden ? `${prompt}(hidden)` : `${prompt}${line}`);
      return line;
    },
    close: () => undefined,
  };
  return { terminal, screen, left };
}
