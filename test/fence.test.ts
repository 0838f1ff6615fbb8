/** The import fence: one forbidden import for each way is planted, and the linter has to refuse it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..");

/** Folders of the layers, lowest first: what stands in one line may not look at what stands in a later one. */
const LAYERS = [
  ["core"],
  ["policy", "tools", "guard", "telemetry", "store", "knowledge"],
  ["agent"],
  ["jobs"],
  ["server"],
  ["cli", "sandbox", "adapters", "src", "evals", "test"],
] as const;

/** Who sits outside the line: each knows `#core` and nothing else of ours. */
const APART = [
  "adapters/email",
  "adapters/slack",
  "adapters/zendesk",
  "adapters/chat",
  "src/sandbox",
];

/** A package and the one place that may use it. */
const KEPT = [
  ["openai", "src/agent/model.ts"],
  ["bullmq", "jobs/queue.ts"],
  ["ioredis", "jobs/queue.ts"],
  ["@slack/bolt", "adapters/slack/planted.ts"],
  ["node-zendesk", "adapters/zendesk/planted.ts"],
  ["imapflow", "adapters/email/planted.ts"],
  ["nodemailer", "adapters/email/planted.ts"],
  ["mailauth", "adapters/email/planted.ts"],
  ["mailparser", "adapters/email/planted.ts"],
].flatMap(([name = "", place = ""]) => [
  { name, place },
  { name: `${name}/lib/deep.js`, place },
]);

interface Planted {
  readonly file: string;
  readonly source: string;
  readonly allowed: boolean;
}

function folderOf(layer: string): string {
  return layer === "jobs" || layer === "adapters" || layer === "evals" || layer === "test"
    ? layer
    : layer === "src"
      ? "src"
      : `src/${layer}`;
}

/** Every import of one layer by another, with the answer the fence has to give. */
function acrossLayers(): readonly Planted[] {
  const inLine = LAYERS.slice(0, -1);
  return inLine.flatMap((layer, height) =>
    layer.flatMap((from) =>
      LAYERS.flatMap((targets, other) =>
        targets
          .filter((target) => target !== from)
          .map((target): Planted => ({
            file: `${folderOf(from)}/planted.ts`,
            source: `import "#${target}/planted.ts";`,
            allowed: other < height || (other === height && isBesideStore(from, target)),
          })),
      ),
    ),
  );
}

/** The one import between folders of a layer: the help pages live in the database. */
function isBesideStore(from: string, target: string): boolean {
  return from === "knowledge" && target === "store";
}

function fromApart(): readonly Planted[] {
  return APART.flatMap((folder) =>
    LAYERS.flat()
      .filter((target) => folder !== `src/${target}`)
      .map((target) => ({
        file: `${folder}/planted.ts`,
        source: `import "#${target}/planted.ts";`,
        allowed: target === "core",
      })),
  );
}

function ofPackages(): readonly Planted[] {
  const places = ["src/agent/planted.ts", "src/agent/model.ts", "jobs/planted.ts", "jobs/queue.ts"];
  const folders = [
    "src",
    "src/core",
    "src/policy",
    "src/guard",
    "src/tools",
    "src/store",
    "src/knowledge",
  ];
  const all = [
    ...places,
    ...[...folders, "src/telemetry", "src/server", "src/cli", "evals", ...APART.slice(0, 4)].map(
      (folder) => `${folder}/planted.ts`,
    ),
  ];
  return KEPT.flatMap(({ name, place }) =>
    all.map((file) => ({ file, source: `import "${name}";`, allowed: file === place })),
  );
}

/** The ways around: by path, as a type, handed on, asked for later, from one adapter into another. */
const WAYS: readonly Planted[] = [
  ["src/policy/path.ts", 'import "../store/driver.ts";'],
  ["src/policy/dotted.ts", 'import "./../store/driver.ts";'],
  ["src/server/pages/path.ts", 'import "../../sandbox/index.ts";'],
  ["jobs/path.ts", 'import "../src/server/app.ts";'],
  ["evals/path.ts", 'import "../src/store/driver.ts";'],
  ["src/path.ts", 'import "../adapters/slack/index.ts";'],
  ["src/tools/star.ts", 'export * from "#adapters/zendesk/client.ts";'],
  ["src/guard/named.ts", 'export { store } from "#store/driver.ts";'],
  ["src/agent/type.ts", 'import type { OpenAI } from "openai"; export type { OpenAI };'],
  ["jobs/later.ts", 'await import("bullmq");'],
  ["adapters/email/later.ts", 'await import("#policy/decide.ts");'],
  [
    "adapters/email/other.ts",
    'import type { Channel } from "../slack/index.ts"; export type { Channel };',
  ],
  ["adapters/email/alias.ts", 'import "#adapters/slack/index.ts";'],
  ["adapters/slack/alias.ts", 'import "#adapters/zendesk/client.ts";'],
  ["src/cli/adapter.ts", 'import "#adapters/slack/index.ts";'],
  ["src/cli/part.ts", 'import "#sandbox/index.ts";'],
  ["src/cli/root.ts", 'import "#src/wiring.ts";'],
  ["src/core/node.ts", 'import "node:fs";'],
  ["src/core/package.ts", 'import "drizzle-orm";'],
].map(([file = "", source = ""]) => ({ file, source, allowed: false }));

const OPEN: readonly Planted[] = [
  ["src/core/own.ts", 'import "./names.ts";'],
  ["src/core/zod.ts", 'import "zod";'],
  ["src/core/crypto.ts", 'import "node:crypto";'],
  ["src/server/door.ts", 'import "#adapters/chat/index.ts";'],
  ["src/server/shape.ts", 'import "#src/endpoints.ts";'],
  ["src/cli/configuration.ts", 'import "#src/config.ts";'],
  [
    "src/wiring.ts",
    'import "#adapters/index.ts"; import "#jobs/parts.ts"; import "#sandbox/index.ts";',
  ],
  ["adapters/index.ts", 'import "./email/index.ts"; import "#core/channel.ts";'],
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

/** Which of these lint refuses, as "file: source". Each import stands on a line of its own. */
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
    ["between layers", acrossLayers()],
    ["around the adapters and the embedded parts", fromApart()],
    ["around packages that belong to one place", ofPackages()],
    ["on the ways around it", WAYS],
    ["on what is allowed", OPEN],
  ] as const)
    test(
      `is shut where it has to be and open where it may be: ${name}`,
      { timeout: 60_000 },
      () => {
        assert.ok(planted.length > 0);
        const found = refused(planted);
        const wrong = planted.flatMap(({ file, source, allowed }) => {
          const line = `${file}: ${source}`;
          if (found.has(line) !== allowed) return [];
          return [`${line} ${allowed ? "is refused" : "gets through"}`];
        });
        assert.deepEqual(wrong, []);
      },
    );
});
