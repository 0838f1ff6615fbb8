/** Hostile requests by what they say: bodies, addresses, methods and keys. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { APPROVE, LEA, type Attack, type Target } from "./attacked-desk.ts";

/** What no decision and no page may say. */
export function withBodies({ card, sam, lea, slug }: Target): readonly Attack[] {
  const path = `/cards/${card}/decisions`;
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const wrong = [
    { button: "approve" },
    { version: 0, button: "approve" },
    { version: -1, button: "approve" },
    { version: 1.5, button: "approve" },
    { version: "1", button: "approve" },
    { version: null, button: "approve" },
    ...["reply", "assign", "snooze", "close", "reopen", "not_junk", "__proto__", ""].map(
      (button) => ({ version: 1, button }),
    ),
    { ...APPROVE, teammate: { id: "x", name: "Lea", email: LEA, eligible: true } },
    { ...APPROVE, decisionId: "x" },
    { ...APPROVE, approvalId: "a_2" },
    { ...APPROVE, isPlain: true },
    { ...APPROVE, role: "lead" },
    { ...APPROVE, seen: 9 },
    { version: 1, button: "edit", edit: { text: "x".repeat(60_001), amount: null } },
    { version: 1, button: "edit", edit: { text: "x", amount: 5 } },
    { version: 1, button: "edit", edit: { text: "x", amount: "5", to: "evil@x.test" } },
    { version: 1, button: "reject" },
    { version: 1, button: "reject", rejection: "all" },
    [],
    [APPROVE],
  ];
  const attacks: readonly Partial<Attack>[] = [
    ...wrong.map((body) => ({ body, fails: [400] })),
    ...["", "null", "1", '"approve"', "{", "{'version':1}", deep, "\u0000"].map((body) => ({
      body,
      fails: [400],
    })),
    { body: '{"version":1,"button":"approve","__proto__":{"role":"lead"}}', fails: [400] },
    // What no version, sum or state allows.
    { body: { version: 2, button: "approve" }, fails: [409] },
    { body: { version: 999_999_999, button: "approve" }, fails: [409] },
    { body: { version: 1, button: "undo" }, fails: [409] },
    {
      body: { version: 1, button: "edit", edit: { text: "x", amount: "-5.00" } },
      fails: [409],
    },
    {
      body: { version: 1, button: "edit", edit: { text: "x", amount: "99999999.00" } },
      fails: [409],
    },
    { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), fails: [400] },
    { body: `{"version":1,"button":"approve","reason":"${"x".repeat(400_000)}"}`, fails: [413] },
    {
      body: gzipSync(`{"version":1,"button":"approve","reason":"${"x".repeat(5_000_000)}"}`),
      headers: { "content-encoding": "gzip" },
      fails: [413],
    },
    { body: "x", headers: { "content-encoding": "evil" }, fails: [400, 415] },
    ...["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"].map(
      (type) => ({
        body: JSON.stringify(APPROVE),
        headers: { "content-type": type },
        fails: [415],
      }),
    ),
    { body: JSON.stringify(APPROVE), headers: { "content-type": "" }, fails: [415] },
  ];
  const page = { title: "X", body: "Y" };
  return [
    ...attacks.map((one) => ({ kind: "body", path, token: sam, fails: [], ...one })),
    ...[
      { ...page, url: "http://insecure.test" },
      { ...page, url: "javascript:alert(1)" },
      { ...page, body: "> **Draft: from a program" },
      { ...page, audience: "everybody" },
      { ...page, validFrom: "tomorrow" },
      { ...page, slug, basis: 99 },
      { ...page, slug: "written/none", basis: 1 },
      { ...page, replaces: slug },
      { ...page, owner: "x".repeat(200) },
      { ...page, isWithheld: false },
      { ...page, allowed_by: LEA },
    ].map((body) => ({ kind: "page", path: "/knowledge/pages", token: lea, body, fails: [400] })),
    {
      kind: "page",
      path: "/knowledge/pages",
      token: lea,
      body: { ...page, slug: "file/refunds", basis: 1 },
      fails: [404],
    },
  ];
}

/** Queries, methods and paths that the API does not have. */
export function withAddresses({ id, card, sam }: Target): readonly Attack[] {
  const queries = [
    "/cases?state=all",
    "/cases?state=waiting&state=done",
    "/cases?state[]=waiting",
    "/cases?limit=100000",
    "/cases?role=lead",
    "/cases?cursor=",
    "/cases?cursor=JyBvciAxPTE",
    `/cases?cursor=${"A".repeat(2_000)}`,
    `/cases/${id}?cursor=LTE`,
    `/cases/${id}?cursor=MSBvciAxPTE`,
    `/cards/${card}?fields=seal`,
    "/reports/week?days=9999",
    "/knowledge/pages?state=everything",
    `/knowledge/pages?q=${"x".repeat(300)}`,
  ];
  const others: readonly Partial<Attack>[] = [
    ...["PUT", "DELETE", "PATCH"].flatMap((method) => [
      { method, path: `/cards/${card}`, fails: [404] },
      { method, path: `/cards/${card}/decisions`, fails: [404] },
    ]),
    { method: "POST", path: "/cases", fails: [404] },
    { method: "OPTIONS", path: "/cases", headers: { origin: "https://evil.test" }, fails: [404] },
    {
      path: `/cards/${card}`,
      headers: { "x-http-method-override": "POST", origin: "https://evil.test" },
      method: "DELETE",
      fails: [404],
    },
    ...["/", "/admin", "/tokens", "/audit", "/cases/x/y"].map((path) => ({
      path,
      fails: [404],
    })),
  ];
  return [
    ...queries.map((path) => ({ kind: "query", path, token: sam, fails: [400] })),
    ...others.map((one) => ({ kind: "address", path: "", token: sam, fails: [], ...one })),
  ];
}

/** Keys of no form, and keys that were used. */
export async function withKeys({ api, card, sam, lea, owner }: Target): Promise<readonly Attack[]> {
  const path = `/cards/${card}/decisions`;
  const used = { "idempotency-key": "used" };
  const first = await api.post("/conversations", owner, { message: "Hello" }, used);
  assert.equal(first.status, 202);
  const forms = ["", " ", "x".repeat(256), "é", "a\tb"];
  return [
    ...forms.map((key) => ({
      kind: "key",
      path,
      token: sam,
      body: APPROVE,
      headers: { "idempotency-key": key },
      fails: [400],
    })),
    ...[{ message: "Hello!" }, { message: "Hello", customer: { name: "Ann" } }].map((body) => ({
      kind: "key",
      path: "/conversations",
      token: owner,
      body,
      headers: used,
      fails: [422],
    })),
    {
      kind: "key",
      path: `/conversations/${String(first.body["id"])}/messages`,
      token: owner,
      body: { message: "Hello" },
      headers: used,
      fails: [422],
    },
    // Another token's key says nothing of what was answered to it.
    {
      kind: "key",
      path: "/conversations",
      token: lea,
      body: { message: "" },
      headers: used,
      fails: [400],
    },
  ];
}
