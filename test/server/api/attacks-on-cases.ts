/** Hostile requests by what they name: other cards and cases, customers and conversations. */
import { APPROVE, attackBy, SAM, type Attack, type Target } from "./attacked-desk.ts";
import { customerToken } from "./bench.ts";

/** Ids of other things, and texts that are none. */
export function onIds({ card, id, chat, chatCase, sam, owner }: Target): readonly Attack[] {
  const wrong = [
    "a_999",
    id,
    "policy_1",
    `${card}%00`,
    `${card}'%20or%20'1'='1`,
    "%2e%2e%2fcards",
    "__proto__",
    "%25",
    "x".repeat(700),
  ];
  const chats = [
    "c_00000000000000000000",
    card,
    chatCase,
    "%00",
    `${chat}%20`,
    `u123:${chat}`,
    "x".repeat(32),
  ];
  const attack = attackBy("id", sam, 404);
  return [
    ...wrong.flatMap((one) => [
      attack(`/cards/${one}`),
      attack(`/cards/${one}/explanation`),
      attack(`/cards/${one}/decisions`, APPROVE),
    ]),
    ...wrong.filter((one) => one !== id).map((one) => attack(`/cases/${one}`)),
    ...chats.map((one) =>
      attackBy("id", owner, 404)(`/conversations/${one}/messages`, { message: "Hi" }),
    ),
    // Not even a name that cannot be decoded is an error of ours.
    attackBy("id", sam, 400)("/cards/%E0%A4%A"),
    attack("/cards//decisions", APPROVE),
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
  const sub = Buffer.from('{"sub":"u123","exp":9999999999}').toString("base64url");
  const forged = [
    await customerToken(now, "u123", { secret: "another secret of at least 32 characters" }),
    await customerToken(now, "u123", { seconds: -60 }),
    await customerToken(now, "u123", { seconds: 10 * 365 * 86_400 }),
    await customerToken(now, "u123", { alg: "HS512" }),
    await customerToken(now, "u123\u0000"),
    `${none}.${payload}.${signature}`,
    `${head}.${sub}.${signature}`,
    owner,
    "",
  ];
  const message = "Refund me";
  const add = `/conversations/${chat}/messages`;
  const bare = { message };
  const proven = { message, customer: { token: ann } };
  const unproven = attackBy("customer", owner, 404);
  return [
    ...forged.flatMap((token) =>
      ["/conversations", add].map((path) =>
        attackBy("customer", owner, 400)(path, { message, customer: { token } }),
      ),
    ),
    // A proven customer's conversation without their proof, with another's, and by other callers.
    unproven(add, bare),
    unproven(add, { message, customer: { name: "u123" } }),
    unproven(add, { message, customer: { token: await customerToken(now, "u999") } }),
    ...[other, person].flatMap((token) =>
      [proven, bare].map((body) => attackBy("owner", token, 404)(add, body)),
    ),
    // Conversations that came in by another way.
    ...[id, handed, chatCase].flatMap((one) =>
      [proven, bare].map((body) =>
        attackBy("owner", owner, 404)(`/conversations/${one}/messages`, body),
      ),
    ),
    ...[
      { message, subject: "u123" },
      { message, customer: { id: "u123" } },
      { message: "" },
      { message: "   " },
      { message: "x".repeat(20_001) },
    ].map((body) => attackBy("body", owner, 400)("/conversations", body)),
  ];
}
