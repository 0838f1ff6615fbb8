/** Asks each model that is configured as at work (a turn, a reader, embeddings), through the turn's own client, and says what it answered. */

import { z } from "zod";
import { lacksPrice, tokenCost, PRICES, pricesWith } from "#agent/prices.ts";
import { type ModelConnection, embeddingConnection, modelsAsked } from "#config/language-model.ts";
import { type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import { isRecord, jsonOrNull } from "#core/values/canonical-json.ts";
import {
  daysTold,
  endInWords,
  type Model,
  type ModelAnswer,
  type ModelEnd,
  type ModelMessage,
  type ModelRequest,
  type OfferedTool,
  strictSchema,
} from "#core/contracts/model.ts";
import { reasonOf } from "#core/values/errors.ts";
import { meantBy } from "#core/values/words.ts";
import { ANSWER } from "#verifier/request.ts";
import type { Config } from "#config/environment.ts";
import { nothingUsed } from "#core/contracts/agent.ts";
import { modelOpinion } from "#agent/second-opinion.ts";

const OUTPUT_TOKENS_MAX = 2_000;
/** A turn of four calls should fit into the policy's minute. */
const SLOW_MS = 15_000;

/** Enough to see whether a model calls tools at all, where the real ones are not at hand. */
const NOTE: OfferedTool = {
  name: "note",
  description: "Notes one word.",
  parameters: strictSchema(z.strictObject({ word: z.string() })),
};

interface ModelTry {
  /** What is tried: the model that answers, or another one that only reads drafts or messages. */
  readonly connection: ModelConnection;
  /** Those a turn offers; left out where only the connection is known yet. */
  readonly tools?: readonly OfferedTool[];
  /** How long one call may take. */
  readonly tryMsMax?: number;
  readonly now?: Date;
}

/** What a try without a model says: the rehearsal rules were made for the sandbox. */
function rehearsalFinding(isReal: boolean): Finding {
  const found = "the built-in rehearsal rules, which are no AI";
  const finding = findingsAbout("model");
  if (!isReal) return finding("ok", "key", found);
  const shadows = `${found}; without a model every channel only shadows`;
  return finding("warning", "key", shadows, "set OPENAI_API_KEY");
}

/** Asks for a call of a tool, a second round with its result, and an answer in the reader's format. Never throws. */
export async function modelFindings({
  connection,
  tools = [NOTE],
  tryMsMax = 20_000,
  now = new Date(),
}: ModelTry): Promise<readonly Finding[]> {
  // The client is large, and most commands never need it.
  const { modelEnd, openaiModel } = await import("#agent/model.ts");
  const { part } = connection;
  const at = { ...connection, timeoutMs: tryMsMax };
  const prices = pricesWith([connection]);
  const ends = await modelEnd(at);
  const model = openaiModel(at);
  const finding = findingsAbout(part);
  const spent = { input: 0, output: 0, billed: 0, slowest: 0 };
  const trouble = await troubleFinding({ at, model, tools, tryMsMax, spent });
  const usd = spent.billed > 0 ? spent.billed : tokenCost(prices, model.name, spent);
  return [
    trouble ?? wellFinding(part, model.name, spent, usd),
    ...model.learnt().map((told) => finding("ok", "learnt", `it ${told}`)),
    ...(lacksPrice(connection) ? [priceFinding(part, model.name)] : []),
    ...endFindings(part, ends, now),
  ];
}

/** A warning from the first time on that the team is told of a model's end, a problem from the second. */
function endFindings(part: string, ends: readonly ModelEnd[], now: Date): readonly Finding[] {
  return ends.flatMap((end): readonly Finding[] => {
    const days = daysTold(end, now);
    if (days === null) return [];
    const state = days === 60 ? "warning" : "problem";
    const remedy = "name its successor in DESKHAND_MODEL (docs/models.md)";
    return [findingsAbout(part)(state, "end", endInWords(end, now), remedy)];
  });
}

function wellFinding(
  part: ModelConnection["part"],
  name: string,
  { input, output, slowest }: Spent,
  usd: number | null,
): Finding {
  const price = usd === null ? "a price nobody told" : `${usd.toFixed(4)} USD`;
  const found = `${name} ${TRIES[part].did}: ${input} tokens in, ${output} out, ${price}, the slowest call ${(slowest / 1_000).toFixed(1)} s`;
  const finding = findingsAbout(part);
  const remedy = "choose a faster model, or raise caps.turn.seconds of the policy";
  return slowest > SLOW_MS
    ? finding("warning", "asked", found, remedy)
    : finding("ok", "asked", found);
}

/** What is asked of whom, and what it took so far. */
interface Trying {
  readonly at: ModelConnection;
  readonly model: Model;
  readonly tools: readonly OfferedTool[];
  readonly tryMsMax: number;
  readonly spent: Spent;
}

/** Why it cannot be worked with, in the provider's words, and what to do about it; null when all is well. */
async function troubleFinding(given: Trying): Promise<Finding | null> {
  const { at } = given;
  // Without a second opinion everything goes on, but nothing else would say that none is given.
  const state = at.part === "guard_opinion" ? "warning" : "problem";
  const told = async (found: string, error: unknown): Promise<Finding> =>
    findingsAbout(at.part)(state, "asked", found, await mendFor(error, at));
  try {
    const found = await TRIES[at.part].problem(given);
    return found === null ? null : await told(found, null);
  } catch (error) {
    return told(reasonOf(error), error);
  }
}

/** What each part is tried with, and what it did then. */
const TRIES = {
  model: {
    did: "called a tool, took its result and answered in the reader's format",
    problem: async (given: Trying) => (await callProblem(given)) ?? readingProblem(given),
  },
  verifier: { did: "answered in the reader's format", problem: readingProblem },
  guard_opinion: { did: "answered in one word", problem: opinionProblem },
};

const Refused = z.object({ status: z.int() }).catch({ status: 0 });

/** By the status of a refusal; without an error the model itself cannot do what is asked. */
async function mendFor(error: unknown, at: ModelConnection): Promise<string> {
  const [key, url] =
    at.part === "verifier"
      ? ["DESKHAND_VERIFIER_KEY", "DESKHAND_VERIFIER_URL"]
      : ["OPENAI_API_KEY", "OPENAI_BASE_URL"];
  const name = at.part === "model" ? "DESKHAND_MODEL" : `DESKHAND_${at.part.toUpperCase()}_MODEL`;
  const { status } = Refused.parse(error instanceof Error ? error.cause : null);
  const isWhole = /\/v\d/.test(at.baseUrl);
  const address = `check ${url}${isWhole ? "" : ": most servers want /v1 at its end"}`;
  if ([401, 403].includes(status)) return `check ${key}, and that it may use ${at.model}`;
  if ([402, 429].includes(status))
    return `add credit to the account of ${key} at the provider, or raise its limit`;
  if (status === 404) {
    const { listedModels } = await import("#agent/model.ts");
    const listed = (await listedModels(at)).map(({ id }) => id);
    return listed.length === 0
      ? `${address}, and ${name}`
      : `correct ${name}: ${meantBy(at.model, listed)}`;
  }
  return error !== null && status === 0
    ? `${address}, and that its server runs and is not too busy`
    : `name another model in ${name}, or set up its server as docs/models.md says`;
}

/** A call of a tool and a second round with its result, in a request as long as a turn's. */
async function callProblem(given: Trying): Promise<string | null> {
  const { tools } = given;
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
  const called = await asked(given, { messages, tools });
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
  const second = await asked(given, { messages, tools });
  // A server that cuts the beginning of what does not fit forgets the rules without a word.
  return second.toolCalls.length === 0 && !second.text.includes(MARKER)
    ? `${given.model.name} has not read the beginning of what it was sent: its server cuts it, and with it the rules; give it a larger context`
    : null;
}

async function readingProblem(given: Trying): Promise<string | null> {
  const read = await asked(given, {
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
  return isRecord(jsonOrNull(read.text))
    ? null
    : `${given.model.name} does not answer in the reader's format, so a person reads every draft`;
}

async function opinionProblem(given: Trying): Promise<string | null> {
  const model = { ...given.model, complete: (request: ModelRequest) => asked(given, request) };
  const asking = { model, clock: { now: () => new Date() }, prices: PRICES };
  const texts = { message: "Where is my order?", others: [] };
  return modelOpinion(asking)
    .about(texts, nothingUsed(), AbortSignal.timeout(given.tryMsMax))
    .catch((error: unknown) => {
      // Another word is the model's own doing; without an answer its server is to blame.
      if (given.spent.slowest === 0) throw error;
      return reasonOf(error);
    });
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
  { model, tryMsMax, spent }: Trying,
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

/** What is said of a model without a known price, which no start takes. */
export function priceFinding(part: string, name: string): Finding {
  return findingsAbout(part)(
    "problem",
    "price",
    `Deskhand does not start without the price of ${name}, which is not known: the policy's limits in dollars need it`,
    `set DESKHAND_${part.toUpperCase()}_PRICE to its price per million tokens (input,kept input,output; 0,0,0 for a server of your own)`,
  );
}

const EMBED_MS = 20_000;

/** What every model that is asked answers, and the one of embeddings, where one is named. Never throws. */
export async function modelsFindings(
  environment: Config["environment"],
  given: Pick<Parameters<typeof modelFindings>[0], "tools" | "tryMsMax" | "now"> & {
    readonly isReal: boolean;
  },
): Promise<readonly Finding[]> {
  const { isReal, ...tried } = given;
  const models = modelsAsked(environment);
  const found = await Promise.all(
    models.map((connection) =>
      modelFindings(
        connection.part === "model"
          ? { ...tried, connection }
          : { ...tried, connection, tryMsMax: connection.timeoutMs },
      ),
    ),
  );
  return [
    ...(models.some(({ part }) => part === "model") ? [] : [rehearsalFinding(isReal)]),
    ...found.flat(),
    ...(await embeddingFindings(environment)),
  ];
}

async function embeddingFindings(environment: Config["environment"]): Promise<readonly Finding[]> {
  const connection = embeddingConnection(environment);
  if (connection === null) return [];
  const finding = findingsAbout("embeddings");
  try {
    const { openaiEmbeddings } = await import("#agent/model.ts");
    const startedAt = performance.now();
    const { vectors } = await openaiEmbeddings({ ...connection, timeoutMs: EMBED_MS })(["test"]);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const found = `${connection.model} gave ${vectors[0]?.length ?? 0} numbers in ${seconds} s`;
    return [finding("ok", "asked", found)];
  } catch (error) {
    const remedy = "check EMBEDDINGS, OPENAI_API_KEY and OPENAI_BASE_URL";
    return [finding("problem", "asked", reasonOf(error), remedy)];
  }
}
