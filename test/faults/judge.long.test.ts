/** Tests the judge: it finds every kind of fault it is meant to find. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "#test/support/waiting.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { openCaseContext, type OpenCaseContext } from "./arena.ts";
import type {
  DatabaseState,
  ExternalState,
  Sent,
  Shown,
  StoredEffect,
  StoredMessage,
} from "./evidence.ts";
import { queryPostgres } from "./inside.ts";
import type { Installation } from "./installation.ts";
import { judge } from "./judge.ts";
import { runCase } from "./run-case.ts";

const sent = (id: string): Sent => ({
  channel: "email",
  conversation: "Lamp",
  id,
  answer: null,
  answersMost: 1,
});
const shown = (id: string, inReplyTo: string): Shown => ({
  channel: "email",
  conversation: "Lamp",
  id,
  inReplyTo,
  text: `an answer to ${inReplyTo}`,
});
const stored = (id: number, inReplyTo: string): StoredMessage => ({
  id,
  key: `mail:${inReplyTo}`,
  inReplyTo,
  conversationId: "c_1",
  outcome: "answered",
  turnAt: id * 1_000,
});
const reply = (ref: string, to: string): StoredEffect => ({
  key: `reply:${to}`,
  conversationId: "c_1",
  operation: "reply",
  state: "done",
  ref,
  text: `an answer to ${to}`,
  channel: "email",
  answers: [`mail:${to}`],
});

/** Two mails of one conversation, answered one after the other, and a refund. */
const OUTSIDE: ExternalState = {
  sent: [sent("m1"), sent("m2")],
  shown: [shown("r1", "m1"), shown("r2", "m2")],
  refunds: [{ order: "789", amount: 120, key: "refund:shop:789:0" }],
  wanted: new Map([["789", [120]]]),
  changes: [],
  wantedChanges: [],
};
const REFUND: StoredEffect = {
  ...reply("re_1", "m1"),
  key: "refund:shop:789:0",
  operation: "refund",
  channel: "shop",
};
const INSIDE: DatabaseState = {
  messages: [stored(1, "m1"), stored(2, "m2")],
  effects: [REFUND, reply("r1", "m1"), reply("r2", "m2")],
  audit: ["refund:shop:789:0", "reply:m1", "reply:m2"].map((key) => ({ kind: "done", key })),
  auditBroken: 0,
  asked: [],
  unreadHints: 0,
};
const counts = (outside: Partial<ExternalState>, inside: Partial<DatabaseState> = {}) => {
  const { lost, twice, outOfOrder, reasons } = judge(
    { ...OUTSIDE, ...outside },
    { ...INSIDE, ...inside },
  );
  return { lost, twice, outOfOrder, isClean: reasons.length === 0 };
};

describe("the judge", () => {
  test("finds nothing where everything happened once and in order", () => {
    assert.deepEqual(judge(OUTSIDE, INSIDE), { lost: 0, twice: 0, outOfOrder: 0, reasons: [] });
  });

  test("sees a message that was never read, has no outcome, or whose answer the customer does not see", () => {
    assert.equal(counts({}, { messages: [stored(1, "m1")] }).lost, 1);
    const open = { ...stored(2, "m2"), outcome: null };
    assert.equal(counts({}, { messages: [stored(1, "m1"), open] }).lost, 1);
    // Twice told: the message without an answer, and the reply that counts as sent.
    assert.equal(counts({ shown: [shown("r1", "m1")] }).lost, 2);
  });

  test("a message that waits on a card in front of people is not lost, on a card no teammate has it is", () => {
    const messages = [stored(1, "m1"), { ...stored(2, "m2"), outcome: null }];
    const waiting = {
      messages,
      effects: [REFUND, reply("r1", "m1")],
    };
    assert.ok(counts({ shown: [shown("r1", "m1")] }, { ...waiting, asked: ["mail:m2"] }).isClean);
    assert.equal(counts({ shown: [shown("r1", "m1")] }, waiting).lost, 1);
  });

  test("sees a second refund, a second one under the same key, and one that is missing", () => {
    const [one] = OUTSIDE.refunds;
    assert.ok(one);
    assert.equal(counts({ refunds: [one, { ...one, key: "other" }] }).twice, 1);
    assert.equal(counts({ refunds: [one, one], wanted: new Map([["789", [120, 120]]]) }).twice, 1);
    assert.ok(counts({ refunds: [] }).lost > 0);
    assert.equal(counts({ wanted: new Map() }).twice, 1);
  });

  test("sees another change of an order that was made twice, that nobody wanted, or that is missing", () => {
    const change = { what: "return_started", order: "1001", key: "return:shop:1001" };
    const wantedChanges = [{ what: "return_started", order: "1001" }];
    const effect = { ...REFUND, key: change.key, operation: "start_return" };
    const known = {
      effects: [...INSIDE.effects, effect],
      audit: [...INSIDE.audit, { kind: "done", key: change.key }],
    };
    assert.ok(counts({ changes: [change], wantedChanges }, known).isClean);
    const again = { ...change, key: "another" };
    assert.equal(counts({ changes: [change, again], wantedChanges }, known).twice, 1);
    assert.equal(counts({ changes: [change] }, known).twice, 1);
    assert.equal(counts({ wantedChanges }).lost, 1);
    // The shop lacks it, and the ledger has it as done.
    assert.equal(counts({ wantedChanges }, known).lost, 2);
  });

  test("sees the same mail twice, a second answer in other words, and an answer that is not in the ledger", () => {
    assert.ok(counts({ shown: [...OUTSIDE.shown, shown("r1", "m1")] }).twice > 0);
    const again = { ...shown("r3", "m1"), text: "in other words" };
    assert.ok(counts({ shown: [...OUTSIDE.shown, again] }).twice > 0);
    const own = { ...reply("r3", "m1"), key: "reply:again", text: "in other words" };
    const audit = [...INSIDE.audit, { kind: "done", key: "reply:again" }];
    assert.equal(
      counts({ shown: [...OUTSIDE.shown, again] }, { effects: [...INSIDE.effects, own], audit })
        .twice,
      1,
    );
  });

  test("sees messages read and answers given in the wrong order", () => {
    assert.equal(counts({ shown: OUTSIDE.shown.toReversed() }).outOfOrder, 1);
    const late = { ...stored(1, "m1"), turnAt: 9_000 };
    assert.equal(counts({}, { messages: [late, stored(2, "m2")] }).outOfOrder, 1);
    assert.equal(counts({}, { messages: [stored(3, "m1"), stored(2, "m2")] }).outOfOrder, 2);
  });

  test("sees an effect the audit lacks, a broken chain, and work left behind", () => {
    assert.ok(!counts({}, { audit: INSIDE.audit.slice(1) }).isClean);
    assert.ok(!counts({}, { auditBroken: 1 }).isClean);
    assert.ok(!counts({}, { unreadHints: 1 }).isClean);
    const waiting = { ...reply("", "m3"), ref: null, state: "intended" };
    assert.ok(!counts({}, { effects: [...INSIDE.effects, waiting] }).isClean);
  });
});

describe("a case", () => {
  const options = { quick: true, note: () => undefined };
  const faultCase = { id: 99, name: "a case of the test's own" };

  test("does not hold when it ends with an error, is not judged, or hangs", async () => {
    const failing = await runCase(
      { ...faultCase, run: async () => Promise.reject(new Error("it broke")) },
      options,
    );
    assert.equal(failing.ok, false);
    assert.match(failing.reasons.join("\n"), /it broke/);
    const unjudged = await runCase({ ...faultCase, run: async () => undefined }, options);
    assert.deepEqual(unjudged.reasons, ["it was not judged"]);
    const hanging = await runCase(
      { ...faultCase, seconds: 0.2, run: () => new Promise(() => undefined) },
      options,
    );
    assert.match(hanging.reasons.join("\n"), /did not end within 0.2 s/);
  });
});

describe("the judge before a whole Deskhand", { skip: postgresMissing }, () => {
  let open: OpenCaseContext;
  let installation: Installation;
  before(async () => {
    open = openCaseContext({ quick: true, note: () => undefined });
    installation = await open.context.install();
    await installation.mail(
      "bob@elsewhere.test",
      "Cable",
      "Please refund order 1002, it is broken",
    );
    await installation.chat("u123", "chat-of-ann", "Where is my order 789?", { answer: /789/ });
    await installation.ticket("Lamp", "Where is my order 456?", { answer: /456/ });
    installation.wantRefund("1002", 9);
    const card = await installation.deskhand().card((text) => text.includes("456"));
    await installation.deskhand().press("sam", card, "Send");
  });
  after(() => open.close());
  const change = (statement: string): Promise<unknown> =>
    queryPostgres(installation.databaseUrl, (ask) => ask(statement));

  test("a mail, a chat and a ticket that went well give a clean verdict", async () => {
    const verdict = await installation.judge();
    assert.deepEqual(verdict, { lost: 0, twice: 0, outOfOrder: 0, reasons: [] });
  });

  test("a refund and a mail behind the ledger's back, and a message taken out of the database, are seen", async () => {
    const deskhand = installation.deskhand();
    await deskhand.shop(
      "/orders/1003/refunds",
      { amount: 8, currency: "USD", reason: "nobody asked" },
      { "idempotency-key": "behind-the-back" },
    );
    const [first] = await deskhand.mailbox("bob@elsewhere.test");
    await fetch(`${deskhand.endpoints.email?.web}/api/mail`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        from: deskhand.endpoints.email?.address,
        to: "bob@elsewhere.test",
        subject: "Re: Cable",
        text: first?.text,
        inReplyTo: first?.headers["in-reply-to"],
      }),
    });
    await until(
      "the second mail",
      async () => (await deskhand.mailbox("bob@elsewhere.test")).length === 2,
    );
    // Deskhand runs, and would mend what it finds.
    await change("update conversation set hold_until = now() + interval '1 hour'");
    await change("update message set outcome = null where key like 'zendesk:%'");
    await change("update message set key = 'gone' where key like 'chat:%'");
    await change("update audit set previous = 'x' where seq = 2");
    const { lost, twice, reasons } = await installation.judge({ withinMs: 1_000 });
    assert.equal(lost, 2, reasons.join("\n"));
    assert.ok(twice >= 3, reasons.join("\n"));
    assert.match(reasons.join("\n"), /chain is broken/);
  });
});
