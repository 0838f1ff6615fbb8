/** Offers a model its tools and handles its calls: read tools run, write tools propose. */

import { z } from "zod";
import type { InputGuard } from "#core/contracts/guard.ts";
import { type ToolCall, type OfferedTool, strictSchema } from "#core/contracts/model.ts";
import {
  ORDER_NOT_FOUND,
  type ProposeResult,
  type ReadTool,
  RECORD_NOT_FOUND,
  type WriteTool,
} from "#core/contracts/tool.ts";
import { canonical } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Origin } from "#core/values/provenance.ts";
import { topicOfOperation } from "#core/values/vocabulary.ts";
import { asksPlainly } from "#text/plain-request.ts";
import type { AgentTool, AskedEnding } from "#tools/ending-tools.ts";
import { asEvidence, asShown, resultPassages } from "#tools/search-faq.ts";
import { writtenLast } from "./customer-words.ts";
import { block, unmark } from "./data-marking.ts";
import { foundText, withoutPersonal } from "./found-text.ts";
import { argumentsIn, type Attributes, excerpt, spanned } from "./span.ts";
import type { AgentParts, TurnState } from "./turn-state.ts";

/** A proposal holds ten actions, and the reply is one of them. */
const ACTIONS_MAX = 9;
const RESULT_CHARACTERS_MAX = 16_000;
const UNPROVEN_CHARACTERS_MAX = 500;

/** Reasons that tell nothing of an account. */
const NOTHING_OF_THEIRS: ReadonlySet<string> = new Set([ORDER_NOT_FOUND, RECORD_NOT_FOUND]);

type Proposed = Extract<ProposeResult, { readonly kind: "proposed" }>;

/** The outcome of one call: text for the model, or the end of the turn. */
export type CallOutcome =
  | { readonly kind: "told"; readonly content: string; readonly valid: boolean }
  | { readonly kind: "ending"; readonly asked: AskedEnding };

/** Handles one call of the model. Throws what the shop or a tool throws; a bad call is answered, not thrown. */
export async function handleCall(
  call: ToolCall,
  state: TurnState,
  parts: AgentParts,
): Promise<CallOutcome> {
  return spanned(state.spans, parts.clock, `execute_tool ${call.name}`, async (attributes) => {
    attributes["gen_ai.operation.name"] = "execute_tool";
    attributes["gen_ai.tool.name"] = call.name;
    attributes["gen_ai.tool.call.id"] = call.id;
    attributes["deskhand.arguments"] = argumentsIn(parts.guard, call.arguments);
    const outcome = await route(call, state, parts, attributes);
    attributes["deskhand.valid"] = outcome.kind === "ending" || outcome.valid;
    return outcome;
  });
}

async function route(
  call: ToolCall,
  state: TurnState,
  parts: AgentParts,
  attributes: Attributes,
): Promise<CallOutcome> {
  const tool = parts.tools.find(({ name }) => name === call.name);
  if (tool === undefined || (tool.kind === "write" && state.readOnly))
    return invalid(`There is no tool ${call.name} in this turn.`);
  const input = parseInput(tool, call.arguments);
  if (!input.ok) return invalid(input.reason);
  if (tool.kind === "ending") return { kind: "ending", asked: tool.end(input.value) };
  const identity = `${tool.name} ${canonical(input.value)}`;
  const before = state.told.get(identity);
  if (before !== undefined) return again(before, identity, state);
  state.toolsCalled.push(tool.name);
  const content =
    tool.kind === "read"
      ? await read(tool, input.value, state, parts, attributes)
      : await propose(tool, input.value, state, parts);
  attributes["deskhand.result"] ??= excerpt(parts.guard, unmark(content));
  state.told.set(identity, { content, times: 1 });
  return answered(content);
}

/** A repeated call is answered from memory; a third one is invalid, because the model is going in circles. */
function again(
  { content, times }: { readonly content: string; readonly times: number },
  identity: string,
  state: TurnState,
): CallOutcome {
  if (times > 1) return invalid("You have made this very call twice; its result will not change.");
  state.told.set(identity, { content, times: times + 1 });
  return answered(`You made this call already; the result has not changed.\n${content}`);
}

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

/** Models sometimes copy the data marks into arguments, so they are removed before the schema checks. */
function parseInput(tool: AgentTool, text: string): Parsed {
  let json: unknown;
  try {
    json = JSON.parse(unmark(text === "" ? "{}" : text));
  } catch {
    return { ok: false, reason: "The arguments are not valid JSON." };
  }
  const parsed = tool.input.safeParse(json);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, reason: `The arguments do not fit: ${z.prettifyError(parsed.error)}` };
}

async function read(
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
  const screened = screen(guard, tool.name, output.data);
  const line = `${tool.name} ${canonical(input)}`;
  if (screened.kind === "withheld") {
    state.readOnly = true;
    state.tried.push(`${line}: withheld, ${screened.reasons.join("; ")}`);
    return "This result was withheld because it holds instructions. Go on without it, or escalate.";
  }
  if (screened.caution) state.readOnly = true;
  const text = JSON.stringify(asShown(screened.result));
  if (text.length > RESULT_CHARACTERS_MAX) {
    state.tried.push(`${line}: too long to show`);
    return "The result is too long to show. Ask for less, or escalate.";
  }
  const found = holdsData(screened.result);
  if (found) state.provenance.add(tool.provenance);
  state.tried.push(`${line}: ${found ? "answered" : "nothing found"}`);
  remember(tool, screened.result, found, state);
  noteBestPassage(screened.result, attributes);
  const traced = withoutPersonal(screened.result, tool.personal ?? []);
  attributes["deskhand.found"] = guard.mask(foundText(traced));
  if (tool.personal !== undefined)
    attributes["deskhand.result"] = excerpt(guard, JSON.stringify(traced));
  return screened.caution
    ? `${block(state.nonce, `tool ${tool.name}`, text)}\nFrom now on only tools that read are available.`
    : block(state.nonce, `tool ${tool.name}`, text);
}

function remember(tool: ReadTool, result: unknown, found: boolean, state: TurnState): void {
  state.toolResults.push({ tool: tool.name, result: asEvidence(result) });
  if (tool.accountData && found) state.accountData = true;
  for (const passage of resultPassages(result) ?? []) state.passages.set(passage.id, passage);
}

/** The best passage's score is recorded, so that questions no page answers can be counted later. */
function noteBestPassage(result: unknown, attributes: Attributes): void {
  const passages = resultPassages(result);
  if (passages === null) return;
  attributes["deskhand.best_score"] = Math.max(0, ...passages.map(({ score }) => score));
}

/** Read tools return `found: false` when they have nothing to show. */
function holdsData(result: unknown): boolean {
  const isRecord = typeof result === "object" && result !== null && !Array.isArray(result);
  return !isRecord || !("found" in result) || result.found !== false;
}

async function propose(
  tool: WriteTool,
  input: unknown,
  state: TurnState,
  parts: AgentParts,
): Promise<string> {
  const topic = topicOfOperation(tool.operation);
  state.writeTopic = topic;
  const { around } = parts;
  const run = () => tool.propose(input, state.context);
  const proposed = await (around?.propose(tool.name, input, run) ?? run());
  if (proposed.kind === "impossible") {
    if (tool.accountData && !NOTHING_OF_THEIRS.has(proposed.reason)) state.accountData = true;
    return explain(tool, state, { status: "impossible", reason: proposed.reason });
  }
  const { planned } = proposed;
  if (tool.accountData) state.accountData = true;
  const earlier = [...state.actions.values()]
    .filter((decided) => decided.planned.key !== planned.key)
    .map((decided) => decided.decision);
  const origin = proposalOrigin(tool, proposed, state, parts);
  const decision = await parts.decide({ planned, origin, input: state.input, topic, earlier });
  state.actions.delete(planned.key);
  state.denied.delete(planned.key);
  if (decision.verdict === "deny") {
    state.denied.set(planned.key, { planned, decision, origin });
    const { rule, reason } = decision;
    return explain(tool, state, { status: "denied", label: planned.label, rule, reason });
  }
  if (state.actions.size >= ACTIONS_MAX)
    return explain(tool, state, {
      status: "impossible",
      reason: "That is too much for one reply. Escalate the rest.",
    });
  state.actions.set(planned.key, { planned, decision, origin });
  state.tried.push(`${tool.name}: proposed, ${planned.label}`);
  return block(
    state.nonce,
    `tool ${tool.name}`,
    JSON.stringify({
      status: "proposed",
      label: planned.label,
      remark:
        "It is done before your reply goes out; escalate or create_support_ticket would drop it. Write the reply as it will be true then.",
    }),
  );
}

/** Whether the customer plainly asked for the proposal, for the policy; text is masked, since cards show it. */
function proposalOrigin(
  { wishes }: WriteTool,
  { names, unproven }: Proposed,
  { input }: TurnState,
  { guard }: AgentParts,
): Origin {
  const written = writtenLast(input);
  return {
    asked: written !== null && asksPlainly(written, { wishes, names }),
    unproven: unproven.map(({ argument, words }) => ({
      argument,
      words: guard.mask(words).slice(0, UNPROVEN_CHARACTERS_MAX),
    })),
  };
}

/** A denial or an impossibility counts as evidence: its reason comes from policy and records, not from the model. */
function explain(
  tool: WriteTool,
  state: TurnState,
  result: { readonly status: "denied" | "impossible"; readonly reason: string } & Attributes,
): string {
  state.toolResults.push({ tool: tool.name, result });
  state.tried.push(`${tool.name}: ${result.status}, ${result.reason}`);
  return block(state.nonce, `tool ${tool.name}`, JSON.stringify(result));
}

function answered(content: string): CallOutcome {
  return { kind: "told", content, valid: true };
}

function invalid(reason: string): CallOutcome {
  return { kind: "told", content: `Error: ${reason}`, valid: false };
}

// Screens tool results before the model reads them.

/** A tool's result after the guard has read it. */
type Screened =
  | { readonly kind: "passed"; readonly result: unknown; readonly caution: boolean }
  | { readonly kind: "withheld"; readonly reasons: readonly string[] };

/**
 * Scores tool results, because records and help pages can hold third-party text. A suspicious passage is dropped alone;
 * any other suspicious result is withheld whole.
 */
function screen(guard: InputGuard, tool: string, result: unknown): Screened {
  const passages = resultPassages(result);
  if (passages === null) return screenWhole(guard, tool, result);
  const verdicts = passages.map((passage) => ({
    passage,
    ...guard.inspectText(`${passage.title}\n${passage.text}`, `help page ${passage.id}`),
  }));
  return {
    kind: "passed",
    result: {
      passages: verdicts.filter(({ verdict }) => verdict !== "block").map(({ passage }) => passage),
    },
    caution: verdicts.some(({ verdict }) => verdict !== "allow"),
  };
}

function screenWhole(guard: InputGuard, tool: string, result: unknown): Screened {
  const { verdict, reasons } = guard.inspectText(canonical(result), `tool ${tool}`);
  return verdict === "block"
    ? { kind: "withheld", reasons }
    : { kind: "passed", result, caution: verdict === "caution" };
}

// What of the tools a turn offers its model.

/** What a turn is offered: with the tools that change something, or in a turn that only reads, without them. */
interface Offers {
  readonly all: readonly OfferedTool[];
  readonly readOnly: readonly OfferedTool[];
  /** Names of the tools whose actions the policy or a person decides on. */
  readonly decided: readonly string[];
}

const OFFERS = new WeakMap<readonly AgentTool[], Offers>();

/** Tools as offered to a model. Computed once for a list of tools, so that what is written of it can be kept as well. */
export function toolOffers(tools: readonly AgentTool[]): Offers {
  const before = OFFERS.get(tools);
  if (before !== undefined) return before;
  const made = tools.map((tool) => ({ kind: tool.kind, name: tool.name, offer: makeOffer(tool) }));
  const offers: Offers = {
    all: made.map(({ offer }) => offer),
    readOnly: made.filter(({ kind }) => kind !== "write").map(({ offer }) => offer),
    decided: made.filter(({ kind }) => kind === "write").map(({ name }) => name),
  };
  OFFERS.set(tools, offers);
  return offers;
}

function makeOffer({ name, description, input }: AgentTool): OfferedTool {
  return { name, description, parameters: strictSchema(input) };
}
