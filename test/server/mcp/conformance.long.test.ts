/**
 * The public conformance suite (`@modelcontextprotocol/conformance`) against the assistant's server, in each revision it
 * speaks: of every scenario that applies, the checks that fail are exactly those that ask for what it has not.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { z } from "zod";
import { onDesk } from "#test/jobs/bench.ts";
import { listen } from "#test/support/http-front.ts";
import { type AssistantBench, startAssistants } from "./bench.ts";

const SUITE = join(import.meta.dirname, "../../../node_modules/@modelcontextprotocol/conformance");
const Suite = z.object({ bin: z.object({ conformance: z.string() }) });

/** A scenario with the checks that do not apply, each with the reason. */
interface Scenario {
  readonly name: string;
  readonly revisions: readonly string[];
  readonly without?: Readonly<Record<string, string>>;
}

const FIXTURE = "asks for a tool of the suite's own sample server";
const NO_STREAM = "nothing is subscribed to: the tools stay as they are";

const SCENARIOS: readonly Scenario[] = [
  { name: "server-initialize", revisions: ["2025-06-18", "2025-11-25"] },
  { name: "ping", revisions: ["2025-06-18", "2025-11-25"] },
  { name: "tools-list", revisions: ["2025-06-18", "2025-11-25", "2026-07-28"] },
  { name: "dns-rebinding-protection", revisions: ["2025-11-25", "2026-07-28"] },
  { name: "http-header-validation", revisions: ["2026-07-28"] },
  { name: "input-required-result-unsupported-methods", revisions: ["2026-07-28"] },
  {
    name: "server-stateless",
    revisions: ["2026-07-28"],
    without: {
      "sep-2575-server-rejects-undeclared-capability": FIXTURE,
      "sep-2575-missing-capability-http-400": FIXTURE,
      "sep-2575-http-server-no-independent-requests-on-stream": FIXTURE,
      "sep-2575-server-no-log-without-loglevel": FIXTURE,
      "sep-2575-server-sends-subscription-ack": NO_STREAM,
      "sep-2575-server-tags-subscription-id": NO_STREAM,
    },
  },
  {
    name: "caching",
    revisions: ["2026-07-28"],
    without: {
      "sep-2549-prompts-list-caching-hints": "there are no prompts",
      "sep-2549-resources-list-caching-hints": "there are no resources",
      "sep-2549-resources-templates-list-caching-hints": "there are no resources",
    },
  },
];

/*
 * Left out, as they are about what this server has not: tools-call-*, json-schema-2020-12, http-custom-header-server-validation
 * and the other input-required-result-* (tools of the suite's sample server), resources-*, prompts-*, completion-complete,
 * logging-set-level, elicitation-*, server-sse-* and server-session-lifecycle (sessions), tasks-* and skills (extensions).
 */

const Checks = z.array(z.object({ id: z.string(), status: z.string() }));

onDesk("the public conformance suite", (bench) => {
  let assistants: AssistantBench;
  let front: Awaited<ReturnType<typeof signedInFront>>;
  let folder = "";
  before(() => void (folder = mkdtempSync(join(tmpdir(), "deskhand-conformance-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    assistants = await startAssistants(bench);
    front = await signedInFront(assistants.url, await assistants.token());
  });
  afterEach(async () => {
    await front.close();
    await assistants.close();
  });

  for (const { name, revisions, without = {} } of SCENARIOS)
    for (const revision of revisions)
      test(`${name} in ${revision}`, async () => {
        const checks = await checksOf({ url: front.url, name, revision, folder });
        assert.ok(
          checks.some(({ status }) => status === "SUCCESS"),
          JSON.stringify(checks),
        );
        const failed = checks.filter(({ status }) => status === "FAILURE").map(({ id }) => id);
        assert.deepEqual([...new Set(failed)].toSorted(), Object.keys(without).toSorted());
      });
});

/** What the suite's own program found. */
async function checksOf(asked: {
  readonly url: string;
  readonly name: string;
  readonly revision: string;
  readonly folder: string;
}): Promise<z.infer<typeof Checks>> {
  const { url, name, revision, folder } = asked;
  const { bin } = Suite.parse(JSON.parse(readFileSync(join(SUITE, "package.json"), "utf8")));
  const program = join(SUITE, bin.conformance);
  const out = mkdtempSync(join(folder, `${name}-`));
  const options = [
    "--scenario",
    name,
    "--spec-version",
    revision,
    "--url",
    `${url}/mcp`,
    "-o",
    out,
  ];
  await new Promise<void>((resolve, reject) => {
    const suite = spawn(process.execPath, [program, "server", ...options], { stdio: "ignore" });
    suite.once("error", reject);
    suite.once("close", () => resolve());
  });
  const [run = assert.fail("the suite wrote nothing")] = readdirSync(out);
  return Checks.parse(JSON.parse(readFileSync(join(out, run, "checks.json"), "utf8")));
}

/** The suite sends no token, so this adds one. */
function signedInFront(url: string, token: string) {
  return listen((asked, answer) => {
    const headers = { ...asked.headers, authorization: `Bearer ${token}` };
    const through = request(`${url}${asked.url}`, { method: asked.method, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    through.once("error", () => answer.destroy());
    asked.pipe(through);
  });
}
