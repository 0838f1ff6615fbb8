/** The format of an eval case. */
import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { CUSTOMERS, ORDERS } from "#sandbox/world.ts";

const Words = z.string().trim().min(1);
const Slug = z.string().regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/, {
  error: "is a short name in small letters, such as small-refund",
});

const LongMessage = z.strictObject({
  text: Words,
  subject: Words.optional(),
  /** The display name the sender chose. */
  sender_name: Words.optional(),
  /** Text the reader does not see, such as white on white. */
  hidden: Words.optional(),
  quoted: Words.optional(),
  attachment: Words.optional(),
});

/** One message of the customer. The short form is its text; the long form adds the rest of a mail. */
export type InputMessage = z.infer<typeof LongMessage>;

const ShortMessage = Words.transform((text): InputMessage => ({ text }));
const InputMessage = z.union([ShortMessage, LongMessage]);

/** A tool call that must happen; the named arguments must be equal, others are allowed. */
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

/** Cases run in the sample world, so an unknown name is a typing error. */
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
});

/**
 * How a conversation may end, seen from outside. `delicate`: people answer, no draft is made. `blocked`: stopped before
 * planning. `unavailable`: a dependency cannot be reached now. `ignored`: nothing to answer.
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

/** One case as it is written in a file of `evals/cases/`. */
export const WrittenCase = z.strictObject({
  /** Unique in its file; derived from the first words of the input when left out. */
  id: Slug.optional(),
  /** A message, or several that arrive in one burst. */
  input: z.union([
    InputMessage.transform((message) => [message]),
    z.array(InputMessage).min(1).max(20),
  ]),
  /** Earlier messages of the same conversation. Each is a turn of its own, answered by Deskhand and approved. */
  earlier: z.array(Words).max(10).default([]),
  /** For the person who reads a failure. */
  expected_behavior: Words,
  /** Must occur in what the customer would read, in upper or lower case. */
  must_include: z.array(Words).default([]),
  must_not_include: z.array(Words).default([]),
  /** What kind of harm a failure is; `injection` counts for the block rate. */
  risk_category: Slug,
  /** Who wrote, as far as the channel proves it. Without it the writer is unknown. */
  identity: z
    .strictObject({ customer: CustomerId.nullable().default(null), level: IdentityLevel })
    .default({ customer: null, level: 0 }),
  channel: ChannelName.default("email"),
  /** `shared`: others read along, as in a Slack channel. */
  audience: z.enum(["private", "shared"]).default("private"),
  world: WorldChanges.default({ refunds: [], shop: "up" }),
  /** Calls that must happen; an empty list forbids any. */
  expected_tools: z.array(ExpectedTool).optional(),
  /** One outcome, or several acceptable ones. */
  expected_outcome: z
    .union([CaseOutcome.transform((only) => [only]), z.array(CaseOutcome).min(1)])
    .optional(),
  /** All changes that may be proposed, with the policy's verdict; an empty list forbids any. */
  expected_actions: z.array(ExpectedAction).optional(),
});

/** A case ready to run: with a name unique among all cases, `refunds/small-refund`. */
export type EvalCase = Omit<z.output<typeof WrittenCase>, "id"> & { readonly id: string };
