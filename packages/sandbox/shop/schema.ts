/** What the sample shop accepts at its edges, how it says no, and how a test makes it misbehave. */

import { z } from "zod";

/** A refusal with a stable code a program can branch on; `field` names the input at fault when there is one. */
export class ShopError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(status: number, code: string, message: string, field?: string) {
    super(message);
    this.name = "ShopError";
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

// Every field carries its reason, because the caller shows it to a person who has to correct it.
const AMOUNT_REASON =
  "must be a JSON number greater than 0 with at most two decimals, such as 25 or 12.5";

/**
 * A refund as asked for. `amount` is in major units (25.5 means 25.50). `payment_id` may be named to say which payment
 * is meant, but the money only ever goes back to the order's own payment.
 */
export const RefundRequest = z.strictObject({
  amount: z
    .number({ error: AMOUNT_REASON })
    .min(0.01, { error: AMOUNT_REASON })
    .refine((amount) => Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6, {
      error: AMOUNT_REASON,
    }),
  currency: z.string().regex(/^[A-Z]{3}$/, { error: "must be an ISO 4217 code such as USD" }),
  payment_id: z.string().min(1).max(64).optional(),
  reason: z.string().max(500).optional(),
});

/** A cancellation names what goes back, so that a caller who counted on another amount is refused. */
export const CancelRequest = RefundRequest.pick({ currency: true }).extend({
  refund: z.number({ error: "must be a JSON number such as 60 or 12.5" }).min(0),
});

/** A new shipping address: one free text of 5 to 500 characters, lines separated by commas or line feeds. */
export const AddressRequest = z.strictObject({
  shipping_address: z
    .string({ error: "must be the full new address as one text" })
    .trim()
    .min(5, { error: "is too short to be an address" })
    .max(500, { error: "must be at most 500 characters" })
    .regex(/^[^\p{Cc}\p{Cf}]*(?:\r?\n[^\p{Cc}\p{Cf}]*)*$/u, {
      error: "must not hold control characters",
    })
    .regex(/\p{L}/u, { error: "must hold letters" }),
});

/**
 * A password reset, a return and an invoice take no input: there is no field by which a caller could point the mail
 * elsewhere than to the address on file.
 */
export const EmptyRequest = z.strictObject({});

/** Idempotency keys are compared byte for byte, so only printable ASCII is taken. */
export const IdempotencyKey = z
  .string({ error: "send an Idempotency-Key header" })
  .regex(/^[\x21-\x7e]{1,255}$/, {
    error: "must be 1 to 255 printable ASCII characters without spaces",
  });

/** The query of findCustomer. */
export const CustomerQuery = z.object({ email: z.string().min(3).max(254).includes("@") });

/** The query of listRefunds. */
export const RefundQuery = z.object({ idempotency_key: z.string().max(255).optional() });

const times = z.int().min(1).max(1000).optional();

/** A fault to play: what goes wrong, for how many calls (until cleared when absent), and how slow in milliseconds. */
export const Fault = z.discriminatedUnion("fault", [
  z.strictObject({
    fault: z.enum([
      "down",
      "refuse_refunds",
      "lost_response",
      /** As in a shop that knows no keys: each write is a new one, and nothing is found under its key. */
      "ignores_keys",
    ]),
    times,
  }),
  z.strictObject({ fault: z.literal("slow"), delay_ms: z.int().min(1).max(60_000), times }),
]);
export type Fault = z.infer<typeof Fault>;

/** Parses outside data or refuses it with 422, naming the first field that is wrong and why. */
export function parseInput<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknownKey = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const field = unknownKey ?? issue?.path.join(".") ?? "";
  const reason =
    unknownKey === undefined
      ? (issue?.message ?? "is not valid")
      : "is not a field of this request";
  throw new ShopError(
    422,
    "invalid_request",
    field === "" ? `the body ${reason}` : `${field} ${reason}`,
    field,
  );
}

// Faults live in memory: a restart clears them.

/** Sets the faults of the shop and uses them up. */
export type Faults = ReturnType<typeof createFaults>;

/** The faults in force; nothing is broken at first. */
export function createFaults() {
  let active: readonly Fault[] = [];
  return {
    /** Sets a fault, replacing an earlier one of the same kind. */
    set: (fault: Fault): void => {
      active = [...active.filter((other) => other.fault !== fault.fault), fault];
    },
    clear: (): void => {
      active = [];
    },
    list: (): readonly Fault[] => active,
    /** Uses up one turn of a fault; undefined when it is not in force. */
    take: (kind: Fault["fault"]): Fault | undefined => {
      const found = active.find(({ fault }) => fault === kind);
      if (found?.times === undefined) return found;
      const left = found.times - 1;
      active = active.flatMap((fault) =>
        fault !== found ? [fault] : left > 0 ? [{ ...fault, times: left }] : [],
      );
      return found;
    },
  };
}
