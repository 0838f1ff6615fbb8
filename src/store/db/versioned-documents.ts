/** The document type of every JSON column. */
import { z } from "zod";
import { Action, OrderFacts, Proposal } from "#core/values/action.ts";
import { ApprovalVote, CardClaim, Opinion, RedraftRequest } from "#core/values/approval.ts";
import { JsonObject } from "#core/values/canonical-json.ts";
import { Hint } from "#core/values/delivery.ts";
import { DraftDifference } from "#core/lessons/draft-difference.ts";
import { Card } from "#core/contracts/approval-desk.ts";
import { Message, Signal } from "#core/values/message.ts";
import { Approvers, Decision } from "#core/contracts/policy.ts";
import { PersonVerdict, RehearsalSummary, RehearsedTicket } from "#core/values/rehearsal.ts";
import { TurnTrace } from "#core/values/trace.ts";
import { cardFromStored, storedCard } from "./card-document.ts";
import { persisted, persistedAsIs, persistedEach } from "./versioned-json.ts";

const VoteDocument = persisted({ name: "vote", version: 1, schema: ApprovalVote, upgrades: [] });
const LINES = persistedAsIs(z.array(z.string()));

/**
 * How every JSON column is written and read: `schema.ts` creates them in no other way. SQL reads a few fields by name
 * (a hint's and a signal's `kind`, `text` of a message, counts of a trace, `voter` and `at` of a vote): those keep
 * their place in every version.
 */
export const DOCUMENTS = {
  hint: persisted({ name: "hint", version: 1, schema: Hint, upgrades: [] }),
  message: persisted({ name: "message", version: 1, schema: Message, upgrades: [] }),
  /** Version 2 adds the kind `reopened`. */
  signal: persisted({ name: "signal", version: 2, schema: Signal, upgrades: [(older) => older] }),
  trace: persisted({ name: "trace", version: 1, schema: TurnTrace, upgrades: [] }),
  proposal: persisted({ name: "proposal", version: 1, schema: Proposal, upgrades: [] }),
  rules: persistedEach(persisted({ name: "decision", version: 1, schema: Decision, upgrades: [] })),
  needs: persisted({ name: "number of approvers", version: 1, schema: Approvers, upgrades: [] }),
  votes: persistedEach(VoteDocument),
  claim: persisted({ name: "claim of a card", version: 1, schema: CardClaim, upgrades: [] }),
  opinions: persistedEach(
    persisted({ name: "opinion", version: 1, schema: Opinion, upgrades: [] }),
  ),
  redo: persisted({
    name: "wish for another draft",
    version: 1,
    schema: RedraftRequest,
    upgrades: [],
  }),
  card: persisted({
    name: "card",
    version: 1,
    schema: Card,
    upgrades: [],
    storedKeys: {
      deskChannel: "place",
      status: "aside",
      context: "around",
      citations: "footnotes",
    },
    form: { toStored: storedCard, fromStored: cardFromStored },
  }),
  action: persisted({ name: "action", version: 1, schema: Action, upgrades: [] }),
  facts: persistedEach(
    persisted({ name: "set of order facts", version: 1, schema: OrderFacts, upgrades: [] }),
  ),
  answer: persisted({
    name: "desk's answer",
    version: 1,
    schema: z.object({
      accepted: z.boolean(),
      message: z.string(),
      fieldErrors: z.record(z.string(), z.string()),
    }),
    upgrades: [],
  }),
  rehearsalSummary: persisted({
    name: "summary of a rehearsal",
    version: 1,
    schema: RehearsalSummary,
    upgrades: [],
  }),
  rehearsedTicket: persisted({
    name: "rehearsed ticket",
    version: 1,
    schema: RehearsedTicket,
    upgrades: [],
  }),
  personVerdict: persisted({
    name: "verdict of a person",
    version: 1,
    schema: PersonVerdict,
    upgrades: [],
  }),
  draftDifference: persisted({
    name: "difference from a draft",
    version: 1,
    schema: DraftDifference,
    upgrades: [],
  }),
  /** Keys and sentences, whose shape cannot change. */
  lines: LINES,
  ids: persistedAsIs(z.array(z.int())),
  /** The chain's hash covers it, so it is stored as written; the entry's kind determines its content. */
  auditData: persistedAsIs(JsonObject),
  /** What is missing means nothing is known; `knowledge/attributes.ts` reads it. */
  pageAttributes: persistedAsIs(JsonObject),
  /** Each setting has its own shape, which `settings.ts` decodes. */
  setting: persistedAsIs(z.json()),
};
