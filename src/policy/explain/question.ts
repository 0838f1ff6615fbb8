/** The question behind `policy explain`: a case as a person describes it, with a form or on the command line. */
import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import { type Money, MONEY_OPERATIONS, parseAmount } from "#core/values/money.ts";
import { ChannelName, topicOfOperation } from "#core/values/vocabulary.ts";
import type { LimitUsage, PolicyQuestion } from "#core/contracts/policy.ts";
import { dayNumber, isoDate } from "#policy/calendar.ts";
import type { PolicyFile } from "#policy/load-policy.ts";

/** The customer in `explain` owns the order; another customer's order is refused before the policy is asked. */
const CUSTOMER = "customer";

const LOCAL_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::\d\d)?$/;

/** A case as typed, before a policy gives it a meaning. */
const Typed = z.object({
  file: z.string().optional(),
  operation: z.string(),
  amount: z.string().optional(),
  currency: z.string().optional(),
  orderAge: z
    .string()
    .regex(/^\d{1,5}$/, "--order-age is the number of days since delivery, such as 12")
    .transform(Number)
    .optional(),
  notDelivered: z.boolean().default(false),
  status: z.string().optional(),
  level: z.string().transform(Number).pipe(IdentityLevel),
  channel: ChannelName,
  topic: z.string().optional(),
  brand: z.string(),
  language: z.string().optional(),
  at: z.string().optional(),
  used: z.array(z.string()).default([]),
  notAsked: z.boolean().default(false),
  unproven: z.array(z.string().min(1)).max(20).default([]),
  json: z.boolean().default(false),
});
/** A case as typed: every option has been read, and none looked at by a policy. */
export type TypedCase = z.infer<typeof Typed>;

/** Reads the options; throws an error that says in words what cannot be understood. */
export function typedCase(options: unknown): TypedCase {
  const parsed = Typed.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ message }) => message).join("\n"));
}

/** The question for this policy; throws an error in words for a case that leaves something open. */
export function questionFrom(typed: TypedCase, file: PolicyFile, now: Date): PolicyQuestion {
  const { operation, channel, brand, level } = typed;
  const amount = amountFrom(typed, file);
  const at = typed.at === undefined ? now : timeFrom(typed.at, file);
  if (MONEY_OPERATIONS.includes(operation)) {
    if (amount === null) throw new Error(`a ${operation} needs --amount`);
    if (typed.orderAge === undefined && !typed.notDelivered)
      throw new Error(`a ${operation} is for an order: say --order-age DAYS or --not-delivered`);
  }
  return {
    operation,
    channel,
    brand,
    topic: typed.topic ?? (operation === "reply" ? "other" : topicOfOperation(operation)),
    level,
    actingLevel: undefined,
    customerId: CUSTOMER,
    amount,
    order: orderFrom(typed, { file, amount, at }),
    origin: originFrom(typed),
    at,
    usage: usageFrom(typed, file),
  };
}

function amountFrom({ amount, currency }: TypedCase, { document }: PolicyFile): Money | null {
  if (amount === undefined) return null;
  const parsed = parseAmount(amount, (currency ?? document.currency).toUpperCase());
  if ("reason" in parsed) throw new Error(`--amount ${amount}: ${parsed.reason}`);
  return parsed;
}

/** A time without a zone is in the policy's zone. */
function timeFrom(text: string, { terms: { calendar } }: PolicyFile): Date {
  if (!z.iso.datetime({ local: true, offset: true }).safeParse(text).success)
    throw new Error(`--at ${text} is no time such as 2026-12-24T20:00`);
  const [, date, hour, minute] = LOCAL_TIME.exec(text) ?? [];
  return date === undefined
    ? new Date(text)
    : calendar.instantOf(dayNumber(date), Number(hour) * 60 + Number(minute));
}

/** The order's paid amount equals the requested amount, so that the policy decides and not what is left to refund. */
function orderFrom(
  { orderAge, notDelivered, status }: TypedCase,
  { file, amount, at }: { file: PolicyFile; amount: Money | null; at: Date },
): PolicyQuestion["order"] {
  if (orderAge === undefined && !notDelivered && status === undefined) return null;
  const currency = amount?.currency ?? file.document.currency;
  return {
    orderId: "order",
    customerId: CUSTOMER,
    status: status ?? (orderAge === undefined ? "shipped" : "delivered"),
    paid: { minor: amount?.minor ?? 0, currency },
    refunded: { minor: 0, currency },
    refundCount: 0,
    deliveredOn: orderAge === undefined ? null : isoDate(file.terms.calendar.dayOf(at) - orderAge),
  };
}

function originFrom({ notAsked, unproven }: TypedCase): PolicyQuestion["origin"] {
  if (!notAsked && unproven.length === 0) return null;
  return {
    asked: !notAsked,
    unproven: unproven.map((argument) => ({ argument, words: argument })),
  };
}

/** "limit=count:sum"; the sum may be left out. */
function usageFrom(
  { used }: TypedCase,
  { document, terms }: PolicyFile,
): Readonly<Record<string, LimitUsage>> {
  return Object.fromEntries(
    used.map((entry) => {
      const [, name = "", count, sum] = /^(\w+)=(\d{1,6})(?::([\d.]+))?$/.exec(entry) ?? [];
      if (!terms.limits.has(name))
        throw new Error(
          `--used ${entry} is not like limit=count:sum, where limit is one of: ${[...terms.limits.keys()].join(", ") || "none"}`,
        );
      const money = sum === undefined ? { minor: 0 } : parseAmount(sum, document.currency);
      if ("reason" in money && Number(sum) !== 0)
        throw new Error(`--used ${entry}: ${money.reason}`);
      return [name, { count: Number(count), minor: "reason" in money ? 0 : money.minor }];
    }),
  );
}
