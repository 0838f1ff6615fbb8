/** Amounts of money in the form of a system: whole minor units, or decimals as a number or as text. */

import { z } from "zod";
import type { OrderFacts } from "#core/values/action.ts";
import {
  type Account,
  currencyDigits,
  formatAmount,
  fromDecimal,
  Money,
  toDecimal,
} from "#core/values/money.ts";
import type { WriteDeclaration } from "./contract.ts";
import type { ShownMoney } from "./declared-fields.ts";
import { fieldAt, plain, type Plain } from "./request-values.ts";

type MoneyRule = NonNullable<WriteDeclaration["money"]>;

/** What was paid for a record and what went back already; null for a record that does not say so. */
export function recordAccount(record: unknown, rule: MoneyRule): Account | null {
  const currency = plain(fieldAt(record, rule.currency));
  if (typeof currency !== "string") return null;
  const named = currency.toUpperCase();
  const paid = amountIn(fieldAt(record, rule.paid), named, rule.unit);
  const back = rule.refunded === null ? undefined : fieldAt(record, rule.refunded);
  // A system that has given nothing back yet may leave the field empty.
  const refunded =
    back === undefined || back === null
      ? { minor: 0, currency: named }
      : amountIn(back, named, rule.unit);
  return paid === null || refunded === null ? null : { paid, refunded };
}

/** One amount as a system writes it; null for what is none, such as a negative one or one with too many digits. */
function amountIn(value: unknown, currency: string, unit: MoneyRule["unit"]): Money | null {
  const number = parsedNumber(value);
  if (number === null) return null;
  if (unit === "minor") return Money.safeParse({ minor: number, currency }).data ?? null;
  try {
    return fromDecimal(number, currency);
  } catch {
    return null;
  }
}

function parsedNumber(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d{1,15}(?:\.\d{1,6})?$/.test(value.trim())
    ? Number(value)
    : null;
}

/** The amount in the units of the record, and as text or number as the record writes its own. */
export function amountFor(record: unknown, { paid, unit }: MoneyRule, amount: Money): Plain {
  const isText = typeof fieldAt(record, paid) === "string";
  if (unit === "minor") return isText ? String(amount.minor) : amount.minor;
  return isText ? formatAmount(amount) : toDecimal(amount);
}

/** The record as the policy's rules about orders see it. */
export function factsIn(
  record: unknown,
  rule: MoneyRule,
  about: {
    readonly id: string;
    readonly customerId: string;
    readonly account: Account;
  },
): OrderFacts {
  const { id, customerId, account } = about;
  const status = rule.status === undefined ? null : plain(fieldAt(record, rule.status));
  const delivered = rule.deliveredOn === undefined ? null : fieldAt(record, rule.deliveredOn);
  return {
    orderId: id,
    customerId,
    status: status === null ? "" : String(status),
    ...account,
    // A system says how much went back, and seldom in how many parts.
    refundCount: account.refunded.minor > 0 ? 1 : 0,
    deliveredOn: typeof delivered === "string" ? dayIn(delivered) : null,
  };
}

/** The calendar day of a date or time as it is written; null for anything else. */
function dayIn(text: string): string | null {
  return z.iso.date().safeParse(text.slice(0, "2026-11-20".length)).data ?? null;
}

/**
 * Shows amounts as money, since a model, a customer and a check would read 12000 as 12,000: the record with each of these
 * fields as text such as "120.00 USD". One in minor units that is no whole number, or of a currency that is not named by
 * three letters, is taken out rather than shown in a unit that is not known; a decimal stays as it is written.
 */
export function withMoney(record: unknown, { fields, currency, unit, digits = {} }: ShownMoney) {
  const named = plain(fieldAt(record, currency));
  const code = typeof named === "string" && /^[a-z]{3}$/i.test(named) ? named.toUpperCase() : "";
  const own = Object.hasOwn(digits, code) ? digits[code] : undefined;
  const places = own ?? currencyDigits(code);
  const shown = (value: unknown): unknown => {
    const number = parsedNumber(value);
    const exact = number === null || unit === "minor" ? number : number * 10 ** places;
    const minor = Math.round(exact ?? Number.NaN);
    const isWhole = exact !== null && Math.abs(exact - minor) < 1e-6 && Number.isSafeInteger(minor);
    if (code !== "" && isWhole) return `${(minor / 10 ** places).toFixed(places)} ${code}`;
    return unit === "minor" ? null : value;
  };
  return fields.reduce((whole, path) => replacedAt(whole, path.split("."), shown), record);
}

function replacedAt(
  value: unknown,
  [name, ...below]: readonly string[],
  replace: (value: unknown) => unknown,
): unknown {
  if (name === undefined) return value === undefined || value === null ? value : replace(value);
  if (Array.isArray(value)) return value.map((one) => replacedAt(one, [name, ...below], replace));
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return value;
  return { ...value, [name]: replacedAt(fieldAt(value, name), below, replace) };
}
