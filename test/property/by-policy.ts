/** Whether a policy that was in force allowed what is about to happen without a person. */
import { asc, eq, isNotNull } from "#store/db/drizzle.ts";
import { RefundArguments } from "#core/values/action.ts";
import { canonical } from "#core/values/canonical-json.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { bundleEffects, type Effect } from "#store/effects/ledger.ts";
import { policyChange, turn } from "#store/db/schema.ts";
import { policyIn } from "#test/simulation/approvals/policies.ts";
import type { LoadedPolicy } from "#policy/load-policy.ts";
import type { Watch } from "./watch.ts";

/** No policy of these tests lets more go by itself. */
const ALONE_AT_MOST = 1_000;

export async function bySomePolicy(
  transaction: Transaction,
  watch: Watch,
  effect: Effect,
): Promise<readonly string[]> {
  return effect.operation === "reply"
    ? replyProblems(transaction, effect)
    : actionProblems(watch, effect);
}

function actionProblems(watch: Watch, effect: Effect): readonly string[] {
  const done = canonical([effect.key, effect.action, effect.facts]);
  const allowed = watch.environment.decided.some(
    ({ planned, decision }) =>
      decision.verdict === "allow" &&
      canonical([planned.key, planned.action, planned.facts]) === done,
  );
  if (!allowed) return ["no policy allowed exactly this"];
  const refund = RefundArguments.safeParse(effect.action.arguments);
  return refund.success && refund.data.amount.minor > ALONE_AT_MOST
    ? ["no policy lets so much go by itself"]
    : [];
}

/** An answer goes alone where the channel's do, or when it says nothing but what allowed actions of its bundle did. */
async function replyProblems(transaction: Transaction, effect: Effect): Promise<readonly string[]> {
  const siblings = await bundleEffects(transaction, effect.bundle);
  if (
    siblings.some(({ operation, approvedBy }) => operation !== "reply" && approvedBy === "policy")
  )
    return [];
  const [row] = await transaction
    .select({ startedAt: turn.startedAt })
    .from(turn)
    .where(eq(turn.id, effect.turnId ?? ""));
  const state = await loadConversation(transaction, effect.conversationId);
  if (row === undefined || state === null) return ["no turn stands behind it"];
  const inForce = await policiesSoFar(transaction, row.startedAt);
  const { channel } = state.conversation;
  return inForce.some((policy) => policy.replyAutonomy(channel, "") === "auto")
    ? []
    : [`no policy lets answers by ${channel} go alone`];
}

/** Every policy that was in force at some time since, by the database. */
export async function policiesSoFar(
  transaction: Transaction,
  since = new Date(0),
): Promise<readonly LoadedPolicy[]> {
  const rows = await transaction
    .select({ text: policyChange.text, from: policyChange.activeSince })
    .from(policyChange)
    .where(isNotNull(policyChange.activeSince))
    .orderBy(asc(policyChange.activeSince));
  return rows
    .filter((_, index) => (rows[index + 1]?.from?.getTime() ?? Infinity) >= since.getTime())
    .map(({ text }) => policyIn(text));
}
