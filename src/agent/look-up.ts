/** Runs a read tool for the model: its result is screened, marked as data, and said in one line for the trace. */
import type { Span } from "#core/values/trace.ts";
import { type Attributes, excerpt } from "./span.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { canonical } from "#core/values/canonical-json.ts";
import { asShown, asEvidence, resultPassages, searchResult } from "#tools/search-faq.ts";
import { foundNothing } from "#verifier/sources.ts";
import { block } from "./data-marking.ts";
import { RESULT_RULES } from "./prompt.ts";
import type { ReadTool } from "#core/contracts/tool.ts";
import type { TurnState, AgentParts } from "./turn-state.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { ToolCall } from "#core/contracts/model.ts";

const RESULT_CHARACTERS_MAX = 16_000;

/** The rules say that a field which is not there is empty. */
const withoutEmpty = (_field: string, value: unknown): unknown => value ?? undefined;

/** Runs the tool and gives the text the model reads; what the guard stops is withheld. Throws what the tool throws. */
export async function lookUp(
  tool: ReadTool,
  input: unknown,
  state: TurnState,
  { guard, around }: AgentParts,
  attributes: Attributes,
): Promise<string> {
  const run = () => tool.run(input, state.context);
  const output = tool.output.safeParse(await (around?.read(tool.name, input, run) ?? run()));
  if (!output.success)
    throw new DeskhandError("tool.invalid_output", `${tool.name} gave an unexpected result`, {
      cause: output.error,
    });
  const screened = screen(guard, tool, output.data);
  const line = `${tool.name} ${canonical(input)}`;
  if (screened.kind === "withheld") {
    state.readOnly = true;
    state.tried.push(`${line}: withheld, ${screened.reasons.join("; ")}`);
    return "This result was withheld because it holds instructions. Go on without it, or escalate.";
  }
  if (screened.doubts.length > 0) {
    state.readOnly = true;
    state.doubts.push(...screened.doubts);
  }
  const text = JSON.stringify(asShown(screened.result), withoutEmpty);
  if (text.length > RESULT_CHARACTERS_MAX) {
    state.tried.push(`${line}: too long to show`);
    return "The result is too long to show. Ask for less, or escalate.";
  }
  const found = !foundNothing(screened.result);
  if (found) state.provenance.add(tool.provenance);
  state.tried.push(`${line}: ${seenIn(screened.result, found, attributes)}`);
  remember(tool, screened.result, found, state);
  const traced = withoutPersonal(screened.result, tool.personal ?? []);
  attributes["deskhand.found"] = guard.mask(foundText(traced));
  if (tool.personal !== undefined)
    attributes["deskhand.result"] = excerpt(guard, JSON.stringify(traced));
  const rules = rulesFor(screened, text, state.caps);
  return [block(state.nonce, `tool ${tool.name}`, text), ...rules].join("\n");
}

/** What holds for a result, below it and outside the marks of data. */
function rulesFor(
  { result, doubts }: { readonly result: unknown; readonly doubts: readonly string[] },
  text: string,
  { confidenceMin }: TurnState["caps"],
): readonly string[] {
  const isUnlikely = resultPassages(result)?.every(({ score }) => score < confidenceMin) === true;
  return [
    ...(foundNothing(result) ? [RESULT_RULES.nothingFound] : []),
    ...(isUnlikely ? [RESULT_RULES.unlikely] : []),
    ...(text.includes('"open_with_us":') ? [RESULT_RULES.open_with_us] : []),
    ...(doubts.length > 0 ? ["From now on only tools that read are available."] : []),
  ];
}

function remember(tool: ReadTool, result: unknown, found: boolean, state: TurnState): void {
  state.toolResults.push({ tool: tool.name, result: asEvidence(result) });
  if (tool.accountData && found) state.accountData = true;
  // A second search in other words does not make what the first one found less certain.
  for (const passage of resultPassages(result) ?? [])
    if (passage.score >= (state.passages.get(passage.id)?.score ?? 0))
      state.passages.set(passage.id, passage);
}

/**
 * What a look-up found, for the team: of a search the pages that were read, so that "no page answers" tells which were
 * looked at. They and the best one's score are recorded, so that questions no page answers can be counted later.
 */
function seenIn(result: unknown, found: boolean, attributes: Attributes): string {
  const search = searchResult(result);
  if (search === null) return found ? "answered" : "nothing found";
  const titles = readTitles(search.hits);
  attributes["deskhand.best_score"] = Math.max(0, ...search.hits.map(({ score }) => score));
  attributes["deskhand.pages"] = titles;
  return titles.length === 0 ? "nothing found" : `read ${titles.join(", ")}`;
}

function readTitles(hits: readonly { readonly title: string }[]): string[] {
  return [...new Set(hits.map(({ title }) => title))];
}

// Screens tool results before the model reads them.

type Screened =
  | { readonly kind: "passed"; readonly result: unknown; readonly doubts: readonly string[] }
  | { readonly kind: "withheld"; readonly reasons: readonly string[] };

/**
 * Scores tool results, because records and help pages can hold third-party text. A suspicious passage is dropped alone;
 * any other suspicious result is withheld whole.
 */
function screen(guard: InputGuard, tool: ReadTool, result: unknown): Screened {
  const found = searchResult(result);
  if (found === null) return screenWhole(guard, tool, result);
  const verdicts = new Map(
    [...found.hits, ...found.around].map((passage) => [
      passage,
      guard.inspectText(`${passage.title}\n${passage.text}`, `help page ${passage.id}`),
    ]),
  );
  const kept = (passages: typeof found.hits) =>
    passages.filter((passage) => verdicts.get(passage)?.verdict !== "block");
  return {
    kind: "passed",
    result: { hits: kept(found.hits), around: kept(found.around) },
    doubts: [...verdicts.values()].flatMap(({ verdict, reasons }) =>
      verdict === "allow" ? [] : reasons,
    ),
  };
}

/** Judged twice: as the text that stands in it, since all of JSON is in quotation marks, and with its shape. */
function screenWhole(
  guard: InputGuard,
  { name, provenance }: Pick<ReadTool, "name" | "provenance">,
  result: unknown,
): Screened {
  const isOwn = provenance !== "third_party";
  const found = [textsIn(result).join("\n"), canonical(result)].map((text) =>
    guard.inspectText(text, `tool ${name}`, isOwn),
  );
  const reasons = [...new Set(found.flatMap((one) => one.reasons))];
  if (found.some(({ verdict }) => verdict === "block")) return { kind: "withheld", reasons };
  return {
    kind: "passed",
    result,
    doubts: found.some(({ verdict }) => verdict !== "allow") ? reasons : [],
  };
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

// Says in one line what a look-up found, for the trace that people read, and keeps personal data out of it.

/** Enough for an order with its dates, or for the titles of the pages that were read. */
const FOUND_MAX = 400;
const ORDERS_SHOWN = 5;

const Day = z.string().nullable();

const FoundOrder = z.object({
  order_id: z.string(),
  item: z.string(),
  status: z.string(),
  paid: z.string(),
  refunded: z.string(),
  shipped_on: Day,
  due_on: Day,
  delivered_on: Day,
});

const Found = z.union([
  z.object({ found: z.literal(false), remark: z.string() }),
  z.object({ order: FoundOrder }),
  z.object({ orders: z.array(FoundOrder) }),
  z.object({
    order_id: z.string(),
    payments: z.array(z.object({ amount: z.string(), method: z.string() })),
    refunds: z.array(z.object({ amount: z.string() })),
  }),
  z.object({ hits: z.array(z.object({ title: z.string() })) }),
]);

/**
 * "phone, paid 640.00 USD, shipped 2026-11-20, due 2026-11-23, not delivered, nothing refunded"; empty for a result of
 * a form it does not know. Dates are as records write them, so that a reader can write them in its own way.
 */
function foundText(result: unknown): string {
  const { data } = Found.safeParse(result);
  if (data === undefined) return "";
  return lookupText(data).replaceAll(/\s+/g, " ").slice(0, FOUND_MAX);
}

function lookupText(found: z.infer<typeof Found>): string {
  if ("remark" in found) return found.remark.replace(/\.$/, "");
  if ("order" in found) return orderText(found.order);
  if ("orders" in found) return listText(found.orders);
  if ("payments" in found) return paymentsText(found);
  const titles = readTitles(found.hits);
  return titles.length === 0 ? "no page fits" : titles.join(", ");
}

function orderText(order: z.infer<typeof FoundOrder>): string {
  const { item, paid, refunded, shipped_on, due_on, delivered_on, status } = order;
  return [
    item,
    `paid ${paid}`,
    ...(shipped_on === null ? [status] : [`shipped ${shipped_on}`]),
    ...(delivered_on === null
      ? [...(due_on === null ? [] : [`due ${due_on}`]), "not delivered"]
      : [`delivered ${delivered_on}`]),
    /^0(?:\.00)? /.test(refunded) ? "nothing refunded" : `${refunded} refunded`,
  ].join(", ");
}

function listText(orders: readonly z.infer<typeof FoundOrder>[]): string {
  const shown = orders.slice(0, ORDERS_SHOWN);
  const more = orders.length - shown.length;
  return [
    ...shown.map(({ order_id, item, status }) => `${order_id} ${item} (${status})`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join(", ");
}

function paymentsText({
  payments,
  refunds,
}: {
  readonly payments: readonly { readonly amount: string; readonly method: string }[];
  readonly refunds: readonly { readonly amount: string }[];
}): string {
  const paid = payments.map(({ amount, method }) => `${amount} by ${method}`);
  return [
    paid.length === 1
      ? `one payment, ${paid.join()}`
      : `${paid.length} payments, ${paid.join(", ")}`,
    refunds.length === 0
      ? "nothing refunded"
      : `refunded ${refunds.map(({ amount }) => amount).join(", ")}`,
  ].join(", ");
}

/** That there is a value is shown, which one is not. */
const MASKED = "[personal]";

/** The result with each property of one of these names replaced, however deep. */
export function withoutPersonal(result: unknown, names: readonly string[]): unknown {
  if (names.length === 0) return result;
  if (Array.isArray(result)) return result.map((one) => withoutPersonal(one, names));
  if (typeof result !== "object" || result === null) return result;
  return Object.fromEntries(
    Object.entries(result).map(([name, value]) => [
      name,
      names.includes(name) && value !== null ? MASKED : withoutPersonal(value, names),
    ]),
  );
}

// Finds in a trace what was called, for another draft that looks at the same.

const SPAN_NAME = /^execute_tool (\w+)$/;

const Made = z.object({
  "gen_ai.tool.name": z.string(),
  "deskhand.arguments": z.string(),
  "deskhand.valid": z.literal(true),
});

/** The calls a turn made, as its trace keeps them: each once, in their order. What could not be used is left out. */
export function callsIn(spans: readonly Span[]): readonly Omit<ToolCall, "id">[] {
  const made = spans
    .filter(({ name }) => SPAN_NAME.test(name))
    .flatMap(({ attributes }) => Made.safeParse(attributes).data ?? [])
    .map((call) => ({ name: call["gen_ai.tool.name"], arguments: call["deskhand.arguments"] }));
  return [...new Map(made.map((call) => [JSON.stringify(call), call])).values()];
}
