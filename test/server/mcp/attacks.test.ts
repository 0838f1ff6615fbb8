/** Hostile requests to the assistant's server: none reads, proposes or changes anything that it may not. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { TokenScope } from "#store/identity/access-tokens.ts";
import { sql } from "#store/db/drizzle.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import {
  type Answer,
  callBody,
  callHeaders,
  onAssistants,
  startAssistants,
  stateDigest,
} from "./bench.ts";
const LEA = "lea@ourshop.test";
const UNKNOWN = `dk_${"A".repeat(43)}`;

onAssistants("hostile requests to the assistant's server", (bench, assistants, me) => {
  let caseId = "";
  beforeEach(async () => {
    bench.answer(() => replying("We refund your headphones.", { actions: [refundOf(12_000)] }));
    caseId = await bench.write("SECRET WORDS: my headphones broke. Please refund order 789.");
    await bench.pass(1_000);
    before = await stateDigest(bench);
  });
  afterEach(async () => {
    // Nor does anything come of it later.
    await bench.pass(6_000, 2);
    assert.equal(await stateDigest(bench), before);
  });

  let before = "";
  const nothingHappened = async (answer: Pick<Answer, "text">, kind = ""): Promise<void> => {
    assert.doesNotMatch(answer.text, /SECRET|headphones/, kind);
    assert.equal(await stateDigest(bench), before, kind);
  };

  const READS = "read_case";
  const post = (headers: Record<string, string>, body = callBody(READS, { id: caseId })) =>
    assistants.send({ headers: { ...callHeaders(me.token, READS), ...headers }, body });

  // Who calls. How a token may be misspelt is tried on the API, which reads tokens in the same place.

  const TOKENS: Readonly<Record<string, () => Promise<string> | string>> = {
    "none at all": () => "",
    "an unknown one": () => `Bearer ${UNKNOWN}`,
    "a machine's": async () => `Bearer ${await assistants.token({ email: null })}`,
    "of a person whose role was taken away": () => {
      bench.rule({ roleOf: () => null });
      return `Bearer ${me.token}`;
    },
  };
  test("by no token that does not hold", async () => {
    for (const [kind, authorization] of Object.entries(TOKENS)) {
      await bench.execute(sql`delete from access_token`);
      me.token = await assistants.token();
      const answer = await post({ authorization: await authorization() });
      assert.match(String(answer.status), /^40[13]$/, kind);
      assert.equal(answer.headers["www-authenticate"], 'Bearer scope="assistant"', kind);
      await nothingHappened(answer, kind);
    }
  });

  test("by no token that has another scope alone", async () => {
    for (const scope of TokenScope.options.filter((one) => one !== "assistant")) {
      const other = await assistants.token({ scopes: [scope] });
      const answer = await post({ authorization: `Bearer ${other}` });
      assert.equal(answer.status, 403);
      assert.match(answer.text, /lacks the scope assistant/);
      await nothingHappened(answer, scope);
    }
  });

  test("a token in the address, in a cookie or in the body counts for nothing", async () => {
    const { authorization: _left, ...headers } = callHeaders(me.token, READS);
    const body = callBody(READS, { id: caseId });
    for (const asked of [
      { path: `/mcp?access_token=${me.token}`, headers, body },
      { headers: { ...headers, cookie: `deskhand_session=${me.token}; token=${me.token}` }, body },
      { headers, body: body.replace('"jsonrpc"', `"access_token":"${me.token}","jsonrpc"`) },
    ]) {
      const answer = await assistants.send(asked);
      assert.equal(answer.status, 401);
      await nothingHappened(answer);
    }
  });

  // From where.

  const PLACES: readonly (readonly [kind: string, headers: Record<string, string>])[] = [
    ["a page of another site", { origin: "https://evil.test" }],
    ["a page of no origin", { origin: "null" }],
    ["a name that was pointed at us", { host: "evil.test" }],
    ["a name that begins like ours", { host: "127.0.0.1.evil.test" }],
    ["a forwarded name", { host: "evil.test", "x-forwarded-host": "127.0.0.1" }],
    ["every address", { host: "0.0.0.0" }],
  ];
  test("from no other place than its own", async () => {
    for (const [kind, headers] of PLACES) {
      const answer = await post(headers);
      assert.equal(answer.status, 403, `${kind}: ${answer.text}`);
      await nothingHappened(answer, kind);
    }
  });

  test("where Deskhand has a public name, only that one is answered, and only over https", async () => {
    for (const [origin, host, status] of [
      ["https://desk.example.com", "desk.example.com", 200],
      ["https://desk.example.com", "127.0.0.1", 403],
      ["https://desk.example.com", "localhost", 403],
      ["http://desk.example.com", "desk.example.com", 403],
    ] as const) {
      const there = await startAssistants(bench, { origin });
      const headers = { ...callHeaders(me.token, "report"), host };
      const answer = await there.send({ headers, body: callBody("report", {}) });
      assert.equal(answer.status, status, `${origin} ${host}`);
      await there.close();
    }
  });

  // How.

  test("by no other method than POST", async () => {
    for (const method of ["GET", "DELETE", "PUT", "PATCH", "OPTIONS"]) {
      const answer = await assistants.send({ method, headers: callHeaders(me.token, READS) });
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers["allow"], "POST");
      await nothingHappened(answer, method);
    }
  });

  const BODIES: readonly (readonly [kind: string, body: () => string])[] = [
    ["nothing", () => ""],
    ["no JSON", () => "{"],
    ["a list", () => "[]"],
    [
      "many calls at once",
      () => `[${Array.from({ length: 50 }, () => callBody(READS, { id: caseId })).join()}]`,
    ],
    ["an unknown method", () => callBody(READS, {}).replace("tools/call", "cards/approve")],
    ["a depth that breaks readers", () => `${"[".repeat(20_000)}${"]".repeat(20_000)}`],
    [
      "a subscription that stays open",
      () => callBody(READS, {}).replace("tools/call", "subscriptions/listen"),
    ],
    ["an unknown tool", () => callBody("approve", { case: caseId })],
    ["a property of every object", () => callBody("constructor", {})],
  ];
  test("with no body that is none of its calls, and more than the longest reply is not read to its end", async () => {
    for (const [kind, body] of BODIES) {
      const answer = await post({}, body());
      assert.doesNotMatch(answer.text, /"isError":false|at \w+ \(/, kind);
      await nothingHappened(answer, kind);
    }
    const answer = await post({}, callBody("draft_reply", { text: "x".repeat(140_000) }));
    assert.equal(answer.status, 413);
  });

  test("another name in the header than in the body, and a second of each, is refused", async () => {
    for (const headers of [
      { "mcp-name": "report" },
      { "mcp-method": "tools/list" },
      { "content-type": "text/plain" },
    ]) {
      const answer = await post(headers);
      assert.match(String(answer.status), /^4/, JSON.stringify(headers));
      await nothingHappened(answer);
    }
  });

  test("a flood by one token, and guesses from one address, are told to come back later", async () => {
    let refused = 0;
    for (let count = 0; count < 130; count += 1) {
      const { status } = await post({}, callBody("report", { days: 3 }));
      if (status === 429) refused += 1;
    }
    assert.equal(refused, 10);
    let guessed = 0;
    for (let count = 0; count < 70; count += 1) {
      const answer = await post({ authorization: `Bearer ${UNKNOWN}` });
      if (answer.status === 429) guessed += 1;
      else assert.equal(answer.status, 401);
    }
    assert.equal(guessed, 10);
    // Another token is not shut out by either.
    const other = await assistants.token({ email: LEA });
    assert.equal((await assistants.call(other, "report", {})).isError, false);
  });
});
