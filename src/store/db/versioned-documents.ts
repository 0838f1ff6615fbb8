/** The document type of every JSON column. */
import { z } from "zod";
import { Action, OrderFacts, Proposal } from "#core/values/action.ts";
import { JsonObject } from "#core/values/canonical-json.ts";
import { Hint } from "#core/values/delivery.ts";
import { DraftDifference } from "#core/lessons/draft-difference.ts";
import {
  ApprovalVote,
  Card,
  CardClaim,
  Opinion,
  RedraftRequest,
} from "#core/contracts/approval-desk.ts";
import { Message, Signal } from "#core/values/message.ts";
import { Approvers, Decision } from "#core/contracts/policy.ts";
import { PersonVerdict, RehearsalSummary, RehearsedTicket } from "#core/values/rehearsal.ts";
import { TurnTrace } from "#core/values/trace.ts";
import { cardFromStored, storedCard } from "./card-document.ts";
import { persisted, persistedAsIs, persistedEach } from "./versioned-json.ts";

/**
 * How every JSON column is written and read: `schema.ts` creates them in no other way. SQL reads a few fields by name
 * (a hint's and a signal's `kind`, `text` of a message, counts of a trace, `voter` and `at` of a vote): those keep
 * their place in every version.
 */
export const DOCUMENTS = {
  hint: persisted({ name: "hint", schema: Hint }),
  message: persisted({ name: "message", schema: Message }),
  /** Version 2 adds the kind `reopened`. */
  signal: persisted({ name: "signal", schema: Signal, upgrades: [(older) => older] }),
  trace: persisted({ name: "trace", schema: TurnTrace }),
  proposal: persisted({ name: "proposal", schema: Proposal }),
  rules: persistedEach(persisted({ name: "decision", schema: Decision })),
  needs: persisted({ name: "number of approvers", schema: Approvers }),
  votes: persistedEach(persisted({ name: "vote", schema: ApprovalVote })),
  claim: persisted({ name: "claim of a card", schema: CardClaim }),
  opinions: persistedEach(persisted({ name: "opinion", schema: Opinion })),
  redraft: persisted({ name: "wish for another draft", schema: RedraftRequest }),
  card: persisted({
    name: "card",
    schema: Card,
    storedKeys: {
      deskChannel: "place",
      status: "aside",
      context: "around",
      citations: "footnotes",
    },
    form: { toStored: storedCard, fromStored: cardFromStored },
  }),
  action: persisted({ name: "action", schema: Action }),
  facts: persistedEach(persisted({ name: "set of order facts", schema: OrderFacts })),
  answer: persisted({
    name: "desk's answer",
    schema: z.object({
      accepted: z.boolean(),
      message: z.string(),
      fieldErrors: z.record(z.string(), z.string()),
    }),
  }),
  rehearsalSummary: persisted({ name: "summary of a rehearsal", schema: RehearsalSummary }),
  rehearsedTicket: persisted({ name: "rehearsed ticket", schema: RehearsedTicket }),
  personVerdict: persisted({ name: "verdict of a person", schema: PersonVerdict }),
  draftDifference: persisted({ name: "difference from a draft", schema: DraftDifference }),
  /** Keys and sentences, whose shape cannot change. */
  lines: persistedAsIs(z.array(z.string())),
  ids: persistedAsIs(z.array(z.int())),
  /** The chain's hash covers it, so it is stored as written; the entry's kind determines its content. */
  auditData: persistedAsIs(JsonObject),
  /** What is missing means nothing is known; `knowledge/pages.ts` reads it. */
  pageAttributes: persistedAsIs(JsonObject),
  /** Each setting has its own shape, which `settings.ts` decodes. */
  setting: persistedAsIs(z.json()),
};
