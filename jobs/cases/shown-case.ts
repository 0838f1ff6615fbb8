/** What a card shows of its case: the other conversations, and the question whether one more belongs to it. */
import type { Button } from "#core/contracts/approval-desk.ts";
import type { CaseMember } from "#core/values/card-context.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { readShownCases, type ShownConversation } from "#store/cases/members.ts";
import type { Transaction } from "#store/db/database.ts";
import { calledBy } from "#core/values/message.ts";

/** The case of a card, as far as a card shows it. Derived: part of no version and of no seal. */
export interface ShownCase {
  readonly members: readonly CaseMember[];
  /** The question to a teammate, and why it is asked; empty when there is none. */
  readonly question: string;
}

/** A card that belongs to no case. */
export const NO_SHOWN_CASE: ShownCase = { members: [], question: "" };

/** No more fit on a card. */
const MEMBERS_MAX = 20;
const SUBJECT_MAX = 60;
const QUESTION_MAX = 290;

/** The cases of these cards, by the id of the conversation. */
export async function shownCases(
  transaction: Transaction,
  approvals: readonly Pick<Approval, "conversationId">[],
): Promise<ReadonlyMap<string, ShownCase>> {
  const rows = await readShownCases(
    transaction,
    approvals.map(({ conversationId }) => conversationId),
  );
  const shown = new Map<string, ShownCase>();
  for (const id of new Set(rows.map(({ shownBy }) => shownBy))) {
    const others = rows.filter(({ shownBy }) => shownBy === id);
    const asked = others.find(({ isMember }) => !isMember);
    shown.set(id, {
      members: others
        .filter(({ isMember }) => isMember)
        .slice(-MEMBERS_MAX)
        .map(shownMember),
      question: asked === undefined ? "" : questionAbout(asked),
    });
  }
  return shown;
}

/** The buttons that the case adds to a waiting card. */
export function caseButtons({ members, question }: ShownCase): readonly Button[] {
  return [
    ...(question === "" ? [] : (["join", "keep_apart"] as const)),
    ...(members.length === 0 ? [] : (["separate"] as const)),
  ];
}

/** Why a conversation belongs to its case, for people who ask; no lines when it belongs to none. */
export async function caseLines(
  transaction: Transaction,
  conversationId: string,
): Promise<readonly string[]> {
  const rows = await readShownCases(transaction, [conversationId]);
  return rows.map((other) => {
    const reasons = other.reasons.join(", ");
    const name = `${other.channel} ${calledBy(other)}`;
    const about = other.isMember
      ? `Decided together with ${name}`
      : `Perhaps one case with ${name}`;
    return reasons === "" ? about : `${about}: ${reasons}`;
  });
}

function shownMember(other: ShownConversation): CaseMember {
  const { id, channel, externalId, subject, writtenAt, isDelicate, isOpen } = other;
  return {
    conversationId: id,
    channel,
    called: calledBy({ id, channel, externalId }),
    subject: subject.slice(0, 200).toWellFormed(),
    at: writtenAt.toISOString(),
    isDelicate,
    isOpen,
  };
}

/** "Same case as email 1203 (“Kettle”)? They have the same topic." */
function questionAbout(other: ShownConversation): string {
  const subject = other.subject.slice(0, SUBJECT_MAX).toWellFormed();
  const about = subject === "" ? "" : ` (“${subject}”)`;
  const why = other.reasons.join(", ");
  const because = why === "" ? "" : ` ${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
  return `Same case as ${other.channel} ${calledBy(other)}${about}?${because}`.slice(
    0,
    QUESTION_MAX,
  );
}
