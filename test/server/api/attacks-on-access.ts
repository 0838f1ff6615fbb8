/** Hostile requests by who sends them: no token, wrong ones, other scopes and roles, machines. */
import { createHash } from "node:crypto";
import { OPERATIONS } from "#server/api/routes.ts";
import { listedTokens, revokeToken, TokenScope } from "#store/identity/access-tokens.ts";
import { issuePass } from "#store/identity/sessions.ts";
import { sql } from "#store/db/drizzle.ts";
import { APPROVE, attackBy, LEA, SAM, type Attack, type Target } from "./attacked-desk.ts";
import { customerToken, EVERY_SCOPE } from "./bench.ts";

/** Whatever is sent in the place of a token that holds. */
export async function withTokens({ bench, api, card, id }: Target): Promise<readonly Attack[]> {
  const all = (label: string) => api.token(SAM, EVERY_SCOPE, label);
  const revoked = await all("revoked");
  const expired = await all("expired");
  await bench.at(async (transaction) => {
    for (const token of await listedTokens(transaction, SAM))
      if (token.label === "revoked")
        await revokeToken(transaction, { id: token.id, email: SAM }, bench.now());
  });
  const now = bench.now().toISOString();
  await bench.execute(
    sql`update access_token set expires_at = ${now}::timestamptz where label = 'expired'`,
  );
  const real = await all("real");
  const session = await bench.at(issuePass, "session", { email: LEA, name: "Lea" }, bench.now());
  const hash = createHash("sha256").update(real).digest("hex");
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
  const jwt = await customerToken(bench.now(), SAM);
  const headers: readonly Readonly<Record<string, string>>[] = [
    {},
    { authorization: real },
    { authorization: `Basic ${Buffer.from(`sam:${real}`).toString("base64")}` },
    bearer(real.slice(0, -1)),
    bearer(`${real}A`),
    bearer(real.toUpperCase()),
    bearer(`dk_${"A".repeat(43)}`),
    bearer(hash),
    bearer(jwt),
    bearer(session),
    bearer(revoked),
    bearer(expired),
    { cookie: `deskhand_session=${session}` },
    { "x-api-key": real },
  ];
  const attack = attackBy("token", null, 401);
  const decisions = `/cards/${card}/decisions`;
  return [
    ...headers.flatMap((one) => [
      attack(`/cases/${id}`, undefined, one),
      attack(decisions, APPROVE, one),
    ]),
    attack(`/cases?access_token=${real}`),
    attack(decisions, { ...APPROVE, access_token: real }),
  ];
}

/** Each scope at each operation that needs another one. */
export async function withScopes({ api, card, id, chat }: Target): Promise<readonly Attack[]> {
  const ids: Readonly<Record<string, string>> = {
    readCard: card,
    explainCard: card,
    decide: card,
    readCase: id,
    addMessage: chat,
  };
  const bodies: Readonly<Record<string, unknown>> = {
    decide: APPROVE,
    beginConversation: { message: "Hi" },
    addMessage: { message: "Hi" },
    savePage: { title: "X", body: "Y" },
  };
  const attacks: Attack[] = [];
  for (const scope of TokenScope.options) {
    const attack = attackBy("scope", await api.token(LEA, [scope]), 403);
    for (const { name, path, scope: needed } of OPERATIONS)
      if (needed !== scope)
        attacks.push(attack(path.replace("{id}", ids[name] ?? ""), bodies[name]));
  }
  return attacks;
}

/** People without a role, support where leads are asked for, and machines. */
export async function withRoles({ api, card, id }: Target): Promise<readonly Attack[]> {
  const stranger = await api.token("mallory@elsewhere.test");
  const machine = await api.token(null, EVERY_SCOPE, SAM);
  const support = await api.token(SAM);
  const page = { title: "X", body: "Y" };
  const decisions = `/cards/${card}/decisions`;
  const byStranger = attackBy("role", stranger, 403);
  const byMachine = attackBy("machine", machine, 403);
  return [
    byStranger(`/cases/${id}`),
    byStranger("/cases"),
    byStranger(decisions, APPROVE),
    byStranger("/conversations", { message: "Hi" }),
    byMachine(decisions, APPROVE),
    attackBy("machine", machine, 404)(`/cards/${card}/explanation`),
    ...["edit", "reject", "take_over", "undo", "claim"].map((button) =>
      byMachine(decisions, { version: 1, button, reason: "x" }),
    ),
    attackBy("role", support, 403)("/knowledge/pages", page),
  ];
}
