/** Replays labelled conversations one after the other, as turns would meet them, and compares the cases with the labels. */
import { placeInCase, type CaseFacts, type OtherConversation } from "#core/cases/same-case.ts";
import { factsFrom, ordersNamedIn } from "#jobs/cases/facts.ts";
import { type Customer, type LabelledConversation, type Part, readCustomers } from "./read.ts";

/** A pair that was judged otherwise than people do. */
interface WrongPair {
  readonly customer: string;
  readonly kind: "joined" | "missed" | "asked";
  readonly earlier: string;
  readonly later: string;
  readonly reasons: readonly string[];
}

/** How well pairs of conversations were told to be one case or not. Shares are from 0 to 1. */
export interface CaseFigures {
  readonly pairs: number;
  /** Pairs that people call one case. */
  readonly same: number;
  readonly precision: number;
  readonly recall: number;
  /** Messages for which a teammate is asked, and how many of these are of one case. */
  readonly asked: number;
  readonly askedSame: number;
  readonly wrong: readonly WrongPair[];
}

interface Placed extends OtherConversation {
  readonly caseId: string;
  readonly labelled: LabelledConversation;
  readonly reasons: readonly string[];
  readonly askedAbout: OtherConversation | null;
}

/** The figures of one part. */
export function measureCases(part: Part): CaseFigures {
  const replayed = readCustomers(part).map((customer) => ({ customer, placed: replay(customer) }));
  const pairs = replayed.flatMap(({ customer, placed }) => pairsOf(customer, placed));
  const same = pairs.filter(({ isSame }) => isSame).length;
  const joined = pairs.filter(({ isJoined }) => isJoined).length;
  const right = pairs.filter(({ isSame, isJoined }) => isSame && isJoined).length;
  const asked = pairs.filter(({ isAsked }) => isAsked);
  return {
    pairs: pairs.length,
    same,
    precision: joined === 0 ? 1 : right / joined,
    recall: same === 0 ? 1 : right / same,
    asked: asked.length,
    askedSame: asked.filter(({ isSame }) => isSame).length,
    wrong: pairs.filter(({ isSame, isJoined }) => isSame !== isJoined).map(wrongPair),
  };
}

/** Two conversations of one customer, with what people and what the rules say. */
interface JudgedPair {
  readonly customer: string;
  readonly earlier: Placed;
  readonly later: Placed;
  readonly isSame: boolean;
  readonly isJoined: boolean;
  readonly isAsked: boolean;
}

function pairsOf({ id }: Customer, placed: readonly Placed[]): readonly JudgedPair[] {
  return placed.flatMap((later, at) =>
    placed.slice(0, at).map((earlier) => ({
      customer: id,
      earlier,
      later,
      isSame: earlier.labelled.case === later.labelled.case,
      isJoined: earlier.caseId === later.caseId,
      isAsked: later.askedAbout?.conversationId === earlier.conversationId,
    })),
  );
}

function wrongPair({ customer, earlier, later, isJoined, isAsked }: JudgedPair): WrongPair {
  return {
    customer,
    kind: isJoined ? "joined" : isAsked ? "asked" : "missed",
    earlier: earlier.labelled.text,
    later: later.labelled.text,
    reasons: later.reasons,
  };
}

/** Every conversation waits, and none is answered meanwhile: the most there can be to mix up. */
function replay(customer: Customer): readonly Placed[] {
  const placed: Placed[] = [];
  for (const [at, labelled] of customer.messages.entries()) {
    const conversationId = `c${at}`;
    const facts = factsOf(customer, labelled);
    const { kind, other, reasons } = placeInCase(facts, placed);
    const caseId = kind === "same" && other !== null ? other.caseId : conversationId;
    const askedAbout = kind === "unsure" ? other : null;
    placed.push({ conversationId, caseId, facts, labelled, reasons, askedAbout });
  }
  return placed;
}

/** What a turn would know: the orders its look-ups give are those named by number, else all of the customer's. */
function factsOf({ orders }: Customer, labelled: LabelledConversation): CaseFacts {
  const { text, topic, brand, at, shared, customer = "the customer" } = labelled;
  const isLookedUp = customer !== null && !["faq", "password"].includes(topic);
  return factsFrom(
    {
      customerId: customer,
      isPrivate: !shared,
      brand,
      writtenAt: new Date(at),
      orders: isLookedUp ? ordersNamedIn(text, orders) : [],
      topic,
    },
    text,
  );
}
