import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { closeRequests, readDocument } from "./document.ts";
import { DEVIATIONS } from "./deviations.ts";
import { judge, type Verdict } from "./judge.ts";
import { ownFindings } from "./own-checks.ts";
import { BY_EXAMPLE, BY_SCHEMA, isFound } from "./plants.ts";
import { readRecording } from "./recording.ts";
import { replay } from "./replay.ts";

/**
 * `npm run evals -- zendesk-spec --document FILE [--prism FILE] [--recording FOLDER] [--json]`: runs every test that talks
 * to the sandbox Zendesk, and compares each call and answer with Zendesk's OpenAPI document: with its schemas by the
 * validating proxy Prism, with its examples and parameters by checks of our own. Exits with 0 when only accepted
 * deviations were found, with 1 after any other, and with 2 when nothing could be compared.
 */
const { values } = parseArgs({
  options: {
    document: { type: "string" },
    /** Prism's program file; that of the command `prism` on the PATH otherwise. */
    prism: { type: "string" },
    /** Calls recorded before, which are judged without running the tests. */
    recording: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const TESTS = [
  "test/sandbox/zendesk/*.test.ts",
  "test/zendesk/**/*.test.ts",
  "test/end-to-end/zendesk.test.ts",
];

process.exitCode = 2;
try {
  const document = given("document", values.document, "Zendesk's OpenAPI document");
  const prism = given("prism", values.prism ?? prismOnPath(), "Prism's program file");
  const { calls, total } =
    values.recording === undefined ? await recordTests() : readRecording(values.recording);
  if (calls.length === 0) throw new Error("No call was recorded, so nothing can be said.");
  note(`${total} calls, ${calls.length} of them different, go through Prism …`);
  const find = readDocument(readFileSync(document, "utf8"));
  const plants = [...BY_SCHEMA, ...BY_EXAMPLE];
  const found = await withClosed(document, async (file) => {
    const all = [...plants.map(({ call }) => call), ...calls];
    const byProxy = await replay(all, prism, file);
    return all.map((call, index) => [...(byProxy[index] ?? []), ...ownFindings(call, find)]);
  });
  const unseen = plants.filter((plant, index) => !isFound(plant, found[index] ?? []));
  // A comparison that lets everything pass would look like a faithful sandbox.
  if (unseen.length > 0)
    throw new Error(`Planted and not found: ${unseen.map(({ name }) => name).join("; ")}.`);
  note(`All ${plants.length} planted mistakes are found.`);
  const verdict = judge(calls, found.slice(plants.length), DEVIATIONS);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ calls: calls.length, total, ...verdict })}\n`
      : table(verdict),
  );
  const stale = values.recording === undefined && verdict.stale.length > 0;
  process.exitCode = verdict.violations.length > 0 || stale ? 1 : 0;
} catch (error) {
  note(error instanceof Error ? error.message : String(error));
}

function given(option: string, value: string | undefined, what: string): string {
  if (value === undefined) throw new Error(`--${option} must name ${what}.`);
  if (!existsSync(value)) throw new Error(`--${option}: there is no file ${value}.`);
  return resolve(value);
}

function prismOnPath(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.map((folder) => join(folder, "prism")).find((file) => existsSync(file));
}

/** Runs the tests with the recorder loaded into each of their processes; throws when one fails. */
async function recordTests(): Promise<ReturnType<typeof readRecording>> {
  const folder = mkdtempSync(join(tmpdir(), "zendesk-recording-"));
  try {
    const files = globSync(TESTS).toSorted();
    note(`${files.length} test files run …`);
    const recorder = new URL("./record.ts", import.meta.url).href;
    const options = `${process.env["NODE_OPTIONS"] ?? ""} --import=${recorder}`.trim();
    const limits = ["--test-concurrency=2", "--test-timeout=300000", "--test-reporter=dot"];
    const child = spawn(process.execPath, ["--test", ...limits, ...files], {
      env: { ...process.env, NODE_OPTIONS: options, DESKHAND_ZENDESK_RECORDING: folder },
      // Standard output belongs to the result alone.
      stdio: ["ignore", 2, 2],
    });
    const [code]: unknown[] = await once(child, "exit");
    if (code !== 0) throw new Error("The tests fail, so their calls say nothing.");
    return readRecording(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Gives the document with closed request bodies, as a file that is gone afterwards. */
async function withClosed<Result>(
  document: string,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "zendesk-document-"));
  try {
    const file = join(folder, "closed.json");
    writeFileSync(file, closeRequests(readFileSync(document, "utf8")));
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function table({ violations, accepted, stale, refused, operations }: Verdict): string {
  const lines = [
    `${operations.length} operations were called; ${refused} wrong requests were refused by the sandbox as well.`,
    "",
    `Accepted deviations: ${accepted.length}`,
    ...accepted.flatMap(({ name, reason, calls, paths }) => [
      `  ${name} (${calls} calls): ${reason}`,
      ...paths.map((path) => `      ${path}`),
    ]),
    ...stale.map((name) => `  ${name}: no longer occurs, take it off the list`),
    "",
    `Violations: ${violations.length}`,
    ...violations.map(
      (one) =>
        `  ${one.calls} × ${one.method} ${one.path} ${one.status}  ${one.in} ${one.where}: ${one.message}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
