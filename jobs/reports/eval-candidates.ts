/** Candidates for eval cases: which a person reads, how one is printed, and what people decided about it. */

import { DeskhandError } from "#core/values/errors.ts";
import { inColumns } from "#core/values/words.ts";
import { groupQuestions, withLikeness } from "#jobs/gaps/group-questions.ts";
import { personalMasker } from "#jobs/masks/anonymize.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { type KeptTicket, keptTicketNamed, keptTickets } from "#store/rehearsal/rehearsals.ts";
import { ANSWERED_BY } from "#store/reports/answered-by.ts";
import {
  type CandidateDecision,
  type CandidateLine,
  decideCandidate,
  listCandidates,
  recordCandidate,
  turnCandidate,
} from "#store/reports/eval-candidates.ts";
import {
  caseOfConversation,
  caseOfTicket,
  caseOfTurn,
  KEPT_PREFIX,
  ratingSource,
} from "./candidate-cases.ts";
import { maskedQuestion } from "#jobs/notes/gaps.ts";

const LINES_MAX = 500;

/** The solved conversations that may become eval cases: their ratings, and who wrote the last answer. Kept rehearsed tickets come last. */
export async function evalCandidateTable(store: Store): Promise<string> {
  const { lines, kept } = await store.run(async (transaction) => ({
    lines: await listCandidates(transaction, LINES_MAX),
    kept: await keptTickets(transaction, LINES_MAX),
  }));
  if (lines.length + kept.length === 0) return "No conversation was solved with an answer yet.";
  const listed = await listedCandidates(store, lines);
  const head = ["conversation", "channel", "reason", "rating", "answered by", "alike", "read"];
  return inColumns([head, ...listed.map(candidateCells), ...kept.map(cellsOfKept)]);
}

function candidateCells(line: ListedCandidate): readonly string[] {
  return [
    line.conversationId,
    line.channel,
    line.reason,
    line.rating === null ? "-" : `${line.rating.score} (${ratingSource(line.rating)})`,
    line.answeredBy === null ? "-" : ANSWERED_BY[line.answeredBy],
    line.alike === 0 ? "-" : `${line.alike} more`,
    line.decision === null
      ? "not yet"
      : `${line.decision} ${line.decidedAt?.toISOString().slice(0, 10) ?? ""}`,
  ];
}

function cellsOfKept({ played, keptAs }: KeptTicket): readonly string[] {
  return [keptAs, played.ticket.channel, "rehearsal", "-", ANSWERED_BY.person, "-", "-"];
}

/** A candidate that stands for others. */
interface ListedCandidate extends CandidateLine {
  /** How many more ask the same. */
  readonly alike: number;
}

/**
 * One candidate of each family and of each group of questions that ask the same, by the stems of their masked words. Of
 * a group the one that a person accepted stands for all, else the most typical one.
 */
async function listedCandidates(
  store: Store,
  lines: readonly CandidateLine[],
): Promise<readonly ListedCandidate[]> {
  const one = new Map<string, CandidateLine>();
  for (const line of lines) {
    const other = one.get(line.family);
    if (other === undefined || (other.decision === null && line.decision !== null))
      one.set(line.family, line);
  }
  const questions = await Promise.all(
    [...one.values()].map(async (line) => ({
      line,
      question: await comparableQuestion(store, line.conversationId),
    })),
  );
  const compared = await withLikeness(store, questions, ({ question }) => question, { max: 0 });
  return groupQuestions(compared)
    .flatMap((group) => {
      const first = group.find(({ line }) => line.decision === "accepted") ?? group[0];
      return first === undefined ? [] : [{ ...first.line, alike: group.length - 1 }];
    })
    .toSorted((a, b) => b.at.getTime() - a.at.getTime());
}

/** What the customer asked, masked: numbers and names make no two questions different. */
async function comparableQuestion(store: Store, conversationId: string): Promise<string> {
  const stored = await store.run((transaction) =>
    conversationMessages(transaction, conversationId),
  );
  const messages = stored.map(({ message }) => message);
  return maskedQuestion(messages, personalMasker({ messages })).replaceAll(/\[[^\][]*\]/g, " ");
}

/** A candidate as it is printed. */
interface PrintedCandidate {
  readonly text: string;
  /** True for a conversation on the list; a kept ticket and a turn are candidates by their names alone. */
  readonly isListed: boolean;
}

/**
 * Prints a solved conversation as an eval case and lists it; or a ticket that was kept from a rehearsal, or one turn, by
 * its id. Throws `input.invalid`, with the reason, for what can be no case.
 */
export async function addCandidate(store: Store, id: string, now: Date): Promise<PrintedCandidate> {
  if (id.startsWith(KEPT_PREFIX)) {
    const found = await store.run((transaction) => keptTicketNamed(transaction, id));
    if (found === null)
      throw new DeskhandError("input.invalid", `no ticket of a rehearsal is kept as ${id}`);
    return { text: caseOfTicket(found.kept, found.team), isListed: false };
  }
  const turn = await store.run((transaction) => turnCandidate(transaction, id));
  if (turn !== null) return { text: caseOfTurn(turn), isListed: false };
  const candidate = await store.run((transaction) => recordCandidate(transaction, id, now));
  return { text: caseOfConversation(candidate), isListed: true };
}

/** Who decides, and how. */
interface DecidedBy {
  readonly decision: CandidateDecision;
  readonly at: Date;
  readonly pseudonym: (transaction: Transaction) => Promise<string>;
}

/**
 * Keeps with the candidate, and in the audit, that a person accepted or declined it: no case is taken by the gate without.
 * Returns the masked case with the day it was accepted, or null when it was declined. Throws `input.invalid` for what is
 * no candidate.
 */
export async function decideOnCandidate(
  store: Store,
  id: string,
  { decision, at, pseudonym }: DecidedBy,
): Promise<string | null> {
  // Reading it says why something is no candidate.
  const { text, isListed } = await addCandidate(store, id, at);
  await store.run(async (transaction) => {
    const by = await pseudonym(transaction);
    const isKnown = await decideCandidate(transaction, id, { decision, by, at });
    if (!isKnown && isListed)
      throw new DeskhandError("input.invalid", `${id} is no candidate any more; nothing was kept`);
    const data = { conversation: id, decision, by };
    await appendAudit(transaction, { kind: "candidate", data }, at);
  });
  if (decision === "declined") return null;
  return text.replace(
    /^- id: .*$/m,
    (line) => `${line}\n  accepted: ${at.toISOString().slice(0, 10)}`,
  );
}
