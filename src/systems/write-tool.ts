/** Makes the write tool of a declaration. It proposes; the target named `system` commits. */

import {
  type ProposeResult,
  RECORD_NOT_FOUND,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import type { SystemArguments } from "#core/values/action.ts";
import { formatMoney, formatAmount, type Money } from "#core/values/money.ts";
import type { UnprovenValue } from "#core/values/provenance.ts";
import { folded } from "#text/fold.ts";
import { namesOrder, standsIn, MONEY_SIGN } from "#text/about-text.ts";
import { REFUND_WISHES } from "#text/plain-request.ts";
import { accountOf, amountAsked, amountFor, factsIn, leftIn } from "./amounts.ts";
import type { WriteDeclaration } from "./contract.ts";
import { isSame, plain } from "./fields.ts";
import { ownRecords, requesterFor, type SystemPorts, valuesIn } from "./look-up.ts";
import { isOnRecord, plannedChange, sentInputs, valuesOfChange } from "./planned-change.ts";
import { fieldAt } from "./request-values.ts";
import { requesterIn } from "./requester.ts";

type Input = Readonly<Record<string, unknown>>;

/**
 * A change in a system as a tool of the agent: it reads the record, proves that it is the requester's, and describes the
 * change with everything that will be sent. A record of another customer looks like none, with the same calls.
 */
export function writeToolOf(declaration: WriteDeclaration, ports: SystemPorts): WriteTool {
  const { name, operation, description, minimumLevel, input, wishes, called } = declaration;
  return writeTool({
    kind: "write",
    name,
    operation,
    description,
    minimumLevel,
    accountData: true,
    wishes: wishes.flatMap(wishForms),
    ...(called === undefined ? {} : { called }),
    input,
    async propose(given, context): Promise<ProposeResult> {
      const { about, connection } = declaration;
      const { signal } = context;
      const values = valuesOfChange(declaration);
      const requester = await requesterFor(
        ports,
        { connection, about, values },
        { requester: requesterIn(context, minimumLevel), signal },
      );
      const asking = { input: given, requester, signal };
      const found = await ownRecords(ports, { connection, ...about }, asking);
      const record = meantRecord(declaration, found, given);
      if (record === null) return { kind: "impossible", reason: RECORD_NOT_FOUND };
      return proposed(declaration, { record, given, requester, context });
    },
  });
}

/** A phrase as it is found in folded text, whole. */
function wishForms(phrase: string): readonly RegExp[] {
  if (phrase === "refund") return REFUND_WISHES;
  return [new RegExp(`(?<!\\p{L})${folded(phrase)}(?!\\p{L})`, "u")];
}

/**
 * The one record that is meant. Of a list it has to carry what was asked for in one of its fields, since a system may
 * ignore a filter and answer with other records of the same customer.
 */
export function meantRecord(
  { about }: WriteDeclaration,
  found: readonly Input[],
  input: Input,
): Input | null {
  const asked = askedIn(about.from.request, input);
  const fitting =
    about.from.many && asked.length > 0
      ? found.filter((record) => asked.every((value) => carries(record, value)))
      : found;
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

function askedIn(
  request: WriteDeclaration["about"]["from"]["request"],
  input: Input,
): readonly unknown[] {
  return valuesIn(request).flatMap(({ value }) =>
    value.from === "input" && plain(fieldAt(input, value.name)) !== null
      ? [fieldAt(input, value.name)]
      : [],
  );
}

function carries(record: Input, value: unknown): boolean {
  return Object.values(record).some((one) => isSame(withoutSign(one), withoutSign(value)));
}

/** People and shops write the number of an order with and without its sign. */
function withoutSign(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/^#/, "") : value;
}

interface Proposing {
  readonly record: Input;
  readonly given: Input;
  readonly requester: Parameters<typeof plannedChange>[1]["requester"];
  readonly context: ToolContext;
}

function proposed(declaration: WriteDeclaration, proposing: Proposing): ProposeResult {
  const money = moneyOf(declaration, proposing);
  if (money !== null && "reason" in money) return { kind: "impossible", reason: money.reason };
  const { record, given, requester, context } = proposing;
  const input =
    money === null || declaration.money === undefined
      ? given
      : {
          ...given,
          [declaration.money.amount]: amountFor(record, declaration.money, money.amount),
        };
  return {
    kind: "proposed",
    names: [
      ...askedIn(declaration.about.from.request, given).map((value) => String(withoutSign(value))),
      ...(money === null ? [] : [money.order.orderId]),
    ],
    unproven: [...unprovenInputs(declaration, given, context), ...(money?.doubts ?? [])],
    planned: plannedChange(declaration, {
      record,
      input,
      requester,
      money: money === null ? null : { amount: money.amount, order: money.order },
      amountText: money === null ? "" : formatMoney(money.amount),
    }),
  };
}

type MovedMoney = NonNullable<SystemArguments["money"]> & {
  readonly doubts: readonly UnprovenValue[];
};

function moneyOf(
  { money: rule, about }: WriteDeclaration,
  { record, given, context }: Proposing,
): MovedMoney | { readonly reason: string } | null {
  if (rule === undefined) return null;
  const account = accountOf(record, rule);
  if (account === null) return { reason: "The system does not say what was paid for it." };
  const amount = amountAsked(fieldAt(given, rule.amount), account);
  if ("reason" in amount) return amount;
  const left = leftIn(account);
  const known = isOnRecord(amount, [left, account.paid]);
  const doubt = amountDoubt(context.ownWords, amount, known);
  return {
    amount,
    doubts: doubt === null ? [] : [{ argument: "amount", words: doubt.words }],
    order: factsIn(record, rule, {
      id: String(plain(fieldAt(record, about.id)) ?? ""),
      customerId: context.requester.customerId ?? "",
      account,
    }),
  };
}

/**
 * The inputs that the customer did not choose: whatever is sent, or chooses the record, has to stand in their own words.
 * The amount has its own rule.
 */
function unprovenInputs(
  declaration: WriteDeclaration,
  input: Input,
  { ownWords }: ToolContext,
): readonly UnprovenValue[] {
  const choosing = valuesIn(declaration.about.from.request).flatMap(({ value }) =>
    value.from === "input" ? [value.name] : [],
  );
  const names = new Set([...choosing, ...sentInputs(declaration), ...declaration.ownWords]);
  names.delete(declaration.money?.amount ?? "");
  return [...names].flatMap((argument) => {
    const value = plain(fieldAt(input, argument));
    if (value === null) return [];
    const text = String(value);
    const stands = choosing.includes(argument)
      ? namesOrder(ownWords, text)
      : standsIn(ownWords, text);
    return stands ? [] : [{ argument, words: "" }];
  });
}

// Whether the customer's own text names an amount of money, and whether it is this one.

const NUMBER = String.raw`\d{1,7}(?:[.,']\d{3}){0,2}(?:[.,]\d{1,2})?`;
const PRICED = new RegExp(
  String.raw`(?:${MONEY_SIGN})\s?(?<after>${NUMBER})|(?<![\p{L}\p{N}.,])(?<before>${NUMBER})\s?(?:${MONEY_SIGN})`,
  "gu",
);

/**
 * Why a person has to look at an amount, as the words it rests on; null when the customer chose it or all that is left is
 * asked for and no other amount is named. `isAllThatIsLeft` amounts are on record.
 */
function amountDoubt(
  ownWords: string,
  amount: Money,
  isAllThatIsLeft: boolean,
): { readonly words: string } | null {
  const named = [...folded(ownWords).matchAll(PRICED)];
  const isIt = ({ groups }: RegExpMatchArray): boolean =>
    plainDigits(groups?.["after"] ?? groups?.["before"] ?? "") ===
    plainDigits(formatAmount(amount));
  const other = named.find((one) => !isIt(one));
  if (other !== undefined) return { words: other[0].trim() };
  return isAllThatIsLeft || named.length > 0 ? null : { words: "" };
}

/** "1,200.5" and "1200.50" are the same amount: at most two digits after the last sign are a fraction. */
function plainDigits(number: string): string {
  const [, whole = number, fraction = ""] = /^(.*)[.,](\d{1,2})$/.exec(number) ?? [];
  return `${whole.replaceAll(/\D/g, "")}.${fraction.padEnd(2, "0")}`;
}
