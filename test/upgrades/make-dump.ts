/**
 * Room: databases of earlier versions, as their own code left them.
 * In: a revision of this repository, and a file to write.
 * Out: a compressed dump, which a test migrates to the version of today.
 * May touch: git, temporary folders, child processes, a throwaway PostgreSQL.
 * This file: `npm run package -- earlier-version REVISION FILE` starts that revision on an empty database with today's packages,
 * talks to it as customers do, and dumps what it wrote. Needs the history, and PostgreSQL's programs.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { SignJWT } from "jose";
import { z } from "zod";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import { NODE_FLAGS } from "../../src/bootstrap/node-flags.mjs";

const ROOT = join(import.meta.dirname, "../..");
const START_MS = 120_000;
/** For the turns under way to be saved, with their cards. */
const SETTLE_MS = 8_000;

/** Said by customers: an answer, a refund that a person decides, one that the policy allows, a question back. */
const TALKS = [
  { user: "u123", message: "Where is my order 789?" },
  { user: "u123", message: "Please refund my order 789, it arrived broken." },
  { user: "u456", message: "Do you ship to Norway?" },
  { user: "u123", message: "This is outrageous, I want to speak to a human now!" },
];

/** What is read of the addresses, which have more in later versions. */
const Endpoints = z.object({ chat: z.object({ url: z.string(), identitySecret: z.string() }) });

const [revision, file] = z
  .tuple([z.string().regex(/^[\w./-]+$/), z.string()])
  .parse(process.argv.slice(2));

function run(program: string, parameters: readonly string[], input?: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync(program, parameters, {
    cwd: ROOT,
    maxBuffer: 1 << 30,
    ...(input === undefined ? {} : { input }),
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.toString("utf8")}`);
  return stdout;
}

async function readyAt(folder: string): Promise<z.infer<typeof Endpoints>> {
  const path = join(folder, "endpoints.json");
  for (let waited = 0; waited < START_MS; waited += 200) {
    if (existsSync(path)) return Endpoints.parse(JSON.parse(readFileSync(path, "utf8")));
    await delay(200);
  }
  throw new Error(`${revision} did not get ready`);
}

async function talk({ chat }: z.infer<typeof Endpoints>): Promise<void> {
  for (const { user, message } of TALKS) {
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(user)
      .setExpirationTime("5m")
      .sign(new TextEncoder().encode(chat.identitySecret));
    const answer = await fetch(chat.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ user_id: user, message }),
    });
    process.stderr.write(`${answer.status} ${(await answer.text()).slice(0, 150)}\n`);
  }
}

/** Without what only one server or one run of pg_dump reads, and without its remarks. */
function plain(dump: string): string {
  return dump
    .split("\n")
    .filter(
      (line) => line !== "" && !/^(?:--|\\|SET (?:transaction_timeout|lock_timeout))/.test(line),
    )
    .join("\n");
}

const folder = mkdtempSync(join(tmpdir(), "deskhand-earlier-"));
const database = await freshDatabase();
try {
  const code = join(folder, "code");
  const data = join(folder, "data");
  mkdirSync(code);
  run("tar", ["-x", "-C", code], run("git", ["archive", revision]));
  symlinkSync(join(ROOT, "node_modules"), join(code, "node_modules"));
  const child = spawn(process.execPath, [...NODE_FLAGS, "src/main.ts"], {
    cwd: code,
    env: {
      ...BARE_ENVIRONMENT,
      HOME: folder,
      DESKHAND_DATA: data,
      DESKHAND_PORT: "0",
      DESKHAND_LOG: "error",
      EMBEDDINGS: "off",
      DATABASE_URL: database.url,
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  try {
    await talk(await readyAt(data));
    await delay(SETTLE_MS);
  } finally {
    child.kill("SIGINT");
    await ended;
  }
  // Help pages are read anew at each start, and make most of a dump.
  const sparing = ["help_page", "help_passage"].flatMap((table) => ["--exclude-table-data", table]);
  const dump = run("pg_dump", [
    "--inserts",
    "--no-owner",
    "--no-privileges",
    ...sparing,
    database.url,
  ]);
  const packed = gzipSync(plain(dump.toString("utf8")), { level: 9 });
  writeFileSync(file, packed);
  process.stderr.write(`${file}: ${packed.length} bytes\n`);
} finally {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
}
