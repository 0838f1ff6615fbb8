/** What a card shows that its row does not hold: its case, and whether it is paused, retrying, or begun. */

import { capitalised, inWords } from "#core/values/words.ts";
import type { Button, Card } from "#core/contracts/approval-desk.ts";
import { topicOfOperation } from "#core/values/vocabulary.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { loadCardStatus, markStale } from "#store/approvals/card-posting.ts";
import type { Transaction } from "#store/db/database.ts";
import { type Effect, effectsOfApproval } from "#store/effects/ledger.ts";
import {
  currentPause,
  holdOver,
  type Pause,
  type Subject,
  subjectsOfTurns,
  nameOfScope,
} from "#store/effects/pause.ts";
import { readShownCases, type ShownConversation } from "#store/cases/members.ts";
import { calledBy } from "#core/values/message.ts";
import type { CaseMember } from "#core/values/card-context.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { needsWithinLimits } from "./ballot.ts";

/** The case of a card, as far as a card shows it. Derived: part of no version and of no seal. */
interface ShownCase {
  readonly members: readonly CaseMember[];
  /** The question to a teammate, and why it is asked; empty when there is none. */
  readonly question: string;
}

/** A card that belongs to no case. */
const NO_SHOWN_CASE: ShownCase = { members: [], question: "" };

/** No more fit on a card. */
const MEMBERS_MAX = 20;
const SUBJECT_MAX = 60;
const QUESTION_MAX = 290;

/** The cases of these cards, by the id of the conversation. */
async function shownCases(
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
  const because = why === "" ? "" : ` ${capitalised(why)}.`;
  return `Same case as ${other.channel} ${calledBy(other)}${about}?${because}`.slice(
    0,
    QUESTION_MAX,
  );
}

// The status of a card.

/** The status of a card beyond its row. Derived: part of no version and of no seal. */
export interface CardStatus {
  readonly status: Card["status"];
  /** True once an effect of it has begun, so no click can undo it. */
  readonly hasBegun: boolean;
  readonly shownCase: ShownCase;
  /** Why those on duty now cannot decide it between them; empty where they can. */
  readonly short: string;
}

/** The policy in force and the moment, by which it is told who is on duty. */
export interface DutyNow {
  readonly policy: Pick<Policy, "shortOfPeople" | "approvalLimit">;
  readonly now: Date;
}

/** Nothing beyond the row. */
export const NO_STATUS: CardStatus = {
  status: null,
  hasBegun: false,
  shownCase: NO_SHOWN_CASE,
  short: "",
};

/** The status of each of these cards, by its id. */
export async function cardStatuses(
  transaction: Transaction,
  approvals: readonly Approval[],
  duty: DutyNow,
): Promise<ReadonlyMap<string, CardStatus>> {
  const live = approvals.filter(({ state }) => state === "pending" || state === "approved");
  const pause = await currentPause(transaction);
  const subjects =
    pause.holds.length === 0
      ? new Map<string, Subject>()
      : await subjectsOfTurns(
          transaction,
          live.map(({ turnId }) => turnId),
        );
  const cases = await shownCases(transaction, live);
  const found = new Map<string, CardStatus>();
  for (const approval of live)
    found.set(approval.id, {
      ...approvalStatus(approval, {
        pause,
        subject: subjects.get(approval.turnId),
        effects:
          approval.state === "approved" ? await effectsOfApproval(transaction, approval.id) : [],
      }),
      shownCase: cases.get(approval.conversationId) ?? NO_SHOWN_CASE,
      short: shortNow(approval, duty),
    });
  return found;
}

function shortNow({ state, kind, needs, proposal }: Approval, { policy, now }: DutyNow): string {
  if (state !== "pending" || kind !== "proposal") return "";
  return policy.shortOfPeople(needsWithinLimits(policy, needs, proposal), now) ?? "";
}

/** Pure, so that the desk and the console say the same. */
function approvalStatus(
  approval: Approval,
  how: {
    readonly pause: Pause;
    readonly subject: Subject | undefined;
    readonly effects: readonly Effect[];
  },
): Omit<CardStatus, "shownCase" | "short"> {
  const open = how.effects.filter(({ state }) => state === "intended" || state === "executing");
  const hasBegun = how.effects.some(({ state }) => state !== "intended" && state !== "withdrawn");
  // Decided and carried out: a pause no longer applies.
  if (approval.state === "approved" && open.length === 0) return { status: null, hasBegun };
  const hold = how.subject && holdOver(how.pause, withActions(how.subject, approval));
  if (hold) {
    const text = `Paused: ${nameOfScope(hold.scope)}${hold.by === "" ? "" : `, by ${hold.by}`}`;
    return { status: { kind: "paused", text: text.slice(0, STATUS_MAX) }, hasBegun };
  }
  const late = open.find(isTriedAgain);
  return late === undefined ? { status: null, hasBegun } : { status: triedAgain(late), hasBegun };
}

const STATUS_MAX = 390;

/** A proposal is held by the topic of each of its actions, whatever its turn was about. */
function withActions(subject: Subject, { proposal }: Approval): Subject {
  const own = (proposal?.actions ?? []).map(({ action }) => topicOfOperation(action.operation));
  return { ...subject, topics: new Set([...subject.topics, ...own]) };
}

/** The first try needs no mention. */
function isTriedAgain({ state, attempts, awayCount }: Effect): boolean {
  return awayCount > 0 || attempts > (state === "intended" ? 0 : 1);
}

function triedAgain({ operation, target }: Effect): Card["status"] {
  const what = inWords(operation);
  return {
    kind: "waiting",
    text: `The ${what} is not done yet, ${target} did not take it; it is tried again by itself.`,
  };
}

/** What the desk shows of a status, by which it is seen that it differs by now. */
export function statusLine({ status, short }: CardStatus = NO_STATUS): string {
  return [status?.text ?? "", short].filter((part) => part !== "").join(" ");
}

/** Marks every card stale whose status differs from what the desk shows. */
export async function refreshCardStatus(transaction: Transaction, duty: DutyNow): Promise<void> {
  const { holds } = await currentPause(transaction);
  const cards = await loadCardStatus(transaction, holds.length > 0);
  if (cards.length === 0) return;
  const statuses = await cardStatuses(transaction, cards, duty);
  const changed = cards.filter(
    ({ id, posting }) => statusLine(statuses.get(id)) !== posting.statusLine,
  );
  await markStale(
    transaction,
    changed.map(({ id }) => id),
  );
}
