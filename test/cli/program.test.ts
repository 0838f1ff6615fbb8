/** The command line: in the running process through its socket, or directly on the data when none runs. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { callControl, startControl, type CommandResult } from "#cli/control.ts";
import type { KnownParts } from "#cli/command-parts.ts";
import { runCommand } from "#cli/program.ts";
import { TurnTrace } from "#core/values/trace.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { lockDataFolder } from "#store/db/data-folder.ts";
import { migratedDatabase, later, NOW, type OpenedStore } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { typed } from "./typed-command.ts";
import { testLong } from "#test/support/tiers.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { saveTrace } from "#test/support/stored-rows.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const traceOf = (id: string, conversation: string): TurnTrace =>
  traceWith({
    request_id: id,
    conversation_id: conversation,
    outcome_reason: "approved and sent",
    tools_called: ["get_order_status"],
    approval_required: true,
    approval_granted: true,
    cost_usd: null,
    started_at: NOW.toISOString(),
  });

describe(`commands on ${MAIN_DATABASE}`, () => {
  const opened: { database?: OpenedStore; control?: { close(): Promise<void> } } = {};
  const database = (): OpenedStore => {
    assert.ok(opened.database);
    return opened.database;
  };

  before(async () => {
    opened.database = await migratedDatabase(MAIN_DATABASE);
    const { store, folder } = opened.database;
    const context: KnownParts = {
      store,
      clock: { now: () => NOW },
      status: async () => "Running as process 1",
      appUrl: "http://127.0.0.1:1",
    };
    opened.control = await startControl(folder, ({ argv }) => runCommand(context, argv));
    await store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values ('c1', 'email', now(), now())`,
      );
      await saveTrace(transaction, traceOf("t1", "c1"));
      await saveTrace(transaction, {
        ...traceOf("t2", "c1"),
        started_at: later(1_000).toISOString(),
      });
      await appendAudit(transaction, { kind: "done", data: { key: "a" } }, NOW);
      await appendAudit(transaction, { kind: "done", data: { key: "b" } }, NOW);
    });
  });
  after(async () => {
    await opened.control?.close();
    await opened.database?.close();
  });

  const inside = (...argv: string[]): Promise<CommandResult> => typed(database().folder, argv);

  async function called(...argv: string[]): Promise<CommandResult> {
    const result = await callControl(database().folder, argv);
    assert.ok(result);
    return result;
  }

  test("run inside the process that holds the data, with its output and exit code", async () => {
    const status = await inside("status");
    assert.deepEqual(
      [status.exitCode, status.stderr, status.stdout.split("\n")[0]],
      [0, "", "Running as process 1"],
    );
    const unknown = await inside("approve-everything");
    assert.equal(unknown.exitCode, 1);
    assert.equal(unknown.stdout, "");
    assert.match(unknown.stderr, /unknown command 'approve-everything'/);
  });

  test("that are mistyped say what is wrong in a line or two, and exit with 1", async () => {
    for (const [argv, words] of [
      [["audit"], /verify/],
      [["audit", "forge"], /unknown command 'forge'|verify/],
      [["trace", "t1", "--yaml"], /unknown option '--yaml'/],
      [["pause", "fax"], /'fax' is nothing that can be paused.*\(all\), .*zendesk.*refund/],
      [["console"], /missing required argument 'email'/],
      [["console", "sam"], /sam is no e-mail address/],
      [["evals", "nothing"], /no conversation is known under nothing/],
      [["evals", "nothing", "--accept"], /say who decides/],
      [["evals", "--accept", "--as", "lea@ourshop.test"], /say the id of one candidate/],
      [["trace", "nothing"], /no turn is known under nothing/],
      [["trace", "--replay"], /say which turn/],
      [["trace", "t1", "--with", "policy"], /--with belongs to --replay/],
      [["dead-letters", "--all"], /belong to --redrive/],
      [["dead-letters", "--redrive"], /say which one, or --all/],
      [["dead-letters", "nothing"], /no dead letter is known under nothing/],
      [["backup", "file"], /no data to work on/],
      [["restore", "file"], /Deskhand runs\. Stop it first/],
      [["init"], /typed in the folder/],
      [["doctor", "--upgrade"], /in the folder of the new version/],
    ] as const) {
      const { exitCode, stdout, stderr } = await called(...argv);
      assert.deepEqual([exitCode, stdout], [1, ""], argv.join(" "));
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /^\s+at |\[\n/m, "a stack or a dump");
    }
  });

  test("have a help page that names them all", async () => {
    const { exitCode, stdout } = await called("--help");
    assert.equal(exitCode, 0);
    const listed = [...stdout.matchAll(/^ {2}([a-z][a-z-]+)/gm)].map(([, name]) => name);
    assert.deepEqual(listed.slice(0, 4), ["init", "doctor", "status", "console"]);
    for (const name of "trace policy pause resume evals dead-letters audit".split(" "))
      assert.ok(listed.includes(name), name);
    assert.match(stdout, /^Start here:$[^]*^For leads:$[^]*^For admins:$/m);
  });

  test("trace tells a person every turn of a conversation, oldest first, and a program all of it", async () => {
    const words = await called("trace", "c1");
    assert.equal(words.exitCode, 0);
    assert.ok(words.stdout.indexOf("t1") < words.stdout.indexOf("t2"));
    assert.match(words.stdout, /^Outcome:\n {2}answered: approved and sent$/m);
    const json = await inside("trace", "c1", "--json");
    assert.equal(json.stderr, "");
    const turns = z.array(TurnTrace).parse(JSON.parse(json.stdout));
    assert.deepEqual(
      turns.map((turn) => turn.request_id),
      ["t2", "t1"],
    );
    const one = z
      .array(TurnTrace)
      .parse(JSON.parse((await called("trace", "t1", "--json")).stdout));
    assert.deepEqual(one, [traceOf("t1", "c1")]);
    assert.deepEqual(JSON.parse((await called("trace", "nothing", "--json")).stdout), []);
    assert.match((await called("trace")).stdout, /^t2 .*\nt1 /);
  });

  test("trace takes an id as shortened as it is printed, and no prefix that several ids share", async () => {
    const [conversation, turn] = ["c_0123456789abcdef0123", "t_fedcba9876543210fedc"];
    await database().store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values (${conversation}, 'email', now(), now())`,
      );
      const earlier = { started_at: later(-1_000).toISOString() };
      await saveTrace(transaction, { ...traceOf(turn, conversation), ...earlier });
    });
    const found = async (id: string) =>
      z
        .array(TurnTrace)
        .parse(JSON.parse((await called("trace", id, "--json")).stdout))
        .map(({ request_id: id }) => id);
    for (const id of [conversation, turn, "c_012345", "t_fedcba", "t_fedcba9876543210fed"])
      assert.deepEqual(await found(id), [turn], id);
    for (const id of ["c_01234", "c_", "t_fedcbb", "c_01234%", "fedcba98"])
      assert.deepEqual(await found(id), [], id);
  });

  test("audit verify gives the head of a whole chain and names the entry of a broken one", async () => {
    const whole = await called("audit", "verify");
    assert.match(whole.stdout, /^\d+ entries, head [0-9a-f]{64}\n$/);
    const { store } = database();
    const tamper = (to: string) =>
      store.run((transaction) =>
        transaction.execute(sql`update audit set data = ${to}::jsonb where seq = 2`),
      );
    await tamper('{"key": "c"}');
    const broken = await called("audit", "verify");
    assert.deepEqual([broken.exitCode, broken.stdout], [1, ""]);
    assert.match(broken.stderr, /changed at entry 2\b/);
    await tamper('{"key": "b"}');
    assert.deepEqual(await called("audit", "verify"), whole);
  });

  test("console gives a link that works once, for an address however it is typed", async () => {
    const { stdout, exitCode } = await called("console", "Sam@Shop.test");
    assert.equal(exitCode, 0);
    assert.match(stdout, /^http:\/\/127\.0\.0\.1:1\//);
  });
});

describe("without a running Deskhand", () => {
  testLong(
    "a command opens the data itself, leaves it as it was, and gives it free again",
    async (context) => {
      const folder = join(temporaryFolder(context), "data");
      const first = await typed(folder, ["pause", "chat"]);
      assert.deepEqual(
        [first.exitCode, first.stderr, first.stdout],
        [0, "", "Paused: chat, by command line.\n"],
      );
      assert.equal(statSync(folder).mode & 0o077, 0, "others can look into the data");
      const second = await typed(folder, ["pause", "email"]);
      assert.equal(second.stdout, "Paused: chat, email, by command line.\n");
      assert.equal(existsSync(join(folder, "deskhand.lock")), false);
      assert.deepEqual(readdirSync(folder), ["deskhand.flock", "pglite"]);
    },
  );

  test("data that another process has open is named with that process", async (context) => {
    const folder = temporaryFolder(context);
    const lock = lockDataFolder(folder);
    const { exitCode, stderr } = await typed(folder, ["status"]);
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`process ${process.pid}\\b`));
    lock.release();
  });

  testLong("no link to the console is made that would lead nowhere", async (context) => {
    const { exitCode, stderr } = await typed(temporaryFolder(context), [
      "console",
      "sam@shop.test",
    ]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /Start it first/);
  });
});

test("audit verify says whether a head noted earlier is still in the chain", async (context) => {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store } = database;
  const verify = (...options: string[]): Promise<CommandResult> =>
    runCommand({ store, clock: { now: () => NOW }, status: null, appUrl: null }, [
      "audit",
      "verify",
      ...options,
    ]);
  const append = (key: string): Promise<void> =>
    store.run(appendAudit, { kind: "done", data: { key } }, NOW);
  const start = "0".repeat(64);
  assert.match((await verify("--head", start)).stdout, /still in the chain, at entry 0/);
  for (const key of ["a", "b"]) await append(key);
  const [, noted = ""] = /head ([0-9a-f]{64})/.exec((await verify()).stdout) ?? [];
  await append("c");

  const still = await verify("--head", noted.toUpperCase());
  assert.deepEqual([still.exitCode, still.stderr], [0, ""]);
  assert.match(still.stdout, /^3 entries, head [0-9a-f]{64}\nthe noted head is .* at entry 2\n$/);

  // An attacker who cuts the end off and writes it anew has a chain that is whole by itself.
  await store.run(async (transaction) => {
    await transaction.execute(sql`delete from audit where seq > 1`);
    await transaction.execute(
      sql`update setting set value = (select to_jsonb(hash) from audit) where name = 'audit.head'`,
    );
    await appendAudit(transaction, { kind: "done", data: { key: "forged" } }, NOW);
  });
  assert.equal((await verify()).exitCode, 0);
  const gone = await verify("--head", noted);
  assert.deepEqual([gone.exitCode, gone.stdout], [1, ""]);
  assert.match(gone.stderr, new RegExp(`does not contain the head ${noted}`));
  assert.match((await verify("--head", "abc")).stderr, /abc is no head/);
});
