/** What is said when the database, Redis or the place for mails refuses: what happened, what was kept, what to do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { S3ServiceError } from "s3mini";
import { redisSentence } from "#redis/clients.ts";
import { needsAnotherConnection } from "#redis/clients.ts";
import { bucketSentence, folderSentence } from "#store/blobs/storage.ts";
import { databaseSentence, isDatabaseTrouble } from "#store/db/database.ts";

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
