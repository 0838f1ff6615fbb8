/**
 * How what a customer asked ended, decided from the events of a conversation. Pure: the same events in any order, the
 * same policy and the same moment give the same result.
 *
 * A conversation is split into matters. A matter begins with a customer's message, and a later one belongs to it until
 * the matter was answered and was quiet for the policy's days, or was answered and the message is about something else.
 */
import { z } from "zod";

/**
 * `confirmed`: the customer said so or rated well. `durable`: answered, and quiet for the policy's days on every channel
 * of that customer. `assumed`: solved at its source, without either. `handed_off`: people answered or have it, which
 * never counts as resolved. `abandoned`: the customer did not come back after our question, or rated badly.
 */
export const ResolutionKind = z.enum([
  "confirmed",
  "durable",
  "assumed",
  "handed_off",
  "abandoned",
]);
export type ResolutionKind = z.infer<typeof ResolutionKind>;

/** The kinds that count as resolved. */
export const RESOLVED: readonly ResolutionKind[] = ["confirmed", "durable", "assumed"];

/** What a message is about, as far as it is known. */
export interface Matter {
  /** Orders it names, in folded form. */
  readonly orders: readonly string[];
  /** Empty when it is not known. */
  readonly topic: string;
}

/** One event of a conversation; times are milliseconds since 1970 by the source's clock. */
export type MatterEvent = { readonly at: number; readonly key: string } & (
  | ({ readonly kind: "asked"; readonly thanks: boolean; readonly escalated: boolean } & Matter)
  /** `asks`: the customer has to say something before it can go on. */
  | { readonly kind: "answered"; readonly by: "bot" | "teammate"; readonly asks: boolean }
  | { readonly kind: "solved"; readonly automatic: boolean }
  | { readonly kind: "reopened" }
  | { readonly kind: "rated"; readonly score: "good" | "bad" }
);

/** What the same customer asked in another conversation. */
export interface AskedElsewhere extends Matter {
  readonly at: number;
  readonly conversationId: string;
}

/** Everything by which it is decided how the matters of one conversation ended. */
export interface ResolutionFacts {
  readonly events: readonly MatterEvent[];
  readonly elsewhere: readonly AskedElsewhere[];
  readonly owner: "bot" | "human";
  /** Since when people own it; null while the bot does, and where it is not known. */
  readonly handedOverAt: number | null;
  /** Model costs of turns; null where the price is not known. */
  readonly spent: readonly { readonly at: number; readonly usd: number | null }[];
  /** Work of teammates on cards, as far as it is known: from claim to decision. */
  readonly worked: readonly { readonly at: number; readonly minutes: number }[];
}

/** How one matter ended. */
export interface Resolution {
  /** Null while it is open, or where it went on in another conversation. */
  readonly kind: ResolutionKind | null;
  readonly reason: string;
  /** When it ended; null while it has not. */
  readonly endedAt: number | null;
  /** When it counts as solved for feedback, people's answers included; null while it does not. */
  readonly solvedAt: number | null;
  readonly startedAt: number;
  /** When the policy's days are over, if nothing more comes. */
  readonly quietAt: number;
  /** The conversation in which the customer went on with it; null where they did not. */
  readonly continuedIn: string | null;
  readonly usd: number;
  /** Turns whose price is not known. */
  readonly unpriced: number;
  /** Null where nothing is known of any teammate's time. */
  readonly humanMinutes: number | null;
}

/** When it is decided, and for how many milliseconds it must have been quiet. */
export interface ResolutionTerms {
  readonly now: number;
  readonly quietMs: number;
}

/**
 * True when both may be about the same. Orders decide where both name some, then the topic; where neither is known, a
 * later message counts as the same matter, so that nothing is taken for resolved that is not.
 */
function isSameMatter(one: Matter, other: Matter): boolean {
  if (one.orders.length > 0 && other.orders.length > 0)
    return one.orders.some((order) => other.orders.includes(order));
  return one.topic === "" || other.topic === "" || one.topic === other.topic;
}

/** The matters of a conversation, oldest first. A source whose clock is ahead is believed: what is known, is known. */
export function conversationResolutions(
  facts: ResolutionFacts,
  terms: ResolutionTerms,
): readonly Resolution[] {
  const matters = mattersIn(facts.events, terms);
  return matters.map((events, place) => {
    const from = place === 0 ? Number.NEGATIVE_INFINITY : matterStart(events);
    const next = matters[place + 1];
    const to = next === undefined ? Number.POSITIVE_INFINITY : matterStart(next);
    const within = ({ at }: { readonly at: number }): boolean => at >= from && at < to;
    return {
      ...matterEnd(events, { facts, terms, isLast: next === undefined }),
      startedAt: matterStart(events),
      ...matterCost(facts, within),
    };
  });
}

function matterStart(events: readonly MatterEvent[]): number {
  return events[0]?.at ?? 0;
}

function matterCost(
  { spent, worked }: ResolutionFacts,
  within: (one: { readonly at: number }) => boolean,
): Pick<Resolution, "usd" | "unpriced" | "humanMinutes"> {
  const turns = spent.filter(within);
  const work = worked.filter(within);
  return {
    usd: turns.reduce((total, { usd }) => total + (usd ?? 0), 0),
    unpriced: turns.filter(({ usd }) => usd === null).length,
    humanMinutes:
      work.length === 0 ? null : work.reduce((total, { minutes }) => total + minutes, 0),
  };
}

/** Ties are broken by what the events say, never by when they arrived. */
function inOrder(one: MatterEvent, other: MatterEvent): number {
  return one.at - other.at || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
}

/** Each list begins with a customer's message. What came before the first one belongs to no matter. */
function mattersIn(
  events: readonly MatterEvent[],
  { quietMs }: ResolutionTerms,
): readonly (readonly MatterEvent[])[] {
  const matters: MatterEvent[][] = [];
  for (const event of events.toSorted(inOrder)) {
    const current = matters.at(-1);
    if (isRequest(event) && (current === undefined || beginsAnother(current, event, quietMs)))
      matters.push([event]);
    else current?.push(event);
  }
  return matters;
}

type Asked = Extract<MatterEvent, { readonly kind: "asked" }>;

/** A message that wants something; thanks alone do not. */
function isRequest(event: MatterEvent): event is Asked {
  return event.kind === "asked" && !event.thanks;
}

function beginsAnother(current: readonly MatterEvent[], asked: Asked, quietMs: number): boolean {
  const last = current.findLast((event) => isRequest(event) || event.kind === "answered");
  if (last?.kind !== "answered") return false;
  return asked.at > lastWords(current) + quietMs || !isSameMatter(askedMatter(current), asked);
}

/** What a matter is about: every order named in it, and its newest topic. */
function askedMatter(events: readonly MatterEvent[]): Matter {
  const asked = events.filter(isRequest);
  return {
    orders: [...new Set(asked.flatMap(({ orders }) => orders))],
    topic: asked.findLast(({ topic }) => topic !== "")?.topic ?? "",
  };
}

/** What was written by or to the customer; marks of a source are no words. */
function isWords({ kind }: MatterEvent): boolean {
  return kind === "asked" || kind === "answered";
}

function lastWords(events: readonly MatterEvent[]): number {
  return events.findLast(isWords)?.at ?? 0;
}

interface Surroundings {
  readonly facts: ResolutionFacts;
  readonly terms: ResolutionTerms;
  /** True for the newest matter: who owns the conversation says something about it alone. */
  readonly isLast: boolean;
}

type End = Omit<Resolution, "startedAt" | "usd" | "unpriced" | "humanMinutes">;

function matterEnd(events: readonly MatterEvent[], { facts, terms, isLast }: Surroundings): End {
  const isOwned = isLast && facts.owner === "human";
  const signs = signsIn(events);
  const { request, quietAt, isQuiet } = quietPeriod(events, terms);
  const later = facts.elsewhere
    .filter(({ at }) => at > lastWords(events) && at <= quietAt)
    .filter((one) => isSameMatter(askedMatter(events), one))
    .toSorted((a, b) => a.at - b.at || (a.conversationId < b.conversationId ? -1 : 1))[0];
  const open: End = {
    kind: null,
    reason: "not answered yet",
    endedAt: null,
    solvedAt: null,
    quietAt,
    continuedIn: null,
  };
  if (signs.answer?.by === "teammate" || request.escalated || isOwned) {
    const solved = later === undefined ? solvedBy(signs, quietAt, isQuiet) : null;
    const endedAt = handedOffAt(events, isOwned ? (facts.handedOverAt ?? 0) : null);
    return { ...open, kind: "handed_off", reason: "with people", endedAt, solvedAt: solved };
  }
  if (later !== undefined)
    return { ...open, reason: "went on elsewhere", continuedIn: later.conversationId };
  return { ...open, ...endedAlone(signs, { quietAt, isQuiet }, terms.quietMs) };
}

/** When people got it first, given since when they own it: what they say later, or are asked, hands nothing over again. */
function handedOffAt(events: readonly MatterEvent[], ownedSince: number | null): number {
  const given = events.find(
    (event) =>
      (event.kind === "answered" && event.by === "teammate") ||
      (isRequest(event) && event.escalated),
  );
  const owned = ownedSince === null ? Infinity : Math.max(ownedSince, matterStart(events));
  return Math.min(given?.at ?? Infinity, owned);
}

/** The last request of a matter, and until when it must be quiet. */
function quietPeriod(events: readonly MatterEvent[], { now, quietMs }: ResolutionTerms) {
  const request = events.findLast(isRequest);
  if (request === undefined) throw new Error("a matter has no request");
  const quietAt = lastWords(events) + quietMs;
  return { request, quietAt, isQuiet: quietAt <= now };
}

/** What was said and marked since the last request. */
interface Signs {
  /** All of it, in order. */
  readonly since: readonly MatterEvent[];
  readonly answer: Extract<MatterEvent, { readonly kind: "answered" }> | null;
  /** When the customer said thanks for it. */
  readonly thanksAt: number | null;
  readonly rated: Extract<MatterEvent, { readonly kind: "rated" }> | null;
  readonly solved: Extract<MatterEvent, { readonly kind: "solved" }> | null;
}

function signsIn(events: readonly MatterEvent[]): Signs {
  const since = events.slice(events.findLastIndex(isRequest) + 1);
  const answered = since.filter((event) => event.kind === "answered").at(-1) ?? null;
  const first = since.find((event) => event.kind === "answered");
  const thanks = since.findLast(
    (event) => event.kind === "asked" && first !== undefined && event.at >= first.at,
  );
  const ended = since
    .filter((event) => event.kind === "solved" || event.kind === "reopened")
    .at(-1);
  return {
    since,
    answer: answered,
    thanksAt: thanks?.at ?? null,
    rated: since.filter((event) => event.kind === "rated").at(-1) ?? null,
    solved: ended?.kind === "solved" ? ended : null,
  };
}

/** When the matter counts as solved for feedback, by the bot or by people; null while it does not. */
function solvedBy(signs: Signs, quietAt: number, isQuiet: boolean): number | null {
  if (signs.rated?.score === "good") return signs.rated.at;
  if (signs.solved !== null && !signs.solved.automatic) return signs.solved.at;
  if (signs.thanksAt !== null) return signs.thanksAt;
  return isQuiet && signs.answer !== null && !signs.answer.asks ? quietAt : null;
}

function endedAlone(
  signs: Signs,
  { quietAt, isQuiet }: Omit<ReturnType<typeof quietPeriod>, "request">,
  quietMs: number,
): Partial<End> {
  const solvedAt = solvedBy(signs, quietAt, isQuiet);
  const end = saidBy(signs, isQuiet) ?? leftBy(signs, isQuiet);
  const endedAt =
    end.kind === null ? null : end.kind === "abandoned" ? quietAt : firstEnded(signs, quietMs);
  return { ...end, endedAt, solvedAt };
}

/**
 * The first sign of a resolved matter: no later one ends it again, such as the quiet after a mark,
 * a second thanks, or the mark that follows once thanks have reopened a ticket.
 */
function firstEnded({ since }: Signs, quietMs: number): number {
  const answeredAt = since.find(({ kind }) => kind === "answered")?.at ?? Infinity;
  const times = since.flatMap((event, place) => {
    if (event.kind === "answered") {
      const next = since.slice(place + 1).find(isWords);
      const isLeft = next === undefined || next.at > event.at + quietMs;
      return isLeft && !event.asks ? [event.at + quietMs] : [];
    }
    const isThanks = event.kind === "asked" && event.at >= answeredAt;
    const isGood = event.kind === "rated" && event.score === "good";
    return event.kind === "solved" || isThanks || isGood ? [event.at] : [];
  });
  return Math.min(...times);
}

type Said = Pick<End, "kind" | "reason">;

/** What the customer's own sign says; null when they gave none. */
function saidBy({ rated, thanksAt }: Signs, isQuiet: boolean): Said | null {
  if (rated?.score === "good") return { kind: "confirmed", reason: "rated good" };
  if (rated?.score === "bad") return { kind: isQuiet ? "abandoned" : null, reason: "rated bad" };
  return thanksAt === null ? null : { kind: "confirmed", reason: "the customer said so" };
}

/** What the quiet since the answer, or the source's mark, says. */
function leftBy({ answer, solved }: Signs, isQuiet: boolean): Said {
  if (answer !== null && isQuiet && !answer.asks)
    return { kind: "durable", reason: "answered and quiet since" };
  if (solved !== null)
    return {
      kind: "assumed",
      reason: solved.automatic ? "solved by a rule" : "solved by a teammate",
    };
  if (answer !== null && isQuiet) return { kind: "abandoned", reason: "no answer to our question" };
  const reason =
    answer === null
      ? "not answered yet"
      : answer.asks
        ? "we asked the customer"
        : "answered, not quiet for long enough";
  return { kind: null, reason };
}
