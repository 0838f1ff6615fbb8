/** Keeps a run as lines of JSON while it goes on, so that an interrupted one is continued and a finished one compared. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { PlayRecord } from "./record.ts";

/** What was to be played, as the first line of the file says. */
const Head = z.strictObject({
  version: z.literal(1),
  model: z.string(),
  startedAt: z.iso.datetime(),
  /** How often each case is played. */
  k: z.int().min(1),
  suite: z.string().nullable(),
  only: z.string().nullable(),
  /** Of all cases that are to be played. */
  digest: z.string(),
});
export type Head = z.infer<typeof Head>;

const End = z.strictObject({ endedAt: z.iso.datetime() });

/** A run as far as it got. */
export interface KeptRun {
  readonly file: string;
  readonly head: Head;
  readonly records: readonly PlayRecord[];
  readonly ended: boolean;
}

/** A run that is being kept. */
export interface RunWriter {
  readonly file: string;
  /** Written before the next play begins. */
  keep(record: PlayRecord): void;
  /** Says that nothing is missing. */
  end(at: Date): void;
}

/** Begins the file of a new run in this folder. */
export function beginRun(folder: string, head: Head): RunWriter {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const named = `${head.startedAt.replaceAll(/[:.]/g, "-")}-${head.model.replaceAll(/[^a-zA-Z0-9.-]/g, "-")}`;
  const file = join(folder, `${named}.jsonl`);
  writeFileSync(file, lineOf(head), { mode: 0o600 });
  return writerTo(file);
}

/** Goes on with an interrupted run; a line that was cut off is dropped first. */
export function goOnWith({ file, head, records }: KeptRun): RunWriter {
  writeFileSync(file, [head, ...records].map(lineOf).join(""), { mode: 0o600 });
  return writerTo(file);
}

function writerTo(file: string): RunWriter {
  return {
    file,
    keep: (record) => appendFileSync(file, lineOf(record)),
    end: (at) => appendFileSync(file, lineOf({ endedAt: at.toISOString() })),
  };
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** Reads a kept run. Throws `input.invalid` for a file that is none; a last line that was cut off counts as not written. */
export function readRun(file: string): KeptRun {
  const lines = textOf(file)
    .split("\n")
    .filter((line) => line !== "")
    .map(parsed);
  const head = Head.safeParse(lines[0]);
  if (!head.success)
    throw new DeskhandError(
      "input.invalid",
      `${file} is no run of the evals that this version reads`,
    );
  const records: PlayRecord[] = [];
  let ended = false;
  for (const [index, line] of lines.slice(1).entries()) {
    const record = PlayRecord.safeParse(line);
    if (record.success) records.push(record.data);
    else if (End.safeParse(line).success) ended = true;
    else if (index < lines.length - 2)
      throw new DeskhandError("input.invalid", `${file}, line ${index + 2} is no play of a case`);
  }
  return { file, head: head.data, records, ended };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new DeskhandError("input.invalid", `${file} cannot be read`, { cause });
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The newest run in this folder that was interrupted and was to play the same; null when there is none. */
export function interruptedRun(
  folder: string,
  wanted: Pick<Head, "k" | "suite" | "only" | "digest">,
): KeptRun | null {
  if (!existsSync(folder)) return null;
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  for (const name of files.toSorted().toReversed()) {
    const file = join(folder, name);
    // Files of other versions are passed over by their first line.
    const head = Head.safeParse(parsed(textOf(file).split("\n")[0] ?? ""));
    if (!head.success || !isSame(head.data, wanted)) continue;
    const run = readRun(file);
    if (!run.ended) return run;
  }
  return null;
}

function isSame(
  head: Head,
  { k, suite, only, digest }: Parameters<typeof interruptedRun>[1],
): boolean {
  return head.k === k && head.suite === suite && head.only === only && head.digest === digest;
}
