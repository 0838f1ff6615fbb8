/**
 * Candidates for eval cases: writes them in YAML, masked, of a solved conversation, of one turn, of a rehearsed ticket;
 * and says which a person reads and what people decided about one. A person completes one before it becomes a case: only
 * they know what was right.
 */

import { stringify } from "yaml";
import { RefundArguments } from "#core/values/action.ts";
import type { Message } from "#core/values/message.ts";
import { digest } from "#core/values/canonical-json.ts";
import { formatMoney } from "#core/values/money.ts";
import type { PersonVerdict, RehearsedTicket } from "#core/values/rehearsal.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { inColumns, literally } from "#core/values/words.ts";
import { personalMasker } from "#jobs/masks/anonymize.ts";
import type { Effect } from "#store/effects/ledger.ts";
import {
  dropKept,
  type KeptTicket,
  keptTicketNamed,
  keptTickets,
} from "#store/rehearsal/rehearsals.ts";
import {
  ANSWERED_BY,
  type Candidate,
  type CandidateDecision,
  type CandidateLine,
  type CandidateRating,
  decideCandidate,
  listCandidates,
  recordCandidate,
  turnCandidate,
  type TurnCandidate,
} from "#store/reports/eval-candidates.ts";
import { invalidInput } from "#core/values/errors.ts";
import { groupQuestions, withLikeness } from "#jobs/gaps/list-gaps.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { maskedQuestion } from "#jobs/notes/gaps.ts";

const HEADER = [
  "# A candidate. Before it goes into a file of evals/cases: read it for personal data that is left, say who writes",
  "# (a customer of the sample world), put their order numbers in place of [number], and fill in what the answer must",
  "# hold. The gate takes it when a person accepted it: deskhand evals ID --accept.",
  "",
].join("\n");

const LINE_WIDTH = 100;

/** What every candidate says, and what is expected where that is known. */
interface Written {
  readonly id: string;
  readonly channel: ChannelName;
  readonly turns: Turns;
  readonly level: number;
  readonly behaviour: string;
  readonly topic: string;
  readonly expected: object;
}

function written(
  { id, channel, turns, level, behaviour, topic, expected }: Written,
  mask: (text: string) => string,
): string {
  const { earlier, input } = turns;
  const candidate = {
    id: `candidate-${id}`,
    channel,
    ...(earlier.length === 0 ? {} : { earlier: earlier.map(mask) }),
    input: input.map(mask),
    identity: { level },
    expected_behavior: behaviour,
    must_include: [],
    must_not_include: [],
    risk_category: /^[a-z0-9]+(?:_[a-z0-9]+)*$/.exec(topic)?.[0] ?? "other",
    ...expected,
  };
  return `${HEADER}${stringify([candidate], { lineWidth: LINE_WIDTH })}`.trimEnd();
}

interface Turns {
  readonly earlier: readonly string[];
  readonly input: readonly string[];
}

/** What the customer wrote since the last answer is the input; everything before are earlier turns. */
function turnsIn(texts: readonly { readonly isAsked: boolean; readonly text: string }[]): Turns {
  const turns: string[][] = [];
  let answered = true;
  for (const { isAsked, text } of texts) {
    if (isAsked && answered) turns.push([]);
    if (isAsked) turns.at(-1)?.push(text);
    answered = !isAsked;
  }
  return {
    earlier: turns.slice(0, -1).map((parts) => parts.join("\n\n")),
    input: turns.at(-1) ?? [],
  };
}

function caseTurns(messages: readonly Message[]): Turns {
  const shown = messages.filter(
    ({ author, visibility }) => visibility === "public" && author.kind !== "system",
  );
  return turnsIn(shown.map(({ author, text }) => ({ isAsked: author.kind === "requester", text })));
}

function idSlug(id: string): string {
  return id.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

/** Of one turn. What it did is what went wrong, or may have: nothing of it is expected. */
function caseOfTurn({ channel, trace, messages, cards }: TurnCandidate): string {
  return written(
    {
      id: `turn-${idSlug(trace.request_id)}`,
      channel,
      turns: caseTurns(messages),
      level: trace.identity_level,
      behaviour: `To be written: what would have been right. The turn ended as ${trace.outcome}.`,
      topic: trace.topic,
      expected: {},
    },
    personalMasker({ messages, cards }),
  );
}

/** Of a solved conversation, without names and addresses. */
export function caseOfConversation(candidate: Candidate): string {
  const { channel, messages, lastTurn, effects } = candidate;
  const mask = personalMasker(candidate);
  return written(
    {
      id: idSlug(candidate.conversationId),
      channel,
      turns: caseTurns(messages),
      level: lastTurn?.identity_level ?? 0,
      behaviour: caseDescription(candidate, mask),
      topic: lastTurn?.topic ?? "",
      expected: lastTurn === null ? {} : expectedResult(lastTurn, effects),
    },
    mask,
  );
}

/** How the customer was asked for a rating, with the stars where there was a scale. */
function ratingSource({ source, stars }: CandidateRating): string {
  return stars === null ? source : `${source}, ${stars} of 5`;
}

function caseDescription(candidate: Candidate, mask: (text: string) => string): string {
  const { rating, comment, lastTurn, answeredBy } = candidate;
  const ended = lastTurn === null ? "people answered" : `it ended as ${lastTurn.outcome}`;
  const how = rating === null ? "" : ` (${ratingSource(rating)})`;
  const said = rating === null || comment === "" ? "" : ` They wrote: ${mask(comment)}`;
  const by = ` Answered by: ${ANSWERED_BY[answeredBy]}.`;
  return rating?.score === "bad"
    ? `To be written: the customer rated the answer as bad${how}, and ${ended}.${by}${said}`
    : `To be checked: the conversation was ${rating === null ? "solved" : `rated as good${how}`}, and ${ended}.${by}${said}`;
}

function expectedResult(turn: TurnTrace, effects: readonly Effect[]) {
  const outcome = expectedOutcome(turn);
  return {
    expected_tools: [...new Set(turn.tools_called)],
    ...(outcome === null ? {} : { expected_outcome: outcome }),
    expected_actions: effects.map(({ operation, action, approvedBy }) => {
      const refund = RefundArguments.safeParse(action.arguments);
      return {
        operation,
        ...(refund.success ? { order: "[number]", amount: formatMoney(refund.data.amount) } : {}),
        verdict: approvedBy === "policy" ? "allow" : "ask",
      };
    }),
  };
}

/**
 * Null when a person ended it differently than the turn had planned, so that the draft is not taken for the right
 * answer.
 */
function expectedOutcome(turn: TurnTrace): string | null {
  if (turn.guard.verdict === "block") return "blocked";
  if (turn.delicate !== undefined) return "delicate";
  if (turn.escalated_to_human) return "escalate";
  return turn.outcome === "answered" ? "reply" : null;
}

/** What every name of a kept ticket begins with, so that it is told from a conversation's id. */
const KEPT_PREFIX = "rehearsed-";

/** The name a ticket is kept under: letters, digits and hyphens, one for each ticket of each rehearsal. */
export function keptName(rehearsalId: string, ticketId: string): string {
  const words = `${rehearsalId} ${ticketId}`.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  // Signs and other letters are no part of a name, and tell tickets apart all the same.
  const apart = digest([rehearsalId, ticketId]).slice(0, 8);
  return `${`${KEPT_PREFIX}${words.join("-")}`.slice(0, 180)}-${apart}`;
}

/**
 * Masks secrets, names of the customer and of `team`, e-mail and postal addresses, telephone numbers and long numbers in
 * texts of one ticket. It finds what the ticket names and what has a recognizable shape, not everything.
 */
function ticketMasker(
  { ticket }: Pick<RehearsedTicket, "ticket">,
  team: readonly string[],
): (text: string) => string {
  const { messages, answer, customer } = ticket;
  const names = [...messages.map(({ name }) => name), answer.by, ...team];
  const mask = personalMasker({ messages: [], names });
  return (text) =>
    mask(
      customer === null ? text : text.replaceAll(new RegExp(literally(customer), "gi"), "[e-mail]"),
    );
}

const EARLIER_MAX = 10;

/** Of a ticket that was kept from a rehearsal; `team` are the names of all who answered tickets of it. */
function caseOfTicket({ played, verdict, keptAs }: KeptTicket, team: readonly string[]): string {
  const mask = ticketMasker(played, team);
  const { ticket, topic, identityLevel } = played;
  const { earlier, input } = turnsIn(
    ticket.messages.map(({ by, text }) => ({ isAsked: by === "customer", text })),
  );
  return written(
    {
      id: keptAs,
      channel: ticket.channel,
      turns: { earlier: earlier.slice(-EARLIER_MAX), input },
      level: identityLevel,
      behaviour: mask(rightAnswer(played, verdict)),
      topic,
      expected: actionsFor(played, verdict),
    },
    mask,
  );
}

const SAID: Readonly<Record<PersonVerdict["right"], string>> = {
  draft: "A lead said that Deskhand was right.",
  person: "A lead said that the teammate was right.",
  both: "A lead said that both answers are fine.",
  neither: "A lead said that neither answer was right.",
};

function rightAnswer({ ticket, draft }: RehearsedTicket, verdict: PersonVerdict | null): string {
  const said =
    verdict === null ? "To be checked: no lead has said who was right." : SAID[verdict.right];
  const drafted = draft === null ? "Deskhand wrote no answer." : `Deskhand drafted: ${draft.text}`;
  return `${said} The teammate answered: ${ticket.answer.text} ${drafted}`;
}

/** The actions of the side that was right; without a word about it, people's. None where that is not known. */
function actionsFor({ ticket, actions }: RehearsedTicket, verdict: PersonVerdict | null) {
  if (verdict?.right === "neither") return {};
  if (verdict?.right === "draft" || verdict?.right === "both")
    return {
      expected_actions: actions.map(({ verdict: allowed, ...action }) =>
        expectedAction(action, allowed),
      ),
    };
  return ticket.actions === null
    ? {}
    : { expected_actions: ticket.actions.map((action) => expectedAction(action, "ask")) };
}

function expectedAction(
  {
    operation,
    orderId,
    amount,
  }: Pick<RehearsedTicket["actions"][number], "operation" | "orderId" | "amount">,
  verdict: "allow" | "ask" | "deny",
) {
  return {
    operation,
    ...(orderId === null ? {} : { order: "[number]" }),
    ...(amount === null ? {} : { amount: formatMoney(amount) }),
    verdict,
  };
}

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
  const stored = await store.run(conversationMessages, conversationId);
  const messages = stored.map(({ message }) => message);
  return maskedQuestion(messages, personalMasker({ messages })).replaceAll(/\[[^\][]*\]/g, " ");
}

/**
 * Prints a solved conversation as an eval case and lists it; or a ticket that was kept from a rehearsal, or one turn, by
 * its id: these are candidates by their names alone, and on no list. Throws `input.invalid`, with the reason, for what can be no case.
 */
export async function addCandidate(store: Store, id: string, now: Date) {
  if (id.startsWith(KEPT_PREFIX)) {
    const found = await store.run(keptTicketNamed, id);
    if (found === null) throw invalidInput(`no ticket of a rehearsal is kept as ${id}`);
    return { text: caseOfTicket(found.kept, found.team), isListed: false };
  }
  const turn = await store.run(turnCandidate, id);
  if (turn !== null) return { text: caseOfTurn(turn), isListed: false };
  const candidate = await store.run(recordCandidate, id, now);
  return { text: caseOfConversation(candidate), isListed: true };
}

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
      throw invalidInput(`${id} is no candidate any more; nothing was kept`);
    // It leaves the list; its rehearsal still has it, and a lead can keep it there again.
    if (decision === "declined") await dropKept(transaction, id);
    const data = { conversation: id, decision, by };
    await appendAudit(transaction, { kind: "candidate", data }, at);
  });
  if (decision === "declined") return null;
  return text.replace(
    /^- id: .*$/m,
    (line) => `${line}\n  accepted: ${at.toISOString().slice(0, 10)}`,
  );
}
