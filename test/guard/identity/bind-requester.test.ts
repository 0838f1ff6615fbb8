import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import {
  type IdentityEvidence,
  type Proof,
  weakerProof,
  witnessedIdentity,
} from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { Customer, Shop } from "#core/contracts/shop.ts";
import {
  bindForSystems,
  bindRequester,
  withSignedNames,
  oneClaimedAddress,
} from "#guard/identity/bind-requester.ts";
import { mail } from "#test/guard/input/inbox.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const ANN: Customer = { id: "u123", name: "Ann Fields", email: "ann@customer.test" };

/** A shop that knows Ann, finds addresses loosely as some do, and notes what it was asked. */
function shopWithAnn(): { readonly shop: Shop; readonly asked: string[] } {
  const asked: string[] = [];
  const unexpected = () => Promise.reject(new Error("not asked here"));
  return {
    asked,
    shop: {
      async customer(id) {
        asked.push(`customer ${id}`);
        return id === ANN.id ? ANN : null;
      },
      async customerByEmail(email) {
        asked.push(`email ${email}`);
        return email.toLowerCase().includes("ann@customer.test") ? ANN : null;
      },
      orders: unexpected,
      order: unexpected,
      payments: unexpected,
    },
  };
}

function evidence(
  level: IdentityEvidence["level"],
  handle: IdentityEvidence["handle"],
): IdentityEvidence {
  return { level, method: "test", reason: "Because of the test", handle };
}

async function bound(level: IdentityEvidence["level"], handle: IdentityEvidence["handle"]) {
  return bindRequester(
    evidence(level, handle),
    shopWithAnn().shop,
    AbortSignal.timeout(PATIENCE_MS),
  );
}

const annByMail = { kind: "email", email: "ann@customer.test" } as const;

test("what a proof is not enough for goes with it, to whomever it is bound", async () => {
  for (const bind of [bindRequester, bindForSystems])
    for (const email of ["ann@customer.test", "nobody@customer.test"]) {
      const witnessed = witnessedIdentity("dkim+spf", "two witnesses", email);
      const requester = await bind(witnessed, shopWithAnn().shop, AbortSignal.timeout(PATIENCE_MS));
      assert.deepEqual([requester.level, requester.actingLevel], [2, 1]);
    }
});

test("of two proofs the one that lets change less is the weaker, whichever comes first", () => {
  const [claimed, witnessed, signed, code] = [
    { level: 1 },
    { level: 2, actingLevel: 1 },
    { level: 2 },
    { level: 3 },
  ] as const satisfies readonly Proof[];
  const inOrder = [claimed, witnessed, signed, code];
  for (const [at, first] of inOrder.entries())
    for (const [other, second] of inOrder.entries())
      assert.equal(weakerProof<Proof>(first, second), inOrder[Math.min(at, other)]);
});

test("a proven address binds to its customer, with the shop's name and address", async () => {
  assert.deepEqual(await bound(2, { kind: "email", email: "Ann@Customer.test" }), {
    level: 2,
    customerId: "u123",
    emailOnFile: "ann@customer.test",
    name: "Ann Fields",
    reason: "Because of the test",
  });
});

test("a proven customer id binds to that customer", async () => {
  assert.equal((await bound(2, { kind: "customer", customerId: "u123" })).name, "Ann Fields");
  assert.equal((await bound(3, { kind: "customer", customerId: "u123" })).customerId, "u123");
  assert.equal((await bound(2, { kind: "customer", customerId: "u999" })).customerId, null);
});

test("a claimed address binds to no customer and keeps the address on file alone", async () => {
  assert.deepEqual(await bound(1, annByMail), {
    level: 1,
    customerId: null,
    emailOnFile: "ann@customer.test",
    name: null,
    reason: "Because of the test",
  });
});

test("a claimed customer id and an unknown sender bind to nothing, and the shop is not asked", async () => {
  const { shop, asked } = shopWithAnn();
  const signal = AbortSignal.timeout(PATIENCE_MS);
  for (const [level, handle] of [
    [1, { kind: "customer", customerId: "u123" }],
    [0, annByMail],
    [0, { kind: "none" }],
    [2, { kind: "none" }],
  ] as const) {
    const { customerId, emailOnFile, name } = await bindRequester(
      evidence(level, handle),
      shop,
      signal,
    );
    assert.deepEqual([customerId, emailOnFile, name], [null, null, null]);
  }
  assert.deepEqual(asked, []);
});

test("what is no single plain ASCII address proves nothing", async () => {
  for (const email of [
    "",
    "ann@customer.test, bob@elsewhere.test",
    "Ann <ann@customer.test>",
    "ann@customer.test\n",
    " ann@customer.test",
    '"ann@customer.test"@evil.test',
    "ann@customer.test(comment)",
    "ann@сustomer.test",
    "ann@customer",
    "ann@customer..test",
    `${"a".repeat(250)}@customer.test`,
  ]) {
    const { level, customerId, emailOnFile } = await bound(2, { kind: "email", email });
    assert.deepEqual([level, customerId, emailOnFile], [1, null, null], email);
  }
});

test("a shop that finds a customer with another address is not believed", async () => {
  assert.equal((await bound(2, { kind: "email", email: "xann@customer.test" })).customerId, null);
});

test("a shop that is down is told to the caller, as something else than an unknown customer", async () => {
  const { shop } = shopWithAnn();
  const down = new DeskhandError("shop.unavailable", "the shop does not answer");
  const broken: Shop = { ...shop, customerByEmail: () => Promise.reject(down) };
  await assert.rejects(
    bindRequester(evidence(2, annByMail), broken, AbortSignal.timeout(PATIENCE_MS)),
    (error) => error === down,
  );
});

const VISITOR = { kind: "requester", id: "chat:visitor:1", name: "" } as const;
const noHandle = evidence(0, { kind: "none" });

function said(text: string, changes: Partial<Message> = {}): Message {
  return mail(text, { key: text, author: VISITOR, identity: noHandle, ...changes });
}

test("the address a customer writes from is the one they claim, whatever they name", () => {
  const mail = said("I am bob@elsewhere.test", {
    identity: evidence(1, { kind: "email", email: "Ann@customer.test" }),
  });
  assert.equal(oneClaimedAddress([mail], []), "ann@customer.test");
  const odd = said("", { identity: evidence(0, { kind: "email", email: "a@b.test, c@d.test" }) });
  assert.equal(oneClaimedAddress([odd], []), null);
});

test("for an unknown sender it is the one address they name in their own text", () => {
  for (const text of [
    "I am ann@customer.test",
    "(Ann@Customer.test)",
    "mail: <ann@customer.test>, thanks",
    "ann@customer.test.",
    "It's 'ann@customer.test'!",
    "ann@customer.test or ANN@CUSTOMER.TEST",
  ])
    assert.equal(oneClaimedAddress([said(text)], []), "ann@customer.test", text);
  for (const text of [
    "",
    "ann at customer.test",
    "ann@customer",
    "ann@customer.test or bob@elsewhere.test",
    "ann@\u0441ustomer.test",
  ])
    assert.equal(oneClaimedAddress([said(text)], []), null, text);
});

test("the newest of their messages that names any counts, and no other person's", () => {
  const unread = [said("So where is it?")];
  const history = [said("I am old@customer.test"), said("sorry, ann@customer.test")];
  assert.equal(oneClaimedAddress(unread, history), "ann@customer.test");
  const others = [
    said("bob@elsewhere.test", { author: { ...VISITOR, id: "chat:visitor:2" } }),
    said("dana@ourshop.test", { author: { ...VISITOR, kind: "teammate" } }),
    said("note@ourshop.test", { visibility: "internal" }),
    said("", { segments: [{ kind: "quoted", text: "quoted@customer.test" }] }),
  ];
  assert.equal(oneClaimedAddress(unread, [...history, ...others]), "ann@customer.test");
  assert.equal(oneClaimedAddress(unread, others), null);
  assert.equal(oneClaimedAddress([], history), null);
});

test("a proven sender's own name counts as theirs, and that of any other message as no name of theirs", () => {
  const known = { customerId: "email:k@own.test", emailOnFile: "k@own.test", reason: "signed" };
  const requester = { ...known, level: 2 as const, name: null };
  const from = (level: IdentityEvidence["level"], name: string) =>
    said("", {
      author: { ...VISITOR, name },
      identity: evidence(level, { kind: "email", email: "k@own.test" }),
    });
  assert.equal(withSignedNames(requester, [from(2, "Kira Lund")]).name, "Kira Lund");
  const onFile = { ...requester, name: "Katherine Lund" };
  assert.equal(withSignedNames(onFile, [from(2, "Kira")]).name, "Katherine Lund Kira");
  assert.equal(withSignedNames(requester, [from(2, "Kira"), from(1, "Bob")]).name, null);
  const claimed = { ...requester, level: 1 as const };
  assert.equal(withSignedNames(claimed, [from(2, "Kira")]).name, null);
});

test("with connected systems a proven address binds without the shop, and nothing less does", async () => {
  const { shop } = shopWithAnn();
  const bind = (level: IdentityEvidence["level"], handle: IdentityEvidence["handle"]) =>
    bindForSystems(evidence(level, handle), shop, new AbortController().signal);
  const email = (address: string) => ({ kind: "email", email: address }) as const;
  const ann = await bind(2, email(ANN.email));
  assert.deepEqual([ann.customerId, ann.emailOnFile], [ANN.id, ANN.email]);
  const carl = await bind(2, email("Carl@nowhere.test"));
  assert.deepEqual(
    [carl.customerId, carl.emailOnFile],
    ["email:carl@nowhere.test", "carl@nowhere.test"],
  );
  const known = await bind(3, { kind: "customer", customerId: "c9" });
  assert.deepEqual([known.customerId, known.emailOnFile], ["c9", null]);
  const signed = await bind(2, { kind: "customer", customerId: "Carl@nowhere.test" });
  assert.deepEqual(
    [signed.customerId, signed.emailOnFile],
    ["email:carl@nowhere.test", "carl@nowhere.test"],
  );
  for (const unproven of [
    await bind(1, email("carl@nowhere.test")),
    await bind(0, email("carl@nowhere.test")),
    await bind(2, email("carl@nowhere.test, ann@customer.test")),
    await bind(2, { kind: "none" }),
  ])
    assert.deepEqual([unproven.customerId, unproven.emailOnFile], [null, null]);
});
