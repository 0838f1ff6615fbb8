/**
 * The contract of an approval desk: cards, buttons, teammates, decisions, the life of an approval, what a desk shows one
 * teammate, and the methods of a desk and its handler.
 */

import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import { Role } from "#core/values/vocabulary.ts";
import { UsedUpLimit } from "./policy.ts";
import type { Target } from "./tool.ts";
import { CardContext, NO_CARD_CONTEXT, SenderStanding } from "#core/values/card-context.ts";

export { ApprovalState } from "#gate/kernel/states.ts";

export const ApprovalVote = z.strictObject({
  /** E-mail where known, else the desk's user id: one person is one voter on every desk. */
  voter: z.string(),
  /** The desk's own id of the voter, under which the policy may list them as well. */
  deskId: z.string().optional(),
  /** The desk groups the voter was in when they clicked, where known. */
  groups: z.array(z.string()).optional(),
  name: z.string(),
  role: Role,
  at: z.iso.datetime(),
});
export type ApprovalVote = z.infer<typeof ApprovalVote>;

/** A teammate says that they are looking at a card, so that others need not. It decides nothing, and any teammate may still decide. */
export const CardClaim = z.strictObject({
  /** The same as a vote's, so that one person is the same on every desk. */
  voter: z.string(),
  deskId: z.string(),
  name: z.string(),
});
export type CardClaim = z.infer<typeof CardClaim>;

/** The longest answer a teammate may write instead of a draft that is only shown. */
export const OWN_ANSWER_MAX = 3_000;

/** What a teammate thinks of a draft that is only shown. It decides nothing, and may be changed. */
export const Opinion = z.strictObject({
  /** The same as a vote's, so that one person is the same on every desk. */
  voter: z.string(),
  deskId: z.string(),
  name: z.string(),
  wouldSend: z.boolean(),
  /** What they would have written; empty when they do not say. */
  ownAnswer: z.string().max(OWN_ANSWER_MAX),
  at: z.iso.datetime(),
});
export type Opinion = z.infer<typeof Opinion>;

/** The maximum length of a teammate's instruction for a redraft. */
export const INSTRUCTION_MAX = 500;

/** A redraft that a teammate requested and that is not written yet. */
export const RedraftRequest = z.strictObject({
  name: z.string(),
  hint: z.string().max(INSTRUCTION_MAX),
  /** Names of the approvers whose approvals the request cancelled. */
  lapsed: z.array(z.string()),
});
export type RedraftRequest = z.infer<typeof RedraftRequest>;

// The overview.

/**
 * An answer for one person alone. Headings are ours; lines may hold third-party text, and a desk shows them literally.
 */
export interface TraceSections {
  readonly sections: readonly { readonly heading: string; readonly lines: readonly string[] }[];
}

/** Why a card looks as it does, and what people did about it. */
export interface Explanation extends TraceSections {
  /** The card's address in the console, where all of it can be read. */
  readonly link: string;
}

/** A command typed to Deskhand itself, such as `pause chat`. */
export interface DeskCommand {
  /** The same command delivered twice is one command. */
  readonly commandId: string;
  /** The text after the command's name. */
  readonly words: string;
  readonly teammate: DeskTeammate;
}

/** How much waits, and where the list is: for people with a role only. */
export interface DeskOverview {
  readonly at: Date;
  /** The team's time zone. */
  readonly zone: string;
  /** What is paused and who paused it; empty while everything runs. */
  readonly paused: string;
  /** Cards that wait for a decision. */
  readonly waiting: number;
  /** Cases that people have, and no teammate by name. */
  readonly untaken: number;
  /** The inbox in the console. */
  readonly link: string;
}

/** The teammate who pressed a button, as far as the desk can prove it now. */
export const DeskTeammate = z.strictObject({
  id: z.string().min(1),
  name: z.string(),
  email: z.string().nullable(),
  /** External, guest, deactivated and bot users are refused whatever the policy says. */
  eligible: z.boolean(),
  /** Which groups named in the policy they belong to on this desk; left out by a desk without groups. */
  groups: z.array(z.string()).optional(),
  /** From another company that shares a channel with ours: told nothing, and the team is notified of the attempt. */
  outside: z.literal(true).optional(),
  /** A program proposes for them, under a name that says so: it edits and asks for drafts, and decides on nothing. */
  assistant: z.literal(true).optional(),
  /** Signed in by a link that a lead made, who may be the one that pressed: no second person. */
  invited: z.literal(true).optional(),
});

export type DeskTeammate = z.infer<typeof DeskTeammate>;

// The contract of a desk.

/**
 * A line shown first that decides nothing, and what it is about: the output check (`check`), a sentence without a source
 * (`unbacked`), another language than the customer's, a reading against sources, the guard (`stopped`, or `caution`
 * where nothing may be changed), an unusual amount, an amount from no record, files, or anything else.
 */
export const Flag = z.strictObject({
  text: z.string().min(1).max(300),
  about: z.enum([
    "check",
    "unbacked",
    "language",
    "reading",
    "stopped",
    "caution",
    "unusual",
    "amount",
    "files",
    "other",
  ]),
  /** The action it is about, by its label, where the card has several. */
  action: z.string().optional(),
});
export type Flag = z.infer<typeof Flag>;

/** A flag of no kind of its own. */
export function plainFlag(text: string): Flag {
  return { text, about: "other" };
}

/** The buttons a card can carry that decide or change something. Each desk adds its own button that opens the trace. */
export const Button = z.enum([
  "approve",
  "edit",
  "reject",
  "escalate",
  "undo",
  "dismiss",
  "claim",
  "release",
  "redo",
  "take_over",
  "join",
  "keep_apart",
  "separate",
  "thumbs_up",
  "thumbs_down",
  "harmless",
]);
export type Button = z.infer<typeof Button>;

/** What a decision can be about: a card's buttons, and those of lists that are no cards. */
export const DecisionButton = z.enum([
  ...Button.options,
  /** On a list of what was set aside as junk: the conversation goes back to work. */
  "not_junk",
  /** On a case, which they name by its conversation. */
  "assign",
  "snooze",
  "close",
  "reopen",
  "reply",
]);
export type DecisionButton = z.infer<typeof DecisionButton>;

/** Until when a case may be snoozed; `over` wakes it now. */
export const Snooze = z.enum(["afternoon", "tomorrow", "monday", "day", "over"]);
export type Snooze = z.infer<typeof Snooze>;

/**
 * What a rejection means for the customer: the teammate who clicked answers, no answer is sent, or the team answers
 * knowing what was wrong.
 */
export const Rejection = z.enum(["i_answer", "no_answer", "reason"]);
export type Rejection = z.infer<typeof Rejection>;

/** Labels of the rejections, for forms and reports. */
export const REJECTION_WORDS: Readonly<Record<Rejection, string>> = {
  i_answer: "I answer",
  no_answer: "No answer needed",
  reason: "Something is wrong with it",
};

/** The prefix of ids of policy cards, so a form can be recognised by the id alone. */
export const POLICY_CARD = "policy";

/** The prefix of ids of versions of procedures, which leads decide on as they do on the policy. */
export const PROCEDURE_CARD = "proc";

/** What a press is about: a card, or on an alert or a list a conversation, or a decision of leads. */
type Subject = "card" | "conversation" | "policy" | "procedure";

/** What the id of a decision names. Messages that were posted hold the id alone, so it is told by its beginning. */
export function decisionSubject(id: string): Subject {
  if (/^c_[0-9a-f]{20}$/.test(id)) return "conversation";
  if (id.startsWith(`${PROCEDURE_CARD}_`)) return "procedure";
  return id.startsWith(`${POLICY_CARD}_`) ? "policy" : "card";
}

/** Everything a teammate sees, as data; each desk renders it in its own way and adds nothing. */
export const Card = z.strictObject({
  approvalId: z.string().min(1),
  version: z.int().min(1),
  /**
   * `proposal`: something to approve. `blocked`: a message that was not planned on. `notice`: information only.
   * `policy`: a change of the policy file that permits more than before, or a version of a procedure.
   */
  kind: z.enum(["proposal", "blocked", "notice", "policy"]),
  /** The desk channel it goes to, by the policy's name for it; null is the default channel. Stored as `place`. */
  deskChannel: z.string().nullable().default(null),
  /** `shadow`: shown whole for an opinion, and nothing of it can ever be sent. Computed for display, never stored. */
  state: z.enum(["pending", "undoable", "closed", "shadow"]),
  /** What would happen, for what, and for whom: "Refund 640.00 USD · phone · Cara Lind". None of the customer's text. */
  headline: z.string().min(1).max(300),
  /** What a phone notification shows instead of the headline, when names are kept out of notifications; empty to show the headline. */
  notification: z.string().max(300).default(""),
  /** The team's time zone, for every time on the card. */
  zone: z.string().default("UTC"),
  /** Held by a pause, or being retried. Computed for display; stored, as `aside`, it is null. */
  status: z
    .strictObject({ kind: z.enum(["paused", "waiting"]), text: z.string().max(400) })
    .nullable()
    .default(null),
  /** When closed: who, what and when, in one line. While undoable: what will happen and when. */
  closing: z.string().max(500),
  requester: z.strictObject({
    name: z.string(),
    address: z.string(),
    verification: z.string(),
    level: z.int(),
    /** What the proof counts for where something is changed; left out where it is `level`. */
    actingLevel: IdentityLevel.exactOptional(),
    /** Left out of a card of older code. */
    standing: SenderStanding.optional(),
  }),
  channel: z.string(),
  conversationLabel: z.string(),
  /** Stored as `around`. */
  context: CardContext.default(NO_CARD_CONTEXT),
  /** Shown literally: plain text, never markup. */
  asked: z.string(),
  /** What changed since the card was first posted, newest last. */
  changes: z.array(z.string()),
  /** What teammates changed in the draft, oldest first; no lines when it was sent by hand unchanged. */
  edits: z
    .array(z.strictObject({ by: z.string(), lines: z.array(z.string().max(600)) }))
    .default([]),
  actions: z.array(
    z.strictObject({
      label: z.string(),
      rule: z.string(),
      /** Limits for which a person is asked about what policy does alone at other times; left out for none. */
      usedUp: z.array(UsedUpLimit).optional(),
    }),
  ),
  draft: z
    .strictObject({
      text: z.string(),
      to: z.string(),
      sources: z.array(z.string()),
      /** Text the output check objects to; a desk highlights every occurrence. */
      marks: z.array(z.string()).default([]),
    })
    .nullable(),
  /** The question and the draft in the team's language, by a model: for reading only, never sent and never sealed. */
  translation: z
    .strictObject({
      /** The language's name in English. */
      into: z.string(),
      /** The model that translated it. */
      by: z.string(),
      asked: z.string(),
      /** Empty when there is no draft, or when a teammate has changed it since. */
      draft: z.string(),
    })
    .nullable()
    .default(null),
  /** Set when the draft answers a part only: what people take over once it is sent. Left out otherwise. */
  passesOn: z
    .strictObject({
      reason: z.string(),
      summary: z.string(),
      unanswered: z.array(z.string()),
      tried: z.array(z.string()),
    })
    .optional(),
  /** Keys of what was open elsewhere in its case when its turn was planned; never shown. Left out for none. */
  seenElsewhere: z.array(z.string()).optional(),
  flags: z.array(Flag),
  /** "1 of 2, one must be a lead"; empty when one person is enough. */
  progress: z.string(),
  /** Who has claimed the card, by name, and until when. Kept in the card's row, never stored in here. */
  claim: z.strictObject({ name: z.string(), until: z.iso.datetime() }).optional(),
  /** In shadow: each teammate's opinion of the draft. Kept in the card's row, never stored in here. */
  opinions: z.array(Opinion.pick({ name: true, wouldSend: true, ownAnswer: true })).optional(),
  expiresAt: z.iso.datetime().nullable(),
  buttons: z.array(Button),
  /** What the approve button says: "Send" for a reply alone, "Approve" when an action goes with it. */
  approveLabel: z.string(),
  /**
   * The question a press on Approve is asked; empty where nothing is asked. `confirmText` puts what the card does before
   * it. A card of older code has all of that in here, and longer.
   */
  confirm: z.string(),
  /** The model that drafted it; the rehearsal model is named as such. */
  model: z.string(),
  traceId: z.string(),
});
export type Card = z.infer<typeof Card>;

/** What a card says of a customer, a draft and a vote while there is none. */
export const BARE_CARD = {
  notification: "",
  status: null,
  conversationLabel: "",
  context: NO_CARD_CONTEXT,
  asked: "",
  changes: [],
  edits: [],
  actions: [],
  draft: null,
  translation: null,
  flags: [],
  progress: "",
  expiresAt: null,
  buttons: [],
  confirm: "",
} satisfies Partial<Card>;

/** One decision a teammate requested, from any desk. */
export const DeskDecision = z.strictObject({
  /** The same click delivered twice is one decision. */
  decisionId: z.string().min(1),
  /** The card; on an alert, a list or a case, which are no cards, the conversation that the press is about. */
  approvalId: z.string().min(1),
  version: z.int().min(1),
  button: DecisionButton,
  teammate: DeskTeammate,
  /** With reject: why. */
  reason: z.string().max(1_000),
  /** With reject: what it means; left out, something is wrong with the draft. */
  rejection: Rejection.optional(),
  /** With redo: what to do differently. */
  hint: z.string().max(INSTRUCTION_MAX).optional(),
  /** With thumbs_down: what they would have written. */
  ownAnswer: z.string().max(OWN_ANSWER_MAX).optional(),
  /** With edit: the new full text and, when money moves, the new amount as typed. */
  edit: z
    .strictObject({ text: z.string().max(60_000), amount: z.string().max(40).nullable() })
    .nullable(),
  /** With approve, from a list of many: only while the card warns of nothing and no teammate is at it. */
  isPlain: z.literal(true).optional(),
  /** With assign: the colleague's address. */
  to: z.string().max(254).optional(),
  /** With snooze. */
  until: Snooze.optional(),
  /** With reply, whose text is in `edit`: sent although the checks warn. */
  despite: z.boolean().optional(),
  /** With reply, close and snooze: the number of the newest message of the case that the teammate was shown. */
  seen: z.int().min(0).optional(),
  /** With reply: the waiting cards that its writer was shown, each by its id and version, `a_1@2`. */
  cards: z.array(z.string().max(400)).max(100).optional(),
  /** With reply: the mark of whom its writer was shown that it goes to. */
  goesTo: z.string().max(4_000).optional(),
});
export type DeskDecision = z.infer<typeof DeskDecision>;

/** What the teammate who clicked is told. Field errors keep a form open. */
export interface DeskAnswer {
  readonly accepted: boolean;
  readonly message: string;
  readonly fieldErrors: { readonly text?: string; readonly amount?: string };
  /** What the checks say of a reply that is sent only once it is asked for again; left out for none. */
  readonly warnings?: readonly string[];
  /** The newest message of the case that a refusal told: a reply that is sent again was written knowing it. */
  readonly seen?: number;
  /** The same for cards that wait. */
  readonly cards?: readonly string[];
  /** The same for whom a reply goes to. */
  readonly goesTo?: string;
  /** With reply: the card of what is sent, by which it can be taken back. */
  readonly card?: string;
  /** For how many milliseconds what was done can be taken back; left out where it cannot, or where a card shows it. */
  readonly undoMs?: number;
}

/** The initial values of an edit form: read from the approval row, never from the card. */
export interface EditForm {
  readonly approvalId: string;
  readonly version: number;
  readonly text: string;
  /** Null when no money moves. */
  readonly amount: string | null;
  readonly currency: string | null;
  /** The order the amount is refunded for, when the card has refunds of other orders too. */
  readonly order: string | null;
}

/** What jobs offer a desk. Each method is a compare-and-set in the database, so any process may serve it. */
export interface DeskHandler {
  decide(decision: DeskDecision): Promise<DeskAnswer>;
  editForm(
    approvalId: string,
    version: number,
    teammate: DeskTeammate,
  ): Promise<EditForm | DeskAnswer>;
  /** Whether a teammate may press this button now: checked when a form opens, and again when it is sent. */
  check(
    about: Pick<DeskDecision, "approvalId" | "version" | "button">,
    teammate: DeskTeammate,
  ): Promise<DeskAnswer>;
  /** The trace and history of a card as text; null for people without a role, who are told nothing. */
  explain(approvalId: string, teammate: DeskTeammate): Promise<Explanation | null>;
  /** Carries out a command typed to Deskhand. Permissions are looked up here; only the author sees the answer. */
  command(command: DeskCommand): Promise<TraceSections>;
  /** A card's message was deleted on the desk: a card that still waits is posted again. */
  cardGone(ref: string): Promise<void>;
  /** What waits and what was done today; null for people without a role, who are shown nothing. */
  overview(teammate: DeskTeammate): Promise<DeskOverview | null>;
}

/** Where the team decides. Cards are rendered from rows; losing one loses nothing. */
export interface ApprovalDesk extends Target {
  /**
   * Posts a card and returns its reference, to be stored. The same approval id and version again finds the first post.
   */
  post(card: Card, key: string, signal: AbortSignal): Promise<string>;
  /** Updates a posted card to this state; throws `channel.refused` only when it is gone, so that it is posted again. */
  update(ref: string, card: Card, signal: AbortSignal): Promise<void>;
  /** Tells the team something outside a card: an alert, a page for named people (by e-mail). */
  notify(text: string, people: readonly string[], key: string, signal: AbortSignal): Promise<void>;
  /**
   * Which groups named in the policy this person is in now, by the desk's ids; only active members count. Throws when
   * it cannot be determined.
   */
  groupsOf(deskId: string, signal: AbortSignal): Promise<readonly string[]>;
  start(handler: DeskHandler): Promise<void>;
  stop(): Promise<void>;
}
