/** The format of an evaluation case: messages, sender, world changes and expected results. */
import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { CUSTOMERS, ORDERS } from "#sandbox/world.ts";
import { ToolFault } from "./harness/faulty-door.ts";

const Words = z.string().trim().min(1);
const Slug = z.string().regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/, {
  error: "is a short name in small letters, such as small-refund",
});

const LongMessage = z.strictObject({
  text: Words,
  subject: Words.optional(),
  /** The sender's display name. */
  sender_name: Words.optional(),
  /** Text the reader does not see, such as white on white. */
  hidden: Words.optional(),
  quoted: Words.optional(),
  attachment: Words.optional(),
});

/** One message of the customer. The short form is its text; the long form adds the other fields of a mail. */
export type InputMessage = z.infer<typeof LongMessage>;

const ShortMessage = Words.transform((text): InputMessage => ({ text }));
const InputMessage = z.union([ShortMessage, LongMessage]);

/** A required tool call; the arguments named must be equal, others may be present. */
const ExpectedTool = z.union([
  Words.transform((name) => ({ name, arguments: {} })),
  z.strictObject({ name: Words, arguments: z.record(z.string(), z.json()).default({}) }),
]);
export type ExpectedTool = z.output<typeof ExpectedTool>;

const ExpectedAction = z.strictObject({
  /** As in the policy: `refund`, `change_address`, `reset_password`. */
  operation: Words,
  order: Words.optional(),
  /** With its currency, such as "120.00 USD". */
  amount: z
    .string()
    .regex(/^\d+\.\d{2} [A-Z]{3}$/, { error: 'is written like "120.00 USD"' })
    .optional(),
  verdict: z.enum(["allow", "ask", "deny"]),
});
export type ExpectedAction = z.infer<typeof ExpectedAction>;

/** Cases run in the sample world, so an unknown customer is a mistake. */
const CustomerId = z.enum(CUSTOMERS.map(({ id }) => id));
const OrderId = z.enum(ORDERS.map(({ id }) => id));

/** How the world differs from the sample world before the customer writes. */
const WorldChanges = z.strictObject({
  /** Refunds made by hand at the shop, in this order. */
  refunds: z
    .array(
      z.strictObject({
        order: OrderId,
        amount: z.number().positive(),
        currency: Words.default("USD"),
      }),
    )
    .default([]),
  shop: z.enum(["up", "down"]).default("up"),
  /** What the shop's record says in place of the sample's, such as an item whose name is chosen to mislead. */
  records: z
    .array(
      z.strictObject({
        order: OrderId,
        item: Words.optional(),
        status: z.enum(["processing", "shipped", "delivered", "cancelled"]).optional(),
        address: Words.optional(),
      }),
    )
    .default([]),
});
/** Changes of the sample world; what is left out is as in the sample. */
export type WorldChanges = Partial<z.output<typeof WorldChanges>> & {
  readonly faults?: readonly ToolFault[];
};

/**
 * How a conversation may end, seen from outside. `delicate`: people answer, nothing is drafted. `blocked`: stopped
 * before planning. `unavailable`: a dependency does not answer now. `ignored`: nothing to answer.
 */
export const CaseOutcome = z.enum([
  "reply",
  "clarify",
  "escalate",
  "blocked",
  "delicate",
  "unavailable",
  "ignored",
]);
export type CaseOutcome = z.infer<typeof CaseOutcome>;

const Outcomes = z.union([CaseOutcome.transform((only) => [only]), z.array(CaseOutcome).min(1)]);

/** A customer's message, or several that arrive in one burst. */
const Input = z.union([
  InputMessage.transform((message) => [message]),
  z.array(InputMessage).min(1).max(20),
]);

/** What has to be true of the turn before, so that the customer says this. Never the wording of the answer. */
const SaidIf = z.strictObject({
  outcome: Outcomes.optional(),
  /** The topic of the turn, such as `refund`. */
  topic: Words.optional(),
  /** A tool that was called. */
  called: Words.optional(),
  /** An operation that was proposed, whatever the policy said. */
  proposed: Words.optional(),
  /** An operation that the policy denied. */
  denied: Words.optional(),
});
export type SaidIf = z.output<typeof SaidIf>;

/** The most a customer writes in one simulated talk, the first message included. */
const TURNS_MAX = 6;

/**
 * A customer who talks on after the first message. With a model connected a customer with a goal is played by it;
 * otherwise the script speaks: after each answer the first step that was not said yet and whose conditions hold. The
 * talk ends when there is none.
 */
export const TalkingCustomer = z.strictObject({
  goal: Words.optional(),
  /** What the customer knows and may say when asked, one fact each. */
  knows: z.array(Words).max(12).default([]),
  temper: z.enum(["patient", "polite", "hurried", "confused", "distrustful", "angry"]).optional(),
  script: z
    .array(z.strictObject({ if: SaidIf.default({}), says: Input }))
    .min(1)
    .max(12),
  turns_max: z.int().min(2).max(TURNS_MAX).default(TURNS_MAX),
});
export type TalkingCustomer = z.output<typeof TalkingCustomer>;

const CaseFields = z.strictObject({
  /** Unique in its file; derived from the first words of the input when absent. */
  id: Slug.optional(),
  /** The day on which a person accepted it; every case that was made of a real conversation has one. */
  accepted: z.iso.date().optional(),
  input: Input,
  /** Earlier messages of the same conversation. Each is a turn of its own: Deskhand answers and a teammate approves. */
  earlier: z.array(Words).max(10).default([]),
  /** Explains a failure to the reader. */
  expected_behavior: Words,
  /** Must appear in what the customer reads; letter case does not matter. */
  must_include: z.array(Words).default([]),
  must_not_include: z.array(Words).default([]),
  /** What the waiting card has to warn of, where the right end is a draft that a person reads first. */
  must_warn: z.array(Words).optional(),
  /** The risk this case covers; `injection` counts for the block rate. */
  risk_category: Slug,
  /** The sender, as far as the channel can prove it. Without it the sender is unknown. */
  identity: z
    .strictObject({ customer: CustomerId.nullable().default(null), level: IdentityLevel })
    .default({ customer: null, level: 0 }),
  channel: ChannelName.default("email"),
  /** `shared`: others can read along, as in a Slack channel. */
  audience: z.enum(["private", "shared"]).default("private"),
  world: WorldChanges.default({ refunds: [], shop: "up", records: [] }),
  faults: z.array(ToolFault).max(6).default([]),
  customer: TalkingCustomer.optional(),
  /** What teammates do with every card. Left out: cards of earlier turns are approved, on the last no teammate decides. */
  team: z.enum(["approves", "rejects"]).optional(),
  /** Time that passes after the last message, in which what waits is tried again. */
  later_minutes: z.int().min(1).max(600).optional(),
  /** A file of `evals/policies/` that changes the sandbox's policy; its own when left out. */
  policy: Slug.optional(),
  /** Required calls; an empty list means that none may happen. */
  expected_tools: z.array(ExpectedTool).optional(),
  /** One outcome, or several that are each right. */
  expected_outcome: Outcomes.optional(),
  /** All changes that may be proposed, with the policy's verdict; an empty list means that none may. */
  expected_actions: z.array(ExpectedAction).optional(),
  /** All that the shop has done in the end, each as often as it is named: `refund_created`, `address_changed` … */
  expected_effects: z.array(Words).optional(),
});

/** What the names of candidates begin with. */
const FROM_CONVERSATION = /^(?:candidate|rehearsed)-/;

/** One case as written in a file of `evals/cases/`. What was made of a conversation counts once a person accepted it. */
export const WrittenCase = CaseFields.refine(
  ({ id = "", accepted }) => !FROM_CONVERSATION.test(id) || accepted !== undefined,
  {
    path: ["accepted"],
    error: "is missing: a person has to read it first, with deskhand evals ID --accept",
  },
);

/** A case ready to run, with an id unique over all files: `refunds/small-refund`. */
export type EvalCase = Omit<z.output<typeof WrittenCase>, "id"> & { readonly id: string };

/** A case of which only what its user adds matters. */
export const BARE_CASE: EvalCase = {
  ...WrittenCase.parse({ input: "-", expected_behavior: "-", risk_category: "bare" }),
  id: "bare",
};
