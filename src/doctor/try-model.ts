/** Asks the model as a turn and a reader do, through the turn's own client, and says what it answered. */
import type { LearningModel } from "#agent/model.ts";
import { costOf, modelEnds, priceOf, type PriceTable } from "#agent/prices.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
import { daysTold, endInWords, type ModelEnd } from "#core/connection/model-end.ts";
import type {
  ModelAnswer,
  ModelMessage,
  ModelRequest,
  OfferedTool,
} from "#core/contracts/model.ts";
import { reasonOf } from "#core/values/errors.ts";
import { ANSWER } from "#verifier/request.ts";

const OUTPUT_TOKENS_MAX = 2_000;
const REMEDY =
  "check OPENAI_API_KEY, OPENAI_BASE_URL and DESKHAND_MODEL against the provider's words (docs/models.md)";
/** A turn of four calls should fit into the policy's minute. */
const SLOW_MS = 15_000;

/** Enough to see whether a model calls tools at all, where the real ones are not at hand. */
const NOTE: OfferedTool = {
  name: "note",
  description: "Notes one word.",
  parameters: {
    type: "object",
    properties: { word: { type: "string" } },
    required: ["word"],
    additionalProperties: false,
  },
};

/** What a try needs. */
export interface ModelTry {
  /** What is tried, as it is called on the page: the model that answers, or another one that only reads drafts. */
  readonly part?: "model" | "verifier";
  /** When its provider ends it, by its own list; left out where that was not asked. */
  readonly ends?: readonly ModelEnd[];
  readonly model: LearningModel;
  /** Those a turn offers; left out where only the connection is known yet. */
  readonly tools?: readonly OfferedTool[];
  readonly prices: PriceTable;
  /** How long one call may take. */
  readonly tryMsMax: number;
  readonly now: Date;
}

/** A call of a tool, a second round with its result, and an answer in the reader's format. Never throws. */
export async function modelFindings(given: ModelTry): Promise<readonly Finding[]> {
  const { model, prices, now, part = "model", ends = [] } = given;
  const place = { part, check: "asked" };
  const spent = { input: 0, output: 0, billed: 0, slowest: 0 };
  const problem = await problemIn(given, spent);
  const findings: Finding[] = [];
  if (problem === null) {
    const usd = spent.billed > 0 ? spent.billed : costOf(prices, model.name, spent);
    const price = usd === null ? "a price nobody told" : `${usd.toFixed(4)} USD`;
    const did =
      part === "model"
        ? "called a tool, took its result and answered in the reader's format"
        : "answered in the reader's format";
    const found = `${model.name} ${did}: ${spent.input} tokens in, ${spent.output} out, ${price}, the slowest call ${(spent.slowest / 1_000).toFixed(1)} s`;
    const isSlow = spent.slowest > SLOW_MS;
    findings.push({
      ...place,
      state: isSlow ? "warning" : "ok",
      found,
      remedy: isSlow ? "choose a faster model, or raise caps.turn.seconds of the policy" : null,
    });
  } else findings.push({ ...place, state: "problem", found: problem, remedy: REMEDY });
  for (const told of model.learnt())
    findings.push({ ...place, check: "learnt", state: "ok", found: `it ${told}`, remedy: null });
  return [
    ...findings,
    ...priceFindings(place.part, { prices, name: model.name, billed: spent.billed }),
    ...endFindings(place.part, ends.length > 0 ? ends : modelEnds(prices, [model.name]), now),
  ];
}

/** A warning from the first time on that the team is told of a model's end, a problem from the second. */
function endFindings(part: string, ends: readonly ModelEnd[], now: Date): readonly Finding[] {
  return ends.flatMap((end): readonly Finding[] => {
    const days = daysTold(end, now);
    if (days === null) return [];
    return [
      {
        part,
        check: "end",
        state: days === 60 ? "warning" : "problem",
        found: endInWords(end, now),
        remedy: "name its successor in DESKHAND_MODEL (docs/models.md)",
      },
    ];
  });
}

/** Why it cannot be worked with, in the provider's words; null when all is well. */
async function problemIn(given: ModelTry, spent: Spent): Promise<string | null> {
  try {
    return (
      (given.part === "verifier" ? null : await callProblem(given, spent)) ??
      (await readingProblem(given, spent))
    );
  } catch (error) {
    return reasonOf(error);
  }
}

/** A call of a tool and a second round with its result, in a request as long as a turn's. */
async function callProblem(given: ModelTry, spent: Spent): Promise<string | null> {
  const tools = given.tools ?? [NOTE];
  const tool =
    tools.find(({ name }) => name === NOTE.name || name === "escalate") ?? tools[0] ?? NOTE;
  const messages: ModelMessage[] = [
    {
      role: "system",
      content: `${MARKER} You are being tried out. Do only what the user says.\n${FILLING}`,
    },
    {
      role: "user",
      content: `Call the tool ${tool.name} once, with "test" for every text it wants.`,
    },
  ];
  const called = await asked(given, spent, { messages, tools });
  const [call] = called.toolCalls;
  if (call === undefined) return `${given.model.name} calls no tool; it answered in words`;
  const { text: content, toolCalls, kept } = called;
  messages.push(
    {
      role: "assistant",
      content,
      toolCalls: [...toolCalls],
      ...(kept === undefined ? {} : { kept }),
    },
    ...toolCalls.map(({ id }) => ({ role: "tool" as const, toolCallId: id, content: "noted" })),
    { role: "user", content: `Now answer in words, with the first word of your instructions.` },
  );
  const second = await asked(given, spent, { messages, tools });
  // A server that cuts the beginning of what does not fit forgets the rules without a word.
  return second.toolCalls.length === 0 && !second.text.includes(MARKER)
    ? `${given.model.name} has not read the beginning of what it was sent: its server cuts it, and with it the rules; give it a larger context`
    : null;
}

async function readingProblem(given: ModelTry, spent: Spent): Promise<string | null> {
  const read = await asked(given, spent, {
    messages: [
      { role: "system", content: "You read a reply against its sources." },
      {
        role: "user",
        content: "There is nothing to read. Answer in the format, without statements.",
      },
    ],
    tools: [],
    answer: ANSWER,
  });
  return isJson(read.text)
    ? null
    : `${given.model.name} does not answer in the reader's format, so a person reads every draft`;
}

const MARKER = "Marigold.";
/** Rules, pages and a conversation take about as much: a server that cuts theirs has to cut this. */
const FILLING = "This line only takes room, as the rules do. ".repeat(550);

interface Spent {
  input: number;
  output: number;
  billed: number;
  slowest: number;
}

async function asked(
  { model, tryMsMax }: ModelTry,
  spent: Spent,
  request: Pick<ModelRequest, "messages" | "tools" | "answer">,
): Promise<ModelAnswer> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(tryMsMax * 2);
  const answer = await model.complete({
    ...request,
    outputTokensMax: OUTPUT_TOKENS_MAX,
    tryMsMax,
    signal,
  });
  spent.slowest = Math.max(spent.slowest, performance.now() - startedAt);
  spent.input += answer.inputTokens;
  spent.output += answer.outputTokens;
  spent.billed += answer.costUsd ?? 0;
  return answer;
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function priceFindings(
  part: string,
  {
    prices,
    name,
    billed,
  }: { readonly prices: PriceTable; readonly name: string; readonly billed: number },
): readonly Finding[] {
  if (billed > 0 || priceOf(prices, name) !== undefined) return [];
  return [
    {
      part,
      check: "price",
      state: "warning",
      found: `the price of ${name} is not known, so the limits in dollars do not hold`,
      remedy: "set DESKHAND_MODEL_PRICE to its price per million tokens (input,kept input,output)",
    },
  ];
}
