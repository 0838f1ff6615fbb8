import assert from "node:assert/strict";
import { test } from "node:test";
import { limitedDns, cachedDns } from "#email/sender-auth/dkim.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

/** A name server that answers what it is told to, and counts. */
function nameServer(answers: readonly (string | Error)[]) {
  const asked: string[] = [];
  return {
    asked,
    resolve: async (name: string, type: string): Promise<string[][]> => {
      asked.push(`${type} ${name}`);
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      if (answer === undefined || answer instanceof Error) throw answer ?? failure("ENOTFOUND");
      return [[answer]];
    },
  };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function clockAt(start: number) {
  let at = start;
  return { now: () => new Date(at), pass: (ms: number) => void (at += ms) };
}

const MINUTE_MS = 60_000;
const LIMITS = { mailMs: 5_000, questionsMax: 5, pausesMs: [] };

test("that there is nothing is remembered for a minute, a failure not at all", async () => {
  const clock = clockAt(0);
  const server = nameServer([failure("ENOTFOUND"), failure("ESERVFAIL"), "found"]);
  const dns = cachedDns(server.resolve, clock.now);
  await assert.rejects(async () => dns("a.test", "TXT"), { code: "ENOTFOUND" });
  await assert.rejects(async () => dns("a.test", "TXT"), { code: "ENOTFOUND" });
  assert.equal(server.asked.length, 1);
  clock.pass(2 * MINUTE_MS);
  await assert.rejects(async () => dns("a.test", "TXT"), { code: "ESERVFAIL" });
  assert.deepEqual(await dns("a.test", "TXT"), [["found"]]);
});

test("a failed question is asked again a few times for each mail, that there is nothing is believed", async () => {
  const shaky = nameServer([failure("ESERVFAIL"), failure("ECONNREFUSED"), "found"]);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const dns = limitedDns(shaky.resolve, { ...LIMITS, pausesMs: [1, 1] }, signal);
  assert.deepEqual(await dns("a.test", "TXT"), [["found"]]);
  const away = nameServer([failure("ESERVFAIL")]);
  const patient = limitedDns(away.resolve, { ...LIMITS, pausesMs: [1, 1] }, signal);
  await assert.rejects(async () => patient("a.test", "TXT"), { code: "ESERVFAIL" });
  await assert.rejects(async () => patient("b.test", "TXT"), { code: "ESERVFAIL" });
  assert.deepEqual(away.asked, ["TXT a.test", "TXT a.test", "TXT a.test", "TXT b.test"]);
  const empty = nameServer([failure("ENODATA")]);
  const once = limitedDns(empty.resolve, { ...LIMITS, pausesMs: [1, 1] }, signal);
  await assert.rejects(async () => once("a.test", "TXT"), { code: "ENODATA" });
  assert.equal(empty.asked.length, 1);
});

test("a name server that never answers holds a mail up for its time and no longer", async () => {
  const silent = limitedDns(
    () => new Promise<never>(() => {}),
    { ...LIMITS, mailMs: 30, pausesMs: [1] },
    AbortSignal.timeout(PATIENCE_MS),
  );
  await assert.rejects(async () => silent("a.test", "TXT"), { code: "ETIMEOUT" });
  await assert.rejects(async () => silent("b.test", "TXT"), { code: "ETIMEOUT" });
});

test("one mail makes us ask a limited number of questions", async () => {
  const server = nameServer(["x"]);
  const dns = limitedDns(server.resolve, LIMITS, AbortSignal.timeout(PATIENCE_MS));
  for (let at = 0; at < 5; at += 1) await dns(`${at}.test`, "TXT");
  await assert.rejects(async () => dns("6.test", "TXT"), { code: "ETIMEOUT" });
  assert.equal(server.asked.length, 5);
});
