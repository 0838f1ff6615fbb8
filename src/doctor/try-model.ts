/** Asks the model as a turn and a reader do, through the turn's own client, and says what it answered. */
import type { LearningModel } from "#agent/model.ts";
import { costOf, priceOf, type PriceTable } from "#agent/prices.ts";
import type { Finding } from "#core/connection/diagnosis.ts";
import type {
  ModelAnswer,
  ModelMessage,
  ModelRequest,
  OfferedTool,
} from "#core/contracts/model.ts";
import { reasonOf } from "#core/values/errors.ts";
import { ANSWER } from "#verifier/request.ts";

const OUTPUT_TOKENS_MAX = 2_000;
const PLACE = { part: "model", check: "asked" };
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
  readonly model: LearningModel;
  /** Those a turn offers; left out where only the connection is known yet. */
  readonly tools?: readonly OfferedTool[];
  readonly prices: PriceTable;
  /** How long one call may take. */
  readonly tryMsMax: number;
  /** Where texts are embedded by the provider; left out where they are not. */
  readonly embed?: () => Promise<unknown>;
  readonly now: Date;
}

/** A call of a tool, a second round with its result, and an answer in the reader's format. Never throws. */
export async function modelFindings(given: ModelTry): Promise<readonly Finding[]> {
  const { model, prices, now } = given;
  const spent = { input: 0, output: 0, billed: 0, slowest: 0 };
  const problem = await problemOf(given, spent);
  const findings: Finding[] = [];
  if (problem === null) {
    const usd = spent.billed > 0 ? spent.billed : costOf(prices, model.name, spent);
    const price = usd === null ? "a price nobody told" : `${usd.toFixed(4)} USD`;
    const found = `${model.name} called a tool, took its result and answered in the reader's format: ${spent.input} tokens in, ${spent.output} out, ${price}, the slowest call ${(spent.slowest / 1_000).toFixed(1)} s`;
    const isSlow = spent.slowest > SLOW_MS;
    findings.push({
      ...PLACE,
      state: isSlow ? "warning" : "ok",
      found,
      remedy: isSlow ? "choose a faster model, or raise caps.turn.seconds of the policy" : null,
    });
  } else findings.push({ ...PLACE, state: "problem", found: problem, remedy: REMEDY });
  for (const told of model.learnt())
    findings.push({ ...PLACE, check: "learnt", state: "ok", found: `it ${told}`, remedy: null });
  return [
    ...findings,
    ...priceFindings(prices, model.name, spent.billed),
    ...endFindings(given, now),
  ];
}

/** Why it cannot be worked with, in the provider's words; null when all is well. */
async function problemOf(given: ModelTry, spent: Spent): Promise<string | null> {
  const tools = given.tools ?? [NOTE];
  const tool =
    tools.find(({ name }) => name === NOTE.name || name === "escalate") ?? tools[0] ?? NOTE;
  const messages: ModelMessage[] = [
    { role: "system", content: `${MARKER} You are being tried out. Do only what the user says.` },
    {
      role: "user",
      content: `Call the tool ${tool.name} once, with "test" for every text it wants.`,
    },
  ];
  try {
    const called = await asked(given, spent, { messages, tools });
    const [call] = called.toolCalls;
    if (call === undefined) return `${given.model.name} calls no tool; it answered in words`;
    messages.push(
      {
        role: "assistant",
        content: called.text,
        toolCalls: [...called.toolCalls],
        ...(called.kept === undefined ? {} : { kept: called.kept }),
      },
      ...called.toolCalls.map(({ id }) => ({
        role: "tool" as const,
        toolCallId: id,
        content: "noted",
      })),
      { role: "user", content: `Now answer in words, with the first word of your instructions.` },
    );
    const second = await asked(given, spent, { messages, tools });
    // A server that cuts the beginning of what does not fit forgets the rules without a word.
    if (second.toolCalls.length === 0 && !second.text.includes(MARKER))
      return `${given.model.name} has not read the beginning of what it was sent: its server cuts it, and with it the rules; give it a larger context`;
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
    if (!isJson(read.text))
      return `${given.model.name} does not answer in the reader's format, so a person reads every draft`;
    await given.embed?.();
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

const MARKER = "Marigold.";

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

function priceFindings(prices: PriceTable, name: string, billed: number): readonly Finding[] {
  if (billed > 0 || priceOf(prices, name) !== undefined) return [];
  return [
    {
      part: "model",
      check: "price",
      state: "warning",
      found: `the price of ${name} is not known, so the limits in dollars do not hold`,
      remedy: "set DESKHAND_MODEL_PRICE to its price per million tokens (input,kept input,output)",
    },
  ];
}

/** So many days before its end a model is warned about: with less the tone changes. */
const DAYS = { soon: 60, near: 14 } as const;
const DAY_MS = 86_400_000;

function endFindings({ prices, model: { name } }: ModelTry, now: Date): readonly Finding[] {
  const endsOn = priceOf(prices, name)?.endsOn;
  if (endsOn === undefined) return [];
  const days = Math.ceil((Date.parse(endsOn) - now.getTime()) / DAY_MS);
  if (days > DAYS.soon) return [];
  return [
    {
      part: "model",
      check: "end",
      state: days > DAYS.near ? "warning" : "problem",
      found: days > 0 ? `${name} ends on ${endsOn}, in ${days} days` : `${name} ended on ${endsOn}`,
      remedy: "name its successor in DESKHAND_MODEL (docs/models.md)",
    },
  ];
}
