/** The teammates of a case: they approve or reject what waits for them. */
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { TEAM } from "#sandbox/world.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import { textsOf } from "./observe.ts";
import type { Stage } from "./product.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";

/** What teammates approved: the keys of actions, and the texts of replies. */
export interface Approved {
  readonly keys: readonly string[];
  readonly texts: readonly string[];
}

export const NOTHING_APPROVED: Approved = { keys: [], texts: [] };

/** Sam, who is support, and two leads decide in this order, until nothing waits. Returns what was approved in the end. */
export async function decideCards(
  { parts, store }: Stage,
  conversationId: string,
  team: "approves" | "rejects",
): Promise<Approved> {
  const handler = deskHandler(parts);
  const waiting = () => store.run((transaction) => pendingApproval(transaction, conversationId));
  let approved = NOTHING_APPROVED;
  for (const teammate of [TEAM.sam, TEAM.lea, TEAM.lee].map(teammateOf)) {
    const card = await waiting();
    if (card === null || card.kind !== "proposal") break;
    await handler.decide({
      decisionId: `${card.id}:${teammate.id}`,
      approvalId: card.id,
      version: card.version,
      button: team === "approves" ? "approve" : "reject",
      teammate,
      reason: team === "approves" ? "" : "This is not right.",
      edit: null,
    });
    const actions = card.proposal?.actions ?? [];
    const decided = (await waiting())?.id !== card.id;
    if (team === "approves" && decided)
      approved = {
        keys: actions.map(({ key }) => key),
        texts: textsOf(actions.map(({ action }) => action)),
      };
  }
  return approved;
}

function teammateOf({
  name,
  email,
}: {
  readonly name: string;
  readonly email: string;
}): DeskTeammate {
  return { id: email, name, email, eligible: true };
}
