import { applyClick } from "#core/approval.ts";
import type { DeskAnswer, DeskDecision, DeskHandler } from "#core/desk.ts";
import { DeskhandError, reasonOf } from "#core/errors.ts";
import { appendAudit } from "#store/audit.ts";
import { changeApproval, loadApproval, type Approval } from "#store/approvals.ts";
import { loadConversation, updateConversation } from "#store/conversations.ts";
import { rememberAnswer, rememberedAnswer } from "#store/desk-decisions.ts";
import type { Transaction } from "#store/driver.ts";
import { effectsOfApproval, intend, withdraw } from "#store/ledger.ts";
import { amendTurn } from "#store/traces.ts";
import { namesOf, showCards, undoLine } from "./cards.ts";
import { accepted, refused, standingOf, voteEntry, voterOf } from "./clicks.ts";
import { editApproval, editFormOf } from "./edit.ts";
import { explainTurn } from "./explain.ts";
import type { Parts } from "./parts.ts";
import { changedFact } from "./permit.ts";
import { endByPerson } from "./reject.ts";
import { sealFor, voidApproval } from "./write-card.ts";

/**
 * The desk's side of every decision. A click is a compare-and-set on approval id, version and state together with the
 * seal; roles are read now, not when the card was posted. The same click delivered twice is one decision.
 */
export function deskHandler(parts: Parts): DeskHandler {
  return {
    async decide(decision) {
      const before = await parts.store.run((transaction) =>
        rememberedAnswer(transaction, decision.decisionId),
      );
      if (before !== null) return before;
      const answer = await answerTo(parts, decision);
      // A form that was sent with a mistake in it may be sent again under the same id.
      if (Object.keys(answer.fieldErrors).length === 0)
        await parts.store.run((transaction) =>
          rememberAnswer(transaction, decision, answer, parts.clock.now()),
        );
      await showCards(parts);
      return answer;
    },
    editForm: (approvalId, version, teammate) => editFormOf(parts, approvalId, version, teammate),
    explain: (approvalId) => explainTurn(parts, approvalId),
  };
}

async function answerTo(parts: Parts, decision: DeskDecision): Promise<DeskAnswer> {
  const approval = await parts.store.run((transaction) =>
    loadApproval(transaction, decision.approvalId),
  );
  if (approval === null) return refused("This card is out of date. Nothing was changed.");
  switch (decision.button) {
    case "approve":
      return approve(parts, decision, approval);
    case "edit":
      return editApproval(parts, decision, approval);
    case "undo":
      return undo(parts, decision, approval);
    case "reject":
    case "escalate":
    case "dismiss":
      return endByPerson(parts, decision, approval);
    default:
      throw new Error(`unknown button ${String(decision.button satisfies never)}`);
  }
}

async function approve(
  parts: Parts,
  decision: DeskDecision,
  approval: Approval,
): Promise<DeskAnswer> {
  const { proposal } = approval;
  if (proposal === null) return refused("There is nothing to approve on this card.");
  const at = parts.clock.now();
  const click = {
    button: "approve",
    version: decision.version,
    at,
    ...voterOf(parts, decision.teammate),
  } as const;
  const result = applyClick(standingOf(approval), click);
  if (result.kind === "refused") return refuseClick(parts, decision, result);
  const changed = await changedSince(parts, approval);
  if (typeof changed !== "string") return changed.answer;
  if (changed !== "") return lapse(parts, approval, changed);

  const outcome = await parts.store.run(async (transaction) => {
    const state = await loadConversation(transaction, approval.conversationId);
    if (state === null || sealFor(proposal, state.revision, approval.rules) !== approval.seal)
      return "changed";
    const undoUntil = undoTime(parts, state.conversation.channel, at);
    const set = await changeApproval(
      transaction,
      approval,
      {
        votes: [...result.standing.votes],
        state: result.standing.state,
        ...(result.complete
          ? {
              undoUntil,
              closing:
                undoUntil === null
                  ? "Being carried out."
                  : undoLine(namesOf(result.standing), undoUntil),
            }
          : {}),
      },
      at,
    );
    if (!set) return "raced";
    await appendAudit(transaction, voteEntry(parts, approval, click.voter, decision.button), at);
    if (!result.complete) return "counted";
    return intendApproved(parts, transaction, approval, { at, undoUntil });
  });
  return afterApproval(parts, approval, outcome);
}

async function afterApproval(
  parts: Parts,
  approval: Approval,
  outcome: "changed" | "raced" | "counted" | "taken" | "intended",
): Promise<DeskAnswer> {
  switch (outcome) {
    case "changed":
      return lapse(parts, approval, "more was said in the conversation");
    case "taken":
      return lapse(parts, approval, "the same action is under way already");
    case "raced":
      return refused("Somebody else decided at the same moment. Look at the card.");
    case "counted":
      return accepted("");
    case "intended":
      await parts.wake(approval.conversationId, undoDelay(parts, approval)).catch(() => undefined);
      return accepted("");
    default:
      throw new Error(`unknown outcome ${String(outcome satisfies never)}`);
  }
}

/** Everything the card proposes becomes an intention, in order, under keys that must not exist yet. */
async function intendApproved(
  parts: Parts,
  transaction: Transaction,
  approval: Approval,
  when: { readonly at: Date; readonly undoUntil: Date | null },
): Promise<"taken" | "intended"> {
  const actions = approval.proposal?.actions ?? [];
  const intended = await intend(transaction, actions, {
    conversationId: approval.conversationId,
    approvalId: approval.id,
    turnId: approval.turnId,
    bundle: parts.ids.next("b"),
    revision: approval.revision,
    approvedBy: "person",
    notBefore: when.undoUntil ?? when.at,
    now: when.at,
  });
  if (intended.length !== actions.length) {
    for (const key of intended) await withdraw(transaction, { key }, "taken", when.at);
    return "taken";
  }
  await amendTurn(transaction, approval.turnId, { approval_granted: true });
  for (const { key, action } of actions)
    await appendAudit(
      transaction,
      {
        kind: "intended",
        data: { approval: approval.id, key, operation: action.operation, by: "person" },
      },
      when.at,
    );
  return "intended";
}

/** Mail and Zendesk give a moment to take it back; chat and Slack start at once, since somebody waits there. */
function undoTime(parts: Parts, channel: string, at: Date): Date | null {
  return channel === "email" || channel === "zendesk"
    ? new Date(at.getTime() + parts.policy.undoMs)
    : null;
}

function undoDelay(parts: Parts, approval: Approval): number {
  return approval.card.channel === "email" || approval.card.channel === "zendesk"
    ? parts.policy.undoMs
    : 0;
}

/** "" when the order facts are as they were, what changed in words, or the answer when they cannot be read. */
async function changedSince(
  parts: Parts,
  approval: Approval,
): Promise<string | { readonly answer: DeskAnswer }> {
  const facts = (approval.proposal?.actions ?? []).flatMap((planned) => planned.facts);
  try {
    return (await changedFact(parts, facts)) ?? "";
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return {
      answer: refused(
        `The order could not be checked (${reasonOf(error)}). Nothing was done; try again.`,
      ),
    };
  }
}

/** The approval lapses, the card says why, and the conversation is thought about again. */
async function lapse(parts: Parts, approval: Approval, why: string): Promise<DeskAnswer> {
  const now = parts.clock.now();
  await parts.store.run(async (transaction) => {
    const current = await loadApproval(transaction, approval.id);
    if (current === null || current.state === "void") return;
    await voidApproval(transaction, current, `Void: ${why}. Nothing was done.`, now);
    await updateConversation(transaction, approval.conversationId, { wakeAt: now }, now);
  });
  await parts.wake(approval.conversationId).catch(() => undefined);
  return refused(`Nothing was done: ${why}. A fresh card follows.`);
}

async function refuseClick(
  parts: Parts,
  decision: DeskDecision,
  result: { readonly code: string; readonly message: string },
): Promise<DeskAnswer> {
  await parts.store.run((transaction) =>
    appendAudit(
      transaction,
      {
        kind: "refused",
        data: {
          approval: decision.approvalId,
          version: decision.version,
          why: result.code,
          user: parts.pseudonym(decision.teammate.email ?? decision.teammate.id),
        },
      },
      parts.clock.now(),
    ),
  );
  return refused(result.message);
}

/** Takes an approval back while nothing has begun: the card waits again, in a new version, with no votes. */
async function undo(parts: Parts, decision: DeskDecision, approval: Approval): Promise<DeskAnswer> {
  const now = parts.clock.now();
  const { role, voter } = voterOf(parts, decision.teammate);
  if (role === null)
    return refuseClick(parts, decision, {
      code: "forbidden",
      message: "Only support and leads can take a decision back.",
    });
  const done = await parts.store.run(async (transaction) => {
    const effects = await effectsOfApproval(transaction, approval.id);
    const open = effects.filter(({ state }) => state === "intended");
    if (
      approval.state !== "approved" ||
      open.length === 0 ||
      open.length !== effects.filter(({ state }) => state !== "withdrawn").length
    )
      return false;
    for (const { bundle } of open)
      await withdraw(transaction, { bundle }, `taken back by ${voter}`, now);
    const version = approval.version + 1;
    const changed = await changeApproval(
      transaction,
      approval,
      {
        state: "pending",
        version,
        votes: [],
        undoUntil: null,
        closing: "",
        card: {
          ...approval.card,
          version,
          changes: [`${decision.teammate.name} took the approval back.`],
        },
        expiresAt: parts.policy.expiresAt(now),
      },
      now,
    );
    if (!changed) throw new DeskhandError("approval.stale", "the card changed at the same moment");
    await amendTurn(transaction, approval.turnId, { approval_granted: null, outcome: "pending" });
    await appendAudit(transaction, voteEntry(parts, approval, voter, decision.button), now);
    return true;
  });
  return done ? accepted("") : refused("Too late: it has begun or is done already.");
}
