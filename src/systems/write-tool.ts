/** Makes the write tool of a declaration. It proposes; the target named `system` commits. */

import {
  type ProposeResult,
  RECORD_NOT_FOUND,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import type { SystemArguments, UnprovenValue } from "#core/values/action.ts";
import { amountAsked, formatMoney, leftIn } from "#core/values/money.ts";
import { namesOrder, standsIn, amountDoubt } from "#text/about-text.ts";
import { recordAccount, amountFor, factsIn } from "./amounts.ts";
import type { WriteDeclaration } from "./contract.ts";
import { inputsIn, ownRecords, requesterFor, type SystemPorts } from "./look-up.ts";
import { plannedChange, sentInputs, unmet, valuesOfChange } from "./planned-change.ts";
import { fieldAt, requesterIn, isSame, plain } from "./request-values.ts";

type Input = Readonly<Record<string, unknown>>;

/**
 * A change in a system as a tool of the agent: it reads the record, proves that it is the requester's, and describes the
 * change with everything that will be sent. A record of another customer looks like none, with the same calls.
 */
export function declaredWriteTool(declaration: WriteDeclaration, ports: SystemPorts): WriteTool {
  const { name, operation, description, minimumLevel, input, wishes, called } = declaration;
  return writeTool({
    kind: "write",
    name,
    operation,
    description,
    minimumLevel,
    accountData: true,
    ...(wishes.length > 0 ? {} : { personDecides: true as const }),
    ...(called === undefined ? {} : { called }),
    input,
    async propose(given, context): Promise<ProposeResult> {
      const { about, connection } = declaration;
      const { signal } = context;
      const requester = await requesterFor(
        ports,
        { connection, ...about },
        { requester: requesterIn(context, minimumLevel), signal },
        valuesOfChange(declaration),
      );
      const asking = { input: given, requester, signal };
      const found = await ownRecords(ports, { connection, ...about }, asking);
      const record = meantRecord(declaration, found, given);
      if (record === null) return { kind: "impossible", reason: RECORD_NOT_FOUND };
      return proposed(declaration, { record, given, requester, context });
    },
  });
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
  return inputsIn(request)
    .map((name) => fieldAt(input, name))
    .filter((value) => plain(value) !== null);
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
  const reason = unmet(declaration, proposing.record);
  if (reason !== null) return { kind: "impossible", reason };
  const money = movedMoney(declaration, proposing);
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
    unproven: [...unprovenInputs(declaration, given, context), ...(money?.doubts ?? [])],
    planned: plannedChange(declaration, {
      record,
      input,
      requester,
      money: money === null ? null : { amount: money.amount, order: money.order },
    }),
  };
}

type MovedMoney = NonNullable<SystemArguments["money"]> & {
  readonly doubts: readonly UnprovenValue[];
};

function movedMoney(
  { money: rule, about }: WriteDeclaration,
  { record, given, context }: Proposing,
): MovedMoney | { readonly reason: string } | null {
  if (rule === undefined) return null;
  const account = recordAccount(record, rule);
  if (account === null) return { reason: "The system does not say what was paid for it." };
  const typed = plain(fieldAt(given, rule.amount));
  const amount = amountAsked(typed === null ? null : String(typed), account, "It");
  if ("reason" in amount) return amount;
  const known = [leftIn(account), account.paid].map(formatMoney);
  const words = amountDoubt(context.ownWords, formatMoney(amount), known);
  return {
    amount,
    doubts: words === null ? [] : [{ argument: "amount", words }],
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
  const { request, chosen } = declaration.about.from;
  const choosing = [...inputsIn(request), ...(chosen === undefined ? [] : [chosen.input])];
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
