/** Each kind of process, with systems of the shop's own in place of the sample shop: it comes up, and has in memory what its role needs, and no more. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { postgresMissing } from "#test/support/postgres.ts";
import {
  readiness,
  startRole,
  startSharedServices,
  withoutZendesk,
  type SharedServices,
} from "#test/support/processes.ts";
import { redisMissing } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

const ROOT = join(import.meta.dirname, "../..");
const RECORDER = pathToFileURL(join(ROOT, "test/support/loaded-modules.mjs")).href;

/** What no process loads before it is needed. */
const NEVER_AT_FIRST = [
  "playwright-core",
  "typescript",
  "fast-check",
  "@energetic-ai/embeddings",
  "eld",
  "commander",
  "src/cli/program.ts",
  "src/doctor/",
  "packages/sandbox/rehearsal/",
  "evals/",
  "test/",
];

/** What stands in for real services; none of it where all of them are real. */
const SANDBOX = [
  "packages/sandbox/redis/",
  "packages/sandbox/zendesk/",
  "packages/sandbox/mail/",
  "packages/sandbox/start-page/",
  "smtp-server",
];

/** Mail, which these processes have not configured. */
const MAIL = ["adapters/email/index.ts", "imapflow", "nodemailer", "mailauth", "mailparser"];

/** What takes messages and clicks in. */
const SOCKET = ["@slack/bolt", "@slack/socket-mode"];

const PAGES = ["src/server/page-routes.ts", "src/server/widget/"];

/** Loaded with the first question; a process that keeps connections looks at once until when the models are offered. */
const MODEL = ["openai"];

const WORK = ["jobs/worker/process-conversation.ts", "jobs/turn/run-turn.ts"];

const EMBEDDED_DATABASE = ["@electric-sql/pglite"];

/** For each role: what it must not have loaded, and what shows that the list was really written. */
const ROLES = {
  web: {
    absent: [...SANDBOX, ...MAIL, ...SOCKET, ...WORK, ...MODEL, ...EMBEDDED_DATABASE],
    present: [...PAGES, "pg", "adapters/zendesk/index.ts", "@slack/web-api"],
  },
  worker: {
    absent: [...SANDBOX, ...MAIL, ...SOCKET, ...PAGES, ...MODEL, ...EMBEDDED_DATABASE],
    present: [...WORK, "pg", "adapters/zendesk/index.ts", "@slack/web-api"],
  },
  channels: {
    absent: [
      ...SANDBOX,
      ...MAIL,
      ...PAGES,
      ...WORK,
      ...EMBEDDED_DATABASE,
      "adapters/zendesk/index.ts",
      "node-zendesk",
    ],
    present: [...SOCKET, ...MODEL, "pg"],
  },
} as const;

const TOOLS = "adapters/shops/sample-shop";

/** The sandbox's policy with the rules that stand beside these tools. */
function policyFor(shared: string, tools: string): string {
  const rules = readFileSync(tools, "utf8").split("operations:\n")[1] ?? "";
  const policy = readFileSync(shared, "utf8");
  const changed = policy.replace(/^operations:\n/m, (line) => `${line}${rules}`);
  assert.notEqual(changed, policy);
  return changed;
}

interface Recorded {
  readonly environment: Readonly<Record<string, string>>;
  /** Those of these packages (by name) and files (by path, or its beginning) that the process has loaded. */
  among(pid: number | undefined, names: readonly string[]): readonly string[];
  remove(): void;
}

function record(): Recorded {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-loaded-"));
  return {
    environment: { NODE_OPTIONS: `--import=${RECORDER}`, TEST_LOADED_MODULES: folder },
    among(pid, names) {
      const loaded = readFileSync(join(folder, `${pid}.txt`), "utf8").split("\n");
      const root = pathToFileURL(`${ROOT}/`).href;
      const packages = new Set(
        loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []),
      );
      const files = loaded.flatMap((url) =>
        url.startsWith(root) && !url.includes("/node_modules/") && url !== RECORDER
          ? [url.slice(root.length)]
          : [],
      );
      return names.filter(
        (name) => packages.has(name) || files.some((file) => file.startsWith(name)),
      );
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

describe("a role with own systems alone", { skip: postgresMissing || redisMissing }, () => {
  let shared: SharedServices;
  const folder = mkdtempSync(join(tmpdir(), "deskhand-own-systems-"));
  const policy = join(folder, "policy.yaml");
  before(async () => {
    shared = await startSharedServices();
    const { DESKHAND_POLICY = "" } = shared.environment;
    writeFileSync(policy, policyFor(DESKHAND_POLICY, join(TOOLS, "policy.yaml")));
  });
  after(async () => {
    await shared.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const role of ["web", "worker", "channels"] as const)
    test(`a ${role} process comes up, and has loaded what its role needs, and no more`, async () => {
      const { absent, present } = ROLES[role];
      const recorded = record();
      const given = role === "channels" ? withoutZendesk(shared.environment) : shared.environment;
      const { SHOP_URL, SHOP_KEY, ...environment } = given;
      const started = await startRole(
        {
          ...environment,
          ...recorded.environment,
          TOOLS,
          DESKHAND_POLICY: policy,
          OURSHOP_ADDRESS: SHOP_URL ?? "",
          OURSHOP_KEY: SHOP_KEY ?? "",
        },
        role,
      );
      try {
        const pid = started.pid() ?? undefined;
        assert.deepEqual(recorded.among(pid, [...NEVER_AT_FIRST, ...absent]), []);
        // Slack's app is made once its identity is known.
        await until(
          "everything the role needs",
          async () => recorded.among(pid, present).length === present.length,
          () => `${recorded.among(pid, present).join(", ")} of ${present.join(", ")}`,
        );
        assert.equal((await readiness(started.url)).http, 200, started.output());
      } finally {
        await started.end("SIGKILL");
        recorded.remove();
      }
    });
});
