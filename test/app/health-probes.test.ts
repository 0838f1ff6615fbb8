/** When the process that reads the channels says that it is not ready, and what it only tells; what a database, a Redis or a place for mails refuses, and what a start waits for. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test, type TestContext } from "node:test";
import { connectionBoard } from "#core/connection/connection-board.ts";
import { probeChannels, probeReconciler } from "#app/health-probes.ts";
import { quiet } from "#test/jobs/operating/quiet.ts";
import { S3ServiceError } from "s3mini";
import {
  evictionPolicy,
  redisClient,
  redisSentence,
  needsAnotherConnection,
} from "#redis/clients.ts";
import { bucketSentence, folderSentence } from "#store/blobs/storage.ts";
import { databaseSentence, isDatabaseTrouble, openPostgres } from "#store/db/database.ts";
import { mendFor } from "#doctor/mends.ts";
import { silentLog } from "#test/store/bench.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { listen } from "#test/support/loopback.ts";
import { waitForPlace } from "#app/foundation.ts";

function boardOfFour() {
  const board = connectionBoard({ now: () => new Date(0) });
  const inboxes = ["a@shop.example", "b@shop.example", "c@shop.example"].map((address) =>
    board.of(`mail ${address}`, "email"),
  );
  const socket = board.of("Slack's socket", "slack");
  for (const report of [...inboxes, socket]) report.up();
  return { board, inboxes, socket };
}

const STARTED = { reconcilerAgeMs: null, connected: true };

test("one lost inbox of several is told and decides nothing, the last one does", () => {
  const { board, inboxes } = boardOfFour();
  assert.equal("degraded" in probeChannels(STARTED, board).facts, false);

  const [first, ...others] = inboxes;
  first?.down("the login was refused");
  const one = probeChannels(STARTED, board);
  assert.equal("reason" in one, false);
  assert.deepEqual("degraded" in one.facts && one.facts.degraded, [
    "mail a@shop.example: the login was refused",
  ]);

  for (const report of others) report.down("no answer");
  const all = probeChannels(STARTED, board);
  assert.equal(
    "reason" in all && all.reason,
    "mail a@shop.example: the login was refused; mail b@shop.example: no answer; mail c@shop.example: no answer",
  );

  first?.up();
  assert.equal("reason" in probeChannels(STARTED, board), false);
});

test("a channel with a single connection is lost with it, whatever the others do", () => {
  const { board, inboxes, socket } = boardOfFour();
  inboxes[1]?.down("no answer");
  socket.down("Slack closed it");
  const look = probeChannels(STARTED, board);
  assert.equal("reason" in look && look.reason, "Slack's socket: Slack closed it");
  assert.deepEqual("degraded" in look.facts && look.facts.degraded, [
    "mail b@shop.example: no answer",
  ]);
  socket.up();
  assert.equal("reason" in probeChannels(STARTED, board), false);
});

test("before everything was started no channel counts as there", () => {
  const { board } = boardOfFour();
  assert.equal(probeChannels({ connected: false }, board).reason, "not connected yet");
});

test("the worker that leads is not ready while what is due does not move for 30 seconds", () => {
  const now = new Date("2026-11-20T10:00:00.000Z");
  const after = (seconds: number) => {
    const seen = quiet(now);
    const due = { count: 2, oldest: new Date(now.getTime() - seconds * 1_000) };
    const figures = () => ({ ...seen, figures: { ...seen.figures, due } });
    return probeReconciler({ reconcilerAgeMs: () => 0, figures });
  };
  assert.deepEqual(after(30), {});
  assert.deepEqual(after(90), {
    reason: "2 cards and effects are due and do not move, the oldest for 2 min.",
  });
  assert.deepEqual(probeReconciler({ reconcilerAgeMs: () => 0, figures: () => null }), {});
});

/** As the drivers throw it: the query builder's error around the server's, with the parameters in its words. */
function failed(code: string, message: string): Error {
  return new Error("Failed query: insert … params: ann@customer.test", {
    cause: Object.assign(new Error(message), { code }),
  });
}

test("a database that refuses is a trouble that passes, named without a customer's words", () => {
  const cases = {
    "25006": [/read-only/, /DATABASE_URL/],
    "53100": [/disk is full/, /Make room/],
    ENOSPC: [/disk is full/, /Make room/],
    "53300": [/no connection left/, /max_connections/],
    "53200": [/no memory left/, /more/],
    "55P03": [/took too long/, /pg_stat_activity/],
    ECONNREFUSED: [/cannot be reached/, /network/],
  } as const;
  for (const [code, [happened, remedy]] of Object.entries(cases)) {
    const error = failed(code, `words of ${code}`);
    assert.ok(isDatabaseTrouble(error), code);
    const told = databaseSentence(error);
    assert.match(told, happened);
    assert.match(told, remedy);
    assert.match(told, /accepted is kept/);
    assert.match(told, new RegExp(`words of ${code}`));
    assert.doesNotMatch(told, /ann@/);
  }
  assert.equal(isDatabaseTrouble(failed("23505", "a second row")), false);
});

test("a Redis that refuses is told from one that is away, and a former primary is left", () => {
  const reply = (message: string): Error =>
    Object.assign(new Error(message), { name: "ReplyError" });
  const cases = [
    ["OOM command not allowed when used memory > 'maxmemory'.", /no memory left/, /maxmemory/],
    ["READONLY You can't write against a read only replica.", /read-only replica/, /REDIS_URL/],
    ["MISCONF Redis is configured to save RDB snapshots", /its disk/, /Make room/],
    ["LOADING Redis is loading the dataset in memory", /loading/, /Wait/],
    ["ERR max number of clients reached", /no connection left/, /maxclients/],
    ["NOPERM this user has no permissions", /refuses our sign-in/, /REDIS_URL/],
    ["CROSSSLOT Keys in request don't hash", /refuses a command \(CROSSSLOT/, /settings/],
  ] as const;
  for (const [words, happened, remedy] of cases) {
    const told = redisSentence(reply(words));
    assert.match(told, happened);
    assert.match(told, remedy);
    assert.match(told, /Nothing is lost/);
    assert.equal(needsAnotherConnection(reply(words)), words.startsWith("READONLY"));
  }
  assert.match(redisSentence(new Error("connect ECONNREFUSED")), /cannot be reached/);
});

/** A Redis with this answer to `CONFIG`; everything else it takes. */
async function redisAnswering(answer: string, context: TestContext) {
  const server = createServer((socket) =>
    socket.on("data", (bytes) => {
      for (const [command] of bytes.toString().matchAll(/\*\d+\r\n[^*]*/g))
        socket.write(
          /\r\nconfig\r\n/i.test(command)
            ? answer
            : /\r\ninfo\r\n/i.test(command)
              ? "$21\r\nredis_version:7.4.0\r\n\r\n"
              : "+OK\r\n",
        );
    }),
  );
  context.after(() => server.close());
  const url = `redis://127.0.0.1:${await listen(server)}`;
  const client = redisClient({ url }, { commandMs: null });
  context.after(() => client.disconnect());
  return client;
}

test("a hosted Redis that hides its setting, in whatever words, is trusted, and no other refusal is", async (context) => {
  const hidden = [
    "-ERR unknown command `config`\r\n",
    "-NOPERM this user has no permissions to run the 'config|get' command\r\n",
    "-ERR Unsupported CONFIG parameter: maxmemory-policy\r\n",
    "-ERR Command is not available: 'CONFIG'\r\n",
    "*0\r\n",
  ];
  for (const answer of hidden)
    assert.equal(await evictionPolicy(await redisAnswering(answer, context)), null, answer);
  const told = "*2\r\n$16\r\nmaxmemory-policy\r\n$11\r\nallkeys-lru\r\n";
  assert.equal(await evictionPolicy(await redisAnswering(told, context)), "allkeys-lru");
  for (const words of ["LOADING the dataset", "WRONGPASS no", "MASTERDOWN Link is down"])
    await assert.rejects(
      evictionPolicy(await redisAnswering(`-${words}\r\n`, context)),
      new RegExp(words),
    );
});

test("a place for mails that refuses says whether it is the disk, the key, the bucket or the clock", () => {
  const folder = (code: string): string => folderSentence(Object.assign(new Error("no"), { code }));
  assert.match(folder("ENOSPC"), /disk is full \(ENOSPC\)\. Mail stays at its source/);
  assert.match(folder("EROFS"), /read-only/);
  assert.match(folder("EACCES"), /may not be read or written/);
  const bucket = (status: number, code: string): string =>
    bucketSentence(new S3ServiceError("no", status, code, "<secret/>"));
  assert.match(bucket(403, "RequestTimeTooSkewed"), /the clock of this machine is wrong.*chronyc/);
  assert.match(bucket(403, "AccessDenied"), /refuses our access \(403 AccessDenied\)/);
  assert.match(bucket(404, "NoSuchBucket"), /bucket is gone/);
  assert.match(bucket(400, "BadDigest"), /refuses a request \(400 BadDigest\)/);
  assert.match(bucket(500, "InternalError"), /does not answer/);
  assert.doesNotMatch(bucket(403, "AccessDenied"), /secret/);
  assert.match(bucketSentence(new Error("fetch failed")), /does not answer.*fetch failed/);
});

const away = new DeskhandError("store.unavailable", "connect ECONNREFUSED");

/** What a place that fails with these says one after the other, and then is there, makes of a start. */
async function started(failures: readonly Error[], isElsewhere = true) {
  const left = [...failures];
  const lines: string[] = [];
  const open = async (): Promise<string> => {
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return "open";
  };
  const opened = await waitForPlace("The database", open, {
    isElsewhere,
    say: (line) => void lines.push(line),
  }).catch((error: unknown) => String(error));
  return { opened, lines, tries: failures.length - left.length };
}

test("what does not answer yet is tried again, and said once", async () => {
  const { opened, lines } = await started([away, away]);
  assert.equal(opened, "open");
  assert.deepEqual(lines, [
    "The database does not answer yet (store.unavailable: connect ECONNREFUSED). It is tried again for five minutes.",
  ]);
});

test("a wrong password, a lasting error and a part of this process end the start at once", async () => {
  for (const [failure, isElsewhere] of [
    [
      new DeskhandError("store.unavailable", 'password authentication failed for user "deskhand"'),
      true,
    ],
    [
      new DeskhandError("store.unavailable", "unable to verify the first certificate", {
        cause: Object.assign(new Error("no"), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }),
      }),
      true,
    ],
    [new DeskhandError("store.bad_backup", "it was written by another program"), true],
    [new Error("a fault of ours"), true],
    [away, false],
  ] as const) {
    const { opened, lines, tries } = await started([failure, failure], isElsewhere);
    assert.match(opened, new RegExp(failure.message.slice(0, 20)));
    assert.deepEqual([lines, tries], [[], 1], failure.message);
  }
});

test("a database that wants TLS ends the start at once, and doctor says what to add to its address", async (context) => {
  // As a managed PostgreSQL answers who comes without: https://www.postgresql.org/docs/current/protocol-error-fields.html
  const fields = [
    "SFATAL",
    "C28000",
    'Mno pg_hba.conf entry for host "10.0.0.1", user "deskhand", database "deskhand", no encryption',
    "",
  ];
  const body = Buffer.from(`${fields.join("\0")}\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  const server = createServer((socket) =>
    socket.once("data", () => socket.end(Buffer.concat([Buffer.from("E"), length, body]))),
  );
  context.after(() => server.close());
  const url = `postgresql://deskhand:secret@127.0.0.1:${await listen(server)}/deskhand`;
  const refused = await openPostgres(url, silentLog).catch((error: unknown) => error);
  assert.ok(refused instanceof DeskhandError);
  const { lines, tries } = await started([refused, refused]);
  assert.deepEqual([lines, tries], [[], 1]);
  assert.match(mendFor(refused) ?? "", /sslmode=verify-full/);
});
