/** Hostile requests by what they say: bodies, addresses, methods and keys. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { APPROVE, attackBy, LEA, type Attack, type Target } from "./attacked-desk.ts";

/** What no decision and no page may say. */
export function withBodies({ card, sam, lea, slug }: Target): readonly Attack[] {
  const path = `/cards/${card}/decisions`;
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const wrong = [
    { button: "approve" },
    { version: 0, button: "approve" },
    { version: 1.5, button: "approve" },
    ...["reply", "close", "__proto__", ""].map((button) => ({ version: 1, button })),
    { ...APPROVE, teammate: { id: "x", name: "Lea", email: LEA, eligible: true } },
    { ...APPROVE, approvalId: "a_2" },
    { version: 1, button: "edit", edit: { text: "x".repeat(60_001), amount: null } },
    { version: 1, button: "edit", edit: { text: "x", amount: "5", to: "evil@x.test" } },
    { version: 1, button: "reject" },
    { version: 1, button: "reject", rejection: "all" },
    [],
  ];
  const by =
    (...fails: readonly number[]) =>
    (body: unknown, headers?: Attack["headers"]) =>
      attackBy("body", sam, ...fails)(path, body, headers);
  const [wrongly, late, tooLarge, otherwise] = [by(400), by(409), by(413), by(415)];
  const long = (length: number) =>
    `{"version":1,"button":"approve","reason":"${"x".repeat(length)}"}`;
  const approve = JSON.stringify(APPROVE);
  const page = { title: "X", body: "Y" };
  return [
    ...[...wrong, "", "null", "{", deep, "\u0000"].map((body) => wrongly(body)),
    wrongly(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
    // What no version, sum or state allows.
    late({ version: 2, button: "approve" }),
    late({ version: 1, button: "undo" }),
    late({ version: 1, button: "edit", edit: { text: "x", amount: "-5.00" } }),
    late({ version: 1, button: "edit", edit: { text: "x", amount: "99999999.00" } }),
    tooLarge(long(400_000)),
    tooLarge(gzipSync(long(5_000_000)), { "content-encoding": "gzip" }),
    by(400, 415)("x", { "content-encoding": "evil" }),
    otherwise(approve, { "content-type": "text/plain" }),
    otherwise(approve, { "content-type": "application/x-www-form-urlencoded" }),
    ...[
      { ...page, url: "http://insecure.test" },
      { ...page, body: "> **Draft: from a program" },
      { ...page, audience: "everybody" },
      { ...page, validFrom: "tomorrow" },
      { ...page, slug, basis: 99 },
      { ...page, slug: "written/none", basis: 1 },
      { ...page, replaces: slug },
      { ...page, owner: "x".repeat(200) },
    ].map((body) => attackBy("page", lea, 400)("/knowledge/pages", body)),
    attackBy("page", lea, 404)("/knowledge/pages", { ...page, slug: "file/refunds", basis: 1 }),
  ];
}

/** Queries, methods and paths that the API does not have. */
export function withAddresses({ id, card, sam }: Target): readonly Attack[] {
  const queries = [
    "/cases?state=all",
    "/cases?limit=100000",
    "/cases?role=lead",
    "/cases?cursor=",
    `/cases?cursor=${"A".repeat(2_000)}`,
    `/cases/${id}?cursor=LTE`,
    `/cards/${card}?fields=seal`,
    "/reports/week?days=9999",
    "/knowledge/pages?state=everything",
    `/knowledge/pages?q=${"x".repeat(300)}`,
  ];
  const others: readonly Partial<Attack>[] = [
    ...["PUT", "DELETE"].map((method) => ({ method, path: `/cards/${card}`, fails: [404] })),
    { method: "POST", path: "/cases", fails: [404] },
    { method: "OPTIONS", path: "/cases", headers: { origin: "https://evil.test" }, fails: [404] },
    {
      path: `/cards/${card}`,
      headers: { "x-http-method-override": "POST", origin: "https://evil.test" },
      method: "DELETE",
      fails: [404],
    },
    ...["/", "/audit", "/cases/x/y"].map((path) => ({ path, fails: [404] })),
  ];
  return [
    ...queries.map((path) => attackBy("query", sam, 400)(path)),
    ...others.map((one) => ({ kind: "address", path: "", token: sam, fails: [], ...one })),
  ];
}

/** Keys of no form, and keys that were used. */
export async function withKeys({ api, card, sam, lea, owner }: Target): Promise<readonly Attack[]> {
  const path = `/cards/${card}/decisions`;
  const used = { "idempotency-key": "used" };
  const first = await api.post("/conversations", owner, { message: "Hello" }, used);
  assert.equal(first.status, 202);
  const forms = ["", "x".repeat(256), "é"];
  const again = attackBy("key", owner, 422);
  return [
    ...forms.map((key) => attackBy("key", sam, 400)(path, APPROVE, { "idempotency-key": key })),
    again("/conversations", { message: "Hello!" }, used),
    again("/conversations", { message: "Hello", customer: { name: "Ann" } }, used),
    again(`/conversations/${String(first.body["id"])}/messages`, { message: "Hello" }, used),
    // Another token's key says nothing of what was answered to it.
    attackBy("key", lea, 400)("/conversations", { message: "" }, used),
  ];
}
