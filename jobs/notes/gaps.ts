/** Notes a question as one the help pages do not answer, where a turn or an edit shows it. */
import { z } from "zod";
import { citationsIn } from "#core/values/card-text.ts";
import {
  type Conversation,
  type Message,
  type Signal,
  isFromRequester,
} from "#core/values/message.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { masker } from "#jobs/masks/anonymize.ts";
import { type NewGap, recordGap } from "#store/knowledge/page-notes.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { Plan } from "#jobs/plan/plan.ts";
import { oneLine } from "#core/values/words.ts";
import type { Citation } from "#core/values/card-context.ts";

/** The tool by which a turn searches the help pages. */
const SEARCH = "search_faq";

/** Of questions whose best page has a smaller chance than this, none was answered by it. */
const USABLE_SCORE_MIN = 0.2;

/** Longer words are a story around the question. */
const QUESTION_CHARACTERS_MAX = 400;

/** What a turn has read and decided, as far as gaps and answers of teammates show in it. */
export interface DecidedTurn {
  readonly snapshot: ConversationSnapshot;
  readonly changes: ConversationChanges;
  readonly plan: Plan;
  /** Signals that are new with this turn. */
  readonly signals: readonly Signal[];
  readonly now: Date;
}

/** Notes what this turn shows the pages lack, in the turn's own transaction. Most turns show nothing and cost nothing. */
export async function noteGapsOfTurn(
  transaction: Transaction,
  { snapshot, changes, plan, signals, now }: DecidedTurn,
): Promise<void> {
  const { conversation } = snapshot.state;
  const known = [...snapshot.stored.map(({ message }) => message), ...changes.newMessages];
  const note = async (
    reason: NewGap["reason"],
    messages: readonly Message[],
    found: Found = {},
  ): Promise<void> => {
    const gap = gapFrom(conversation, known, { reason, messages, at: now, ...found });
    if (gap !== null) await recordGap(transaction, gap);
  };
  if (plan.trace !== null && plan.trace.outcome !== "ignored" && isUnanswered(plan.trace))
    await note("unanswered", changes.open, searched(plan.trace));
  if (signals.some(({ kind }) => kind === "reopened") && !onlyThanks(changes))
    await note("reopened", answeredByBot(snapshot));
  const { sentByHand } = plan;
  const { pending } = snapshot;
  if (sentByHand !== null && sentByHand.lines.length > 0 && pending !== null) {
    const asked = known.filter(({ key }) => sentByHand.answers.includes(key));
    const pages = pagesIn(pending.card.context.citations);
    if (pages.length > 0) await note("corrected", asked, { pages });
  }
}

/**
 * Notes an edit that removed what the draft had from a help page. An edit that keeps it, such as another greeting,
 * shows nothing.
 */
export async function noteCorrection(
  transaction: Transaction,
  given: {
    readonly approval: Approval;
    readonly conversation: Conversation;
    readonly text: string;
    readonly at: Date;
  },
): Promise<void> {
  const { approval, conversation, text, at } = given;
  const pages = replacedPages(approval.card.context.citations, text);
  if (pages.length === 0) return;
  const stored = await conversationMessages(transaction, conversation.id);
  const messages = stored.map(({ message }) => message);
  const asked = messages.filter(({ key }) => approval.answers.includes(key));
  const gap = gapFrom(conversation, messages, { reason: "corrected", messages: asked, at, pages });
  if (gap !== null) await recordGap(transaction, gap);
}

/** Titles of the pages of which the new text no longer says something that the draft said. */
export function replacedPages(citations: readonly Citation[], text: string): readonly string[] {
  const left = new Map(citationsIn(text, citations).map(({ source, words }) => [source, words]));
  return pagesIn(
    citations.filter(
      ({ source, words }) => words.length > 0 && (left.get(source)?.length ?? 0) < words.length,
    ),
  );
}

/** A citation of a page has the page's words or its address with it; one of a record has neither. */
function pagesIn(citations: readonly Citation[]): readonly string[] {
  return citations
    .filter(({ quote, source }) => quote !== "" || /\(https?:\/\//.test(source))
    .map(({ source }) => source);
}

/**
 * A turn that searched and found nothing usable, unless records answered; or one that only searched and handed over
 * although something was found, since the passages did not say what was asked.
 */
function isUnanswered({ spans, tools_called, escalated_to_human }: TurnTrace): boolean {
  if (!tools_called.includes(SEARCH)) return false;
  const scores = spans.flatMap(({ attributes }) => {
    const score = attributes["deskhand.best_score"];
    return typeof score === "number" ? [score] : [];
  });
  const onlySearched = tools_called.every((tool) => tool === SEARCH);
  if (Math.max(0, ...scores) < USABLE_SCORE_MIN) return onlySearched || escalated_to_human;
  return onlySearched && escalated_to_human;
}

const Searched = z.object({
  "gen_ai.tool.name": z.literal(SEARCH),
  "deskhand.arguments": z.string(),
  "deskhand.best_score": z.number().catch(0),
  /** Turns of older versions did not note them. */
  "deskhand.pages": z.array(z.string()).catch([]),
});

/**
 * What the model searched for, in the pages' language and without names, and the titles of pages that may well be about
 * it: a page that exists is not missing.
 */
function searched({ spans }: TurnTrace): Found {
  const all = spans.flatMap(({ attributes }) => Searched.safeParse(attributes).data ?? []);
  const queries = all.flatMap((one) => queryIn(one["deskhand.arguments"]) || []);
  const pages = all
    .filter((one) => one["deskhand.best_score"] >= USABLE_SCORE_MIN)
    .flatMap((one) => one["deskhand.pages"].slice(0, 1));
  const query = [...new Set(queries)].join("; ").slice(0, QUESTION_CHARACTERS_MAX);
  return { query, pages: [...new Set(pages)] };
}

/** The customer's messages that the bot answered last; none where a person did. */
function answeredByBot({ stored }: ConversationSnapshot): readonly Message[] {
  const shown = stored
    .map(({ message }) => message)
    .filter(({ visibility, author }) => visibility === "public" && author.kind !== "system");
  const last = shown.findLastIndex(({ author }) => author.kind !== "requester");
  if (last < 0 || shown[last]?.author.kind !== "bot") return [];
  const before = shown.slice(0, last);
  const earlier = before.findLastIndex(({ author }) => author.kind !== "requester");
  return before.slice(earlier + 1);
}

/** A conversation that is reopened by a word of thanks lacks nothing. */
function onlyThanks({ newMessages, ignored }: ConversationChanges): boolean {
  const written = newMessages.filter(({ author }) => author.kind === "requester");
  const keys = new Set(ignored.map(({ message }) => message.key));
  return written.length > 0 && written.every(({ key }) => keys.has(key));
}

/** What the turn had searched for, or the pages it had cited. */
interface Found {
  readonly query?: string;
  readonly pages?: readonly string[];
}

/** Null where nobody asked anything in these messages; `known` says which names to mask. */
function gapFrom(
  { id: conversationId, channel }: Conversation,
  known: readonly Message[],
  noted: Pick<NewGap, "reason" | "at"> & Found & { readonly messages: readonly Message[] },
): NewGap | null {
  const { reason, messages, at, query = "", pages = [] } = noted;
  const newest = messages.findLast(isFromRequester);
  if (newest === undefined) return null;
  const mask = masker({ messages: known });
  return {
    conversationId,
    messageKey: newest.key,
    reason,
    channel,
    question: maskedQuestion(messages, mask),
    query: oneLine(mask(query)),
    pages: [...pages],
    at,
  };
}

/** What the customer asked in these messages, masked, in one line. */
export function maskedQuestion(
  messages: readonly Message[],
  mask: (text: string) => string,
): string {
  const asked = messages.filter(isFromRequester).map(({ text }) => text);
  return oneLine(mask(asked.join(" "))).slice(0, QUESTION_CHARACTERS_MAX);
}

/**
 * What was searched for, in its last wording, which is the help pages' own. The trace keeps the beginning of a call's
 * arguments, masked; a query that is cut off ends there. Older calls had one wording.
 */
function queryIn(excerpt: string): string {
  const [, list = ""] = /"quer(?:y|ies)"\s*:\s*\[?([^]*)/.exec(excerpt) ?? [];
  const wordings = [...list.matchAll(/"((?:[^"\\]|\\.)*)"?/g)].map(([, wording = ""]) => wording);
  const inside = wordings.findLast((wording) => wording !== "") ?? "";
  try {
    return z
      .string()
      .parse(JSON.parse(`"${inside}"`))
      .trim();
  } catch {
    return "";
  }
}
