/** Hostile requests by what they name: other cards and cases, customers and conversations. */
import { APPROVE, SAM, type Attack, type Target } from "./attacked-desk.ts";
import { customerToken } from "./bench.ts";

/** Ids of other things, and texts that are none. */
export function onIds({ card, id, chat, chatCase, sam, owner }: Target): readonly Attack[] {
  const wrong = [
    "a_999",
    id,
    "policy_1",
    "proc_1",
    `${card}%00`,
    `${card}%0a`,
    `${card}'%20or%20'1'='1`,
    `${card};drop table approval`,
    "..%2f..%2fcases",
    "%2e%2e%2fcards",
    "__proto__",
    "constructor",
    "*",
    "%25",
    "x".repeat(700),
    card.toUpperCase(),
    "%F0%9F%98%80",
  ];
  const chats = [
    "c_00000000000000000000",
    card,
    chatCase,
    "chat::x",
    "%00",
    `${chat}%20`,
    `:${chat}`,
    `u123:${chat}`,
    chat.toLowerCase(),
    chat.slice(1),
    "x".repeat(32),
    "x".repeat(700),
  ];
  return [
    ...wrong.flatMap((one) => [
      { kind: "id", path: `/cards/${one}`, token: sam, fails: [404] },
      { kind: "id", path: `/cards/${one}/explanation`, token: sam, fails: [404] },
      {
        kind: "id",
        path: `/cards/${one}/decisions`,
        token: sam,
        body: APPROVE,
        fails: [404],
      },
    ]),
    ...wrong
      .filter((one) => one !== id)
      .map((one) => ({ kind: "id", path: `/cases/${one}`, token: sam, fails: [404] })),
    ...chats.map((one) => ({
      kind: "id",
      path: `/conversations/${one}/messages`,
      token: owner,
      body: { message: "Hi" },
      fails: [404],
    })),
    // Not even a name that cannot be decoded is an error of ours.
    { kind: "id", path: "/cards/%E0%A4%A", token: sam, fails: [400] },
    { kind: "id", path: "/cards//decisions", token: sam, body: APPROVE, fails: [404] },
  ];
}

/** Customers claimed without proof, and conversations of others. */
export async function onConversations(given: Target): Promise<readonly Attack[]> {
  const { bench, api, chat, chatCase, id, handed, owner } = given;
  const other = await api.token(null, ["messages:write"], "another app");
  const person = await api.token(SAM, ["messages:write"]);
  const now = bench.now();
  const ann = await customerToken(now, "u123");
  const [head = "", payload = "", signature = ""] = ann.split(".");
  const none = Buffer.from('{"alg":"none"}').toString("base64url");
  const rs256 = Buffer.from('{"alg":"RS256"}').toString("base64url");
  const sub = Buffer.from('{"sub":"u123","exp":9999999999}').toString("base64url");
  const forged = [
    await customerToken(now, "u123", { secret: "another secret of at least 32 characters" }),
    await customerToken(now, "u123", { seconds: -60 }),
    await customerToken(now, "u123", { seconds: 10 * 365 * 86_400 }),
    await customerToken(now, "u123", { alg: "HS512" }),
    await customerToken(now, "u123\u0000"),
    await customerToken(now, ""),
    `${none}.${payload}.`,
    `${none}.${payload}.${signature}`,
    `${rs256}.${payload}.${signature}`,
    `${head}.${sub}.${signature}`,
    `${head}.${payload}.${signature.slice(2)}`,
    `${head}.${payload}`,
    "u123",
    owner,
    "",
  ];
  const message = "Refund me";
  const add = `/conversations/${chat}/messages`;
  return [
    ...forged.flatMap((token) => [
      {
        kind: "customer",
        path: "/conversations",
        token: owner,
        body: { message, customer: { token } },
        fails: [400],
      },
      {
        kind: "customer",
        path: add,
        token: owner,
        body: { message, customer: { token } },
        fails: [400],
      },
    ]),
    // A proven customer's conversation without their proof, with another's, and by other callers.
    { kind: "customer", path: add, token: owner, body: { message }, fails: [404] },
    {
      kind: "customer",
      path: add,
      token: owner,
      body: { message, customer: { name: "u123" } },
      fails: [404],
    },
    {
      kind: "customer",
      path: add,
      token: owner,
      body: { message, customer: { token: await customerToken(now, "u999") } },
      fails: [404],
    },
    ...[other, person].flatMap((token) => [
      {
        kind: "owner",
        path: add,
        token,
        body: { message, customer: { token: ann } },
        fails: [404],
      },
      { kind: "owner", path: add, token, body: { message }, fails: [404] },
    ]),
    // Conversations that came in by another way.
    ...[id, handed, chatCase].flatMap((one) => [
      {
        kind: "owner",
        path: `/conversations/${one}/messages`,
        token: owner,
        body: { message, customer: { token: ann } },
        fails: [404],
      },
      {
        kind: "owner",
        path: `/conversations/${one}/messages`,
        token: owner,
        body: { message },
        fails: [404],
      },
    ]),
    ...[
      { message, user_id: "u123" },
      { message, subject: "u123" },
      { message, customer: { id: "u123" } },
      { message, customer: { name: "Ann", level: 2 } },
      { message, customer: "u123" },
      { message, customer: { token: ["a"] } },
      { message: "" },
      { message: "   " },
      { message: { $ne: "" } },
      { message: "x".repeat(20_001) },
      {},
    ].map((body) => ({ kind: "body", path: "/conversations", token: owner, body, fails: [400] })),
  ];
}
