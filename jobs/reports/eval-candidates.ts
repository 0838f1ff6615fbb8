/** Turns solved conversations into candidates for eval cases. */
import { stringify } from "yaml";
import { DelicateTopic } from "#core/contracts/guard.ts";
import { RefundArguments } from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import { formatMoney } from "#core/values/money.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { groupQuestions, withLikeness } from "#jobs/gaps/group-questions.ts";
import { personalMasker } from "#jobs/masks/personal.ts";
import { messagesOf } from "#store/conversations/messages.ts";
import type { Store } from "#store/db/database.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { keptTicketNamed, keptTickets, type KeptTicket } from "#store/rehearsal/rehearsals.ts";
import { ANSWERED_BY } from "#store/reports/answered-by.ts";
import {
  listCandidates,
  recordCandidate,
  type Candidate,
  type CandidateRating,
  type CandidateLine,
} from "#store/reports/eval-candidates.ts";
import { turnCandidate, type TurnCandidate } from "#store/reports/turn-candidate.ts";
import { KEPT_PREFIX, rehearsedCase } from "./rehearsed-case.ts";

const LINE_WIDTH = 100;
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
  const rows = [head, ...listed.map(cellsOf), ...kept.map(cellsOfKept)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((row) => row.trimEnd())
    .join("\n");
}

function cellsOf(line: ListedCandidate): readonly string[] {
  return [
    line.conversationId,
    line.channel,
    line.reason,
    line.rating === null ? "-" : `${line.rating.score} (${sourceOf(line.rating)})`,
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

/** How the customer was asked for a rating, with the stars where there was a scale. */
function sourceOf({ source, stars }: CandidateRating): string {
  return stars === null ? source : `${source}, ${stars} of 5`;
}

/** A candidate as it is printed. */
export interface PrintedCandidate {
  readonly text: string;
  /** True for a conversation on the list; a kept ticket and a turn are candidates by their names alone. */
  readonly isListed: boolean;
}

/**
 * Prints a solved conversation as an eval case, without names and addresses, and lists it; or a ticket that was kept from
 * a rehearsal, or one turn, by its id. A person fills in what the answer must hold: only they know what was right.
 * Throws `input.invalid`, with the reason, for what can be no case.
 */
export async function addCandidate(store: Store, id: string, now: Date): Promise<PrintedCandidate> {
  if (id.startsWith(KEPT_PREFIX)) return { text: await addKept(store, id), isListed: false };
  const turn = await store.run((transaction) => turnCandidate(transaction, id));
  if (turn !== null) return { text: printed(caseOfTurn(turn)), isListed: false };
  const candidate = await store.run((transaction) => recordCandidate(transaction, id, now));
  return { text: printed(caseOf(candidate)), isListed: true };
}

function printed(written: object): string {
  return `${HEADER}${stringify([written], { lineWidth: LINE_WIDTH })}`.trimEnd();
}

/** What the turn did is what went wrong, or may have: nothing of it is expected. */
function caseOfTurn({ channel, trace, messages, cards }: TurnCandidate) {
  const masked = personalMasker({ messages, cards, effects: [] });
  const { earlier, input } = turnsIn(messages);
  return {
    id: `candidate-turn-${slugOf(trace.request_id)}`,
    channel,
    ...(earlier.length === 0 ? {} : { earlier: earlier.map(masked) }),
    input: input.map(masked),
    identity: { level: trace.identity_level },
    expected_behavior: `To be written: what would have been right. The turn ended as ${trace.outcome}.`,
    must_include: [],
    must_not_include: [],
    risk_category: riskOf(trace),
  };
}

function slugOf(id: string): string {
  return id.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

function riskOf(turn: TurnTrace | null): string {
  return /^[a-z0-9]+(?:_[a-z0-9]+)*$/.exec(turn?.topic ?? "")?.[0] ?? "other";
}

async function addKept(store: Store, name: string): Promise<string> {
  const found = await store.run((transaction) => keptTicketNamed(transaction, name));
  if (found === null)
    throw new DeskhandError("input.invalid", `no ticket of a rehearsal is kept as ${name}`);
  return `${HEADER}${rehearsedCase(found.kept, found.team)}`.trimEnd();
}

const HEADER = [
  "# A candidate. Before it goes into a file of evals/cases: read it for personal data that is left, say who writes",
  "# (a customer of the sample world), put their order numbers in place of [number], and fill in what the answer must",
  "# hold. The gate takes it when a person accepted it: deskhand evals accept.",
  "",
].join("\n");

function caseOf(candidate: Candidate) {
  const { channel, messages, lastTurn, effects } = candidate;
  const anonymous = personalMasker(candidate);
  const { earlier, input } = turnsIn(messages);
  return {
    id: `candidate-${slugOf(candidate.conversationId)}`,
    channel,
    ...(earlier.length === 0 ? {} : { earlier: earlier.map(anonymous) }),
    input: input.map(anonymous),
    identity: { level: lastTurn?.identity_level ?? 0 },
    expected_behavior: behaviourOf(candidate, anonymous),
    must_include: [],
    must_not_include: [],
    risk_category: riskOf(lastTurn),
    ...expectationsFrom(lastTurn, effects),
  };
}

/** What the customer wrote since the last answer is the input; everything before are earlier turns. */
function turnsIn(messages: readonly Message[]): {
  readonly earlier: readonly string[];
  readonly input: readonly string[];
} {
  const turns: string[][] = [];
  let answered = true;
  for (const { author, visibility, text } of messages) {
    if (visibility !== "public" || author.kind === "system") continue;
    if (author.kind === "requester") {
      if (answered) turns.push([]);
      turns.at(-1)?.push(text);
    }
    answered = author.kind !== "requester";
  }
  return {
    earlier: turns.slice(0, -1).map((texts) => texts.join("\n\n")),
    input: turns.at(-1) ?? [],
  };
}

function behaviourOf(candidate: Candidate, anonymous: (text: string) => string): string {
  const { rating, comment, lastTurn, answeredBy } = candidate;
  const ended = lastTurn === null ? "people answered" : `it ended as ${lastTurn.outcome}`;
  const how = rating === null ? "" : ` (${sourceOf(rating)})`;
  const said = rating === null || comment === "" ? "" : ` They wrote: ${anonymous(comment)}`;
  const by = ` Answered by: ${ANSWERED_BY[answeredBy]}.`;
  return rating?.score === "bad"
    ? `To be written: the customer rated the answer as bad${how}, and ${ended}.${by}${said}`
    : `To be checked: the conversation was ${rating === null ? "solved" : `rated as good${how}`}, and ${ended}.${by}${said}`;
}

function expectationsFrom(turn: TurnTrace | null, effects: readonly Effect[]) {
  if (turn === null) return {};
  const outcome = outcomeOf(turn);
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
function outcomeOf(turn: TurnTrace): string | null {
  if (turn.guard.verdict === "block") return "blocked";
  if (DelicateTopic.safeParse(turn.outcome_reason).success) return "delicate";
  if (turn.escalated_to_human) return "escalate";
  return turn.outcome === "answered" ? "reply" : null;
}

// Which candidates a person reads: one of each family, and one of those that ask the same.

const CHARACTERS_MAX = 400;

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
      question: await questionOf(store, line.conversationId),
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
async function questionOf(store: Store, conversationId: string): Promise<string> {
  const stored = await store.run((transaction) => messagesOf(transaction, conversationId));
  const messages = stored.map(({ message }) => message);
  const mask = personalMasker({ messages, cards: [], effects: [] });
  const asked = messages.filter(
    ({ author, visibility }) => author.kind === "requester" && visibility === "public",
  );
  return mask(asked.map(({ text }) => text).join(" "))
    .replaceAll(/\[[^\][]*\]/g, " ")
    .slice(0, CHARACTERS_MAX);
}
