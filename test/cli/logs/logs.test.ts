/** `deskhand logs` shows the lines of a log that a person asks for, and follows a file that is written. */
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { lineSplitter, linesOf, shownLine } from "#cli/logs/show-lines.ts";
import { logsCommand } from "#cli/logs/command.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const AT = Date.parse("2026-03-01T10:00:00.000Z");

function line(msg: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    level: "warn",
    time: AT,
    role: "worker",
    pid: 1,
    host: "a",
    msg,
    ...more,
  });
}

/** Runs the command on these texts as standard input. */
async function shown(argv: readonly string[], chunks: readonly string[]): Promise<string> {
  const written: string[] = [];
  async function* input(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield new TextEncoder().encode(chunk);
  }
  const { exitCode, stderr } = await logsCommand(
    {
      folder: "/nowhere",
      dataFolder: () => "/nowhere",
      input: input(),
      write: (text) => void written.push(text),
      signal: AbortSignal.timeout(PATIENCE_MS),
    },
    ["logs", ...argv],
  );
  return exitCode === 0 ? written.join("") : `${exitCode}: ${stderr}`;
}

test("a line says when, how important, who, what, why and about which row", async () => {
  const text = line("card not shown", { reason: "Slack is away", conversation: "c_1", tries: 2 });
  assert.equal(
    await shown(["-"], [`${text}\n`]),
    "2026-03-01 10:00:00.000Z WARN  worker   card not shown: Slack is away (conversation c_1, tries 2)\n",
  );
});

test("only lines about the conversation and at least as important are shown", async () => {
  const all = [
    line("one", { conversation: "c_1" }),
    line("two", { conversation: "c_2" }),
    `web-1 | ${line("three", { conversation: "c_1", level: "error" })}`,
    "no line of a log",
    line("four"),
  ].join("\n");
  const of = async (...argv: string[]): Promise<readonly string[]> =>
    [
      ...(await shown(["-", ...argv], [all.slice(0, 60), all.slice(60)])).matchAll(
        /one|two|three|four|no line/g,
      ),
    ].map(([word]) => word);
  assert.deepEqual(await of("--conversation", "c_1"), ["one", "three"]);
  assert.deepEqual(await of("--level", "error"), ["three"]);
  assert.deepEqual(await of("--level", "debug"), ["one", "two", "three", "four"]);
  assert.deepEqual(await of(), ["one", "two", "three", "no line", "four"]);
  assert.match(await shown(["--level", "loud", "-"], []), /^1: .*debug, info, warn, error/);
  assert.match(await shown([], []), /There is no \/nowhere\/deskhand\.log.*journalctl/);
});

test("no text makes it throw, and nothing a terminal obeys comes through", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: anyCharacter }),
        fc.json(),
        fc.string({ unit: anyCharacter }).map((msg) => line(msg, { reason: msg, [msg]: msg })),
      ),
      (text) => {
        const out = shownLine(text, {});
        assert.ok(out === null || !/[\p{Cc}\p{Cf}]/u.test(out), JSON.stringify(out));
      },
    ),
  );
});

test("lines are the same however a text is cut into chunks", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ab\n]{0,5}$/)), (chunks) => {
      const split = lineSplitter();
      const lines = [...chunks, "\n"].flatMap((chunk) => split(chunk));
      assert.deepEqual(lines, chunks.join("").split("\n"));
    }),
  );
});

/** A log file, the lines that were read of it so far, and a way to stop reading. */
function followed(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-logs-"));
  const file = join(folder, "deskhand.log");
  writeFileSync(file, `${line("first")}\n`);
  const stop = new AbortController();
  const read: string[] = [];
  const done = (async () => {
    for await (const one of linesOf(file, { follow: true, signal: stop.signal })) read.push(one);
  })();
  context.after(async () => {
    stop.abort();
    await done;
    rmSync(folder, { recursive: true });
  });
  return { file, read };
}

test("a file is followed as it grows, also when another takes its place", async (context) => {
  const { file, read } = followed(context);
  const until = (count: number): Promise<void> =>
    context.waitFor(() => assert.equal(read.length, count), { timeout: PATIENCE_MS });
  await until(1);
  const half = line("second");
  appendFileSync(file, half.slice(0, 10));
  appendFileSync(file, `${half.slice(10)}\n`);
  await until(2);
  renameSync(file, `${file}.1`);
  writeFileSync(file, `${line("third")}\n`);
  await until(3);
  assert.deepEqual(
    read.map((one) => /first|second|third/.exec(one)?.[0]),
    ["first", "second", "third"],
  );
});
