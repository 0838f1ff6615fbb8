/** A terminal with a person at it: lines in both directions, and secrets that are typed without being shown. */

import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { wrapped } from "#core/values/words.ts";

/** What `init` needs of a terminal. */
export interface Terminal {
  say(text: string): void;
  /** What the person typed; rejects with `Interrupted` when they leave. */
  ask(prompt: string, options?: { readonly hidden?: boolean }): Promise<string>;
  close(): void;
}

/** The person pressed Ctrl-C or Ctrl-D. */
export class Interrupted extends Error {}

/** Lines that are pasted in one go come faster than this one after the other. */
const PASTE_MS_MAX = 100;

/** More lines than all questions together have. */
const LINES_MAX = 200;

/**
 * Talks over this process's own terminal. Lines pasted in one go answer the questions that follow, one after another.
 */
export function openTerminal(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Terminal {
  const screen = { isMuted: true };
  const echo = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!screen.isMuted) output.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input, output: echo, terminal: true, historySize: 0 });
  const pasted: string[] = [];
  const now: {
    /** The question that is open. */
    waiting: { readonly take: (line: string) => void; readonly leave: () => void } | null;
    hasLeft: boolean;
    lineAt: number;
  } = {
    waiting: null,
    hasLeft: false,
    lineAt: Number.NEGATIVE_INFINITY,
  };
  lines.on("line", (line) => {
    const { waiting, lineAt } = now;
    now.waiting = null;
    now.lineAt = performance.now();
    // What is pasted behind an answer may be a secret: nothing of it is shown before it is asked for.
    screen.isMuted = true;
    if (waiting !== null) return waiting.take(line);
    // Enter, pressed while nothing is asked, is impatience and no answer.
    const isAnswer = line !== "" || now.lineAt - lineAt < PASTE_MS_MAX;
    if (isAnswer && pasted.length < LINES_MAX) pasted.push(line);
  });
  const leave = (): void => {
    now.hasLeft = true;
    now.waiting?.leave();
  };
  lines.on("SIGINT", leave);
  lines.on("close", leave);
  return {
    say: (text) => void output.write(`${fitted(text)}\n`),
    async ask(prompt, { hidden = false } = {}) {
      if (now.hasLeft) throw new Interrupted("nothing was written");
      const whole = fitted(prompt);
      const ready = pasted.shift();
      if (ready !== undefined) {
        output.write(`${whole}${hidden ? "" : ready}\n`);
        return ready;
      }
      const shown = whole.split("\n");
      const last = shown.pop() ?? "";
      for (const line of shown) output.write(`${line}\n`);
      if (hidden) output.write(last);
      screen.isMuted = hidden;
      lines.setPrompt(hidden ? "" : last);
      lines.prompt(true);
      try {
        return await new Promise<string>((take, reject) => {
          const gone = (): void => reject(new Interrupted("nothing was written"));
          now.waiting = { take, leave: gone };
        });
      } finally {
        // The person's own line break was not shown either.
        if (hidden) output.write("\n");
      }
    },
    close: () => lines.close(),
  };
}

const COLUMNS = 80;

/** The text with no line over 80 columns; what follows keeps the line's indentation, behind its mark or number. */
export function fitted(text: string): string {
  return text
    .split("\n")
    .flatMap((line) => {
      const [indent = ""] = /^ *(?:[✓✗!→?] |\d\. )?/.exec(line) ?? [];
      return wrapped(line, COLUMNS, " ".repeat(indent.length));
    })
    .join("\n");
}
