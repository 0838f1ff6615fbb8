/** The import fence: one forbidden import for each way is planted, and the linter has to refuse it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..");

/** Where each room lies; an alias in an import is the name of a room. */
const ROOMS = {
  text: "src/text",
  http: "src/http",
  redis: "src/redis",
  core: "src/core",
  policy: "src/policy",
  procedures: "src/procedures",
  tools: "src/tools",
  systems: "src/systems",
  importing: "packages/tool-import",
  conformance: "packages/gate-conformance",
  gate: "packages/gate",
  guard: "src/guard",
  verifier: "src/verifier",
  telemetry: "src/telemetry",
  store: "src/store",
  knowledge: "src/knowledge",
  agent: "src/agent",
  jobs: "jobs",
  server: "src/server",
  config: "src/config",
  connections: "src/connections",
  doctor: "src/doctor",
  cli: "src/cli",
  sandbox: "packages/sandbox",
  email: "adapters/email",
  slack: "adapters/slack",
  zendesk: "adapters/zendesk",
} as const;

type Room = keyof typeof ROOMS;

/** Which rooms a room may import besides itself. All others are refused, so a new import is added on purpose. */
const MAY_IMPORT: Readonly<Record<Room, readonly Room[]>> = {
  text: [],
  http: ["core"],
  redis: ["core"],
  core: ["gate"],
  policy: ["core", "text"],
  procedures: ["core", "text", "policy"],
  tools: ["core", "text"],
  systems: ["core", "text", "http"],
  importing: ["core", "text", "http", "systems"],
  conformance: [],
  gate: [],
  guard: ["core", "text"],
  verifier: ["core", "guard"],
  telemetry: ["core"],
  store: ["core", "gate"],
  knowledge: ["core", "gate", "text", "store", "http"],
  agent: ["core", "text", "tools", "guard", "verifier", "http"],
  jobs: ["core", "gate", "text", "policy", "procedures", "guard", "store"],
  server: ["core", "text", "policy", "procedures", "store", "jobs"],
  config: ["core", "policy"],
  connections: [
    "core",
    "http",
    "config",
    "store",
    "sandbox",
    "email",
    "slack",
    "zendesk",
    "systems",
  ],
  doctor: [
    "core",
    "config",
    "policy",
    "store",
    "jobs",
    "telemetry",
    "connections",
    "email",
    "slack",
    "zendesk",
    "verifier",
  ],
  cli: [
    "core",
    "text",
    "config",
    "policy",
    "store",
    "jobs",
    "telemetry",
    "procedures",
    "knowledge",
    "doctor",
    "server",
    "email",
    "systems",
    "importing",
  ],
  sandbox: ["core"],
  email: ["core", "text"],
  slack: ["core", "text"],
  zendesk: ["core", "text"],
};

/** A package and the places that may use it. */
const KEPT = (
  [
    ["openai", "src/agent/model.ts"],
    ["prom-client", "src/telemetry/planted.ts"],
    ["bullmq", "jobs/queue/planted.ts"],
    ["ioredis", "src/redis/planted.ts"],
    ["@slack/bolt", "adapters/slack/planted.ts"],
    ["node-zendesk", "adapters/zendesk/planted.ts"],
    ["imapflow", "adapters/email/planted.ts"],
    ["nodemailer", "adapters/email/planted.ts", "packages/sandbox/planted.ts"],
    ["mailauth", "adapters/email/planted.ts"],
    ["mailparser", "packages/sandbox/planted.ts"],
    ["undici", "src/http/planted.ts"],
  ] as const
).flatMap(([name, ...places]) => [
  { name, places },
  { name: `${name}/lib/deep.js`, places },
]);

interface Planted {
  readonly file: string;
  readonly source: string;
  readonly allowed: boolean;
}

const NAMES = Object.keys(ROOMS).filter((name): name is Room => name in ROOMS);

/** Every import of one room by another, with the answer the fence has to give. */
function acrossRooms(): readonly Planted[] {
  return NAMES.flatMap((from) =>
    [...NAMES, "app", "evals", "test"].map((target): Planted => ({
      file: `${ROOMS[from]}/planted.ts`,
      source: `import "#${target}/planted.ts";`,
      allowed: target === from ? from !== "text" : MAY_IMPORT[from].some((room) => room === target),
    })),
  );
}

function ofPackages(): readonly Planted[] {
  const files = [
    "src/agent/model.ts",
    "jobs/queue/planted.ts",
    "src/main.ts",
    "src/app/planted.ts",
    "evals/planted.ts",
    "adapters/chat/planted.ts",
    ...NAMES.map((name) => `${ROOMS[name]}/planted.ts`),
  ];
  return KEPT.flatMap(({ name, places }) =>
    files.map((file) => ({
      file,
      source: `import "${name}";`,
      allowed: places.some((place) => place === file),
    })),
  );
}

/** The ways around: by path, as a type, handed on, asked for later, from one adapter into another. */
const WAYS: readonly Planted[] = [
  ["src/policy/path.ts", 'import "../store/db/database.ts";'],
  ["src/policy/dotted.ts", 'import "./../store/db/database.ts";'],
  ["src/server/pages/path.ts", 'import "../../sandbox/index.ts";'],
  ["jobs/path.ts", 'import "#server/http/app.ts";'],
  ["evals/path.ts", 'import "../src/store/db/database.ts";'],
  ["src/app/path.ts", 'import "../../adapters/slack/index.ts";'],
  ["src/tools/star.ts", 'export * from "#zendesk/api/client.ts";'],
  ["src/guard/named.ts", 'export { store } from "#store/db/database.ts";'],
  ["src/agent/type.ts", 'import type { OpenAI } from "openai"; export type { OpenAI };'],
  ["jobs/later.ts", 'await import("bullmq");'],
  ["adapters/email/later.ts", 'await import("#policy/decide.ts");'],
  [
    "adapters/email/other.ts",
    'import type { Channel } from "../slack/index.ts"; export type { Channel };',
  ],
  ["adapters/email/alias.ts", 'import "#slack/index.ts";'],
  ["adapters/slack/alias.ts", 'import "#zendesk/api/client.ts";'],
  ["adapters/shop/contract.ts", 'import "#systems/contract.ts";'],
  ["src/cli/adapter.ts", 'import "#slack/index.ts";'],
  ["src/cli/part.ts", 'import "#sandbox/index.ts";'],
  ["src/cli/root.ts", 'import "#app/compose.ts";'],
  ["packages/sandbox/start-page/path.ts", 'import "#config/environment.ts";'],
  ["src/core/node.ts", 'import "node:fs";'],
  ["src/core/package.ts", 'import "drizzle-orm";'],
].map(([file = "", source = ""]) => ({ file, source, allowed: false }));

const OPEN: readonly Planted[] = [
  ["src/core/values/own.ts", 'import "./vocabulary.ts"; import "#core/contracts/channel.ts";'],
  ["src/text/own.ts", 'import "./fold.ts";'],
  ["src/core/zod.ts", 'import "zod";'],
  ["src/core/crypto.ts", 'import "node:crypto";'],
  ["src/core/work.ts", 'import "node:async_hooks";'],
  ["src/server/door.ts", 'import "#adapters/chat/index.ts";'],
  [
    "packages/sandbox/start-page/planted.ts",
    'import "#server/pages/static.ts"; import "#store/effects/pause.ts"; import "#sandbox/world.ts";',
  ],
  [
    "packages/sandbox/zendesk/planted.ts",
    'import "#server/http/html.ts"; import "#server/pages/static.ts";',
  ],
  ["src/cli/configuration.ts", 'import "#config/environment.ts";'],
  [
    "src/app/compose.ts",
    'import "#adapters/index.ts"; import "#jobs/context/job-context.ts"; import "#sandbox/index.ts";',
  ],
  ["adapters/index.ts", 'import "./email/index.ts"; import "#core/contracts/channel.ts";'],
].map(([file = "", source = ""]) => ({ file, source, allowed: true }));

const Report = z.object({
  diagnostics: z.array(
    z.looseObject({
      code: z.string(),
      filename: z.string(),
      labels: z.array(z.looseObject({ span: z.looseObject({ line: z.int() }) })),
    }),
  ),
});

/** Which of these lint refuses, as "file: source". Each import is on a line of its own. */
function refused(planted: readonly Planted[]): ReadonlySet<string> {
  const root = mkdtempSync(join(tmpdir(), "fence-"));
  try {
    // Types are of no interest here, and looking at them needs the packages.
    const configuration = JSON.parse(readFileSync(join(ROOT, ".oxlintrc.json"), "utf8"));
    writeFileSync(
      join(root, ".oxlintrc.json"),
      JSON.stringify({ ...configuration, options: { typeAware: false } }),
    );
    const files = Map.groupBy(planted, ({ file }) => file);
    for (const [file, imports] of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), imports.map(({ source }) => `${source}\n`).join(""));
    }
    const { stdout, stderr } = spawnSync(
      join(ROOT, "node_modules/.bin/oxlint"),
      ["--format=json", "."],
      { cwd: root, encoding: "utf8", maxBuffer: 100_000_000 },
    );
    assert.ok(stdout.startsWith("{"), `${stdout}${stderr}`);
    return new Set(
      Report.parse(JSON.parse(stdout))
        .diagnostics.filter(({ code }) => code.includes("no-restricted-imports"))
        .map(({ filename, labels: [label] }) => {
          const one = files.get(filename)?.[(label?.span.line ?? 0) - 1];
          return `${filename}: ${one?.source}`;
        }),
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe("the import fence", () => {
  for (const [name, planted] of [
    ["between rooms", acrossRooms()],
    ["around packages that belong to one place", ofPackages()],
    ["on the ways around it", WAYS],
    ["on what is allowed", OPEN],
  ] as const)
    test(`is shut where it has to be and open where it may be: ${name}`, () => {
      assert.ok(planted.length > 0);
      const found = refused(planted);
      const wrong = planted.flatMap(({ file, source, allowed }) => {
        const line = `${file}: ${source}`;
        if (found.has(line) !== allowed) return [];
        return [`${line} ${allowed ? "is refused" : "gets through"}`];
      });
      assert.deepEqual(wrong, []);
    });
});
