/** Turns the context of a labelled reply into the receipts its turn would have had. */
import type { PlannedAction } from "#core/values/action.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import type { Passage } from "#core/contracts/knowledge.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { fromDecimal } from "#core/values/money.ts";
import { pageChunks, type Page } from "#knowledge/pages.ts";
import type { LabelledAction, LabelledReply } from "./read.ts";

/** The tool that proposes each operation. */
const TOOL: Readonly<Record<LabelledAction["operation"], string>> = {
  refund: "issue_refund",
  change_address: "change_address",
  cancel_order: "cancel_order",
  reset_password: "reset_password",
};

/**
 * What the turn of this reply knew. Pages are found whole. An action that was done in an earlier turn counts like one of
 * the bundle, since both are true when the reply is read; a refused one is a tool's result with its status.
 * Throws `input.invalid` for a page the sample shop does not have.
 */
export function receiptsOf(
  { id, lang, context }: LabelledReply,
  pages: ReadonlyMap<string, Page>,
): Receipts {
  const { today, customer, asked } = context;
  const refused = context.actions.filter(({ state }) => state === "denied");
  const bundled = context.actions.filter(({ state }) => state !== "denied");
  return {
    toolResults: [
      ...context.tool_results.map(({ tool, result }) => ({ tool, result })),
      ...refused.map((action) => ({
        tool: TOOL[action.operation],
        result: { status: "denied", label: labelOf(action), reason: "policy" },
      })),
    ],
    passages: context.pages.flatMap((name) => {
      const page = pages.get(name);
      if (page === undefined)
        throw new DeskhandError("input.invalid", `${id}: context.pages: no page "${name}"`);
      return passagesOf(page);
    }),
    proposal:
      bundled.length === 0
        ? null
        : { actions: bundled.map((action) => plannedOf(action, customer.id)) },
    asked,
    requester: {
      level: customer.id === null ? 0 : 2,
      customerId: customer.id,
      emailOnFile: customer.id === null ? null : customer.email,
      name: customer.name,
      reason: "labelled",
    },
    escalates: false,
    language: lang,
    forbidden: [],
    today: new Date(`${today}T12:00:00Z`),
  };
}

function passagesOf(page: Page): readonly Passage[] {
  return pageChunks(page).map(({ id, headings, text }) => ({
    id,
    title: [page.title, ...headings].join(" › "),
    url: page.url,
    text,
    score: 1,
  }));
}

function labelOf({ operation, order, amount, address }: LabelledAction): string {
  const parts = [operation.replaceAll("_", " "), amount, address, order && `order ${order}`];
  return parts.filter((part) => part !== undefined && part !== null && part !== "").join(", ");
}

function plannedOf(action: LabelledAction, customerId: string | null): PlannedAction {
  return {
    key: `${action.operation}:${action.order ?? customerId ?? ""}`,
    action: {
      target: "shop",
      operation: action.operation,
      arguments: argumentsOf(action, customerId),
    },
    label: labelOf(action),
    facts: [],
  };
}

function argumentsOf(
  { operation, order, amount = "", address = "" }: LabelledAction,
  customerId: string | null,
) {
  if (operation === "reset_password") return { customerId };
  const orderId = order ?? "";
  if (operation === "cancel_order") return { orderId };
  if (operation === "change_address") return { orderId, address };
  const [decimal = "", currency = ""] = amount.split(" ");
  return { orderId, amount: fromDecimal(Number(decimal), currency), reason: "" };
}
