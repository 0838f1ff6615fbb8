/** The way from a stage to its model: passes requests on, keeps the answers, and gives kept ones again. */
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { request as secureRequest } from "node:https";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { type Answer, digestOf } from "./recording.ts";
import { PROBES } from "#verifier/request.ts";

/** A model that is asked for what was not kept. */
export interface Upstream {
  readonly url: string;
  readonly key: string;
}

/** One question to a model with its answer. */
export interface Exchange {
  readonly messages: readonly WrittenMessage[];
  readonly answer: Answer;
}

/** A place for one stage at a time, on a port of 127.0.0.1, that speaks chat completions. */
export interface ModelDoor {
  readonly url: string;
  /** Begins a conversation whose answers were kept before; an empty list when none were. */
  begin(kept: readonly Answer[]): void;
  /** Everything asked and answered since then, in order. */
  end(): readonly Exchange[];
  close(): Promise<void>;
}

const WrittenMessage = z.looseObject({
  role: z.string(),
  content: z.unknown(),
  tool_calls: z
    .array(z.looseObject({ function: z.object({ name: z.string(), arguments: z.string() }) }))
    .nullish(),
});
export type WrittenMessage = z.infer<typeof WrittenMessage>;

const Question = z.looseObject({ messages: z.array(WrittenMessage) });

const Completion = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: WrittenMessage.extend({ content: z.string().nullish() }),
      }),
    )
    .min(1),
});

interface Reply {
  readonly status: number;
  readonly body: string;
}

/**
 * Opens the door. A kept answer is given when the conversation asks the same as when it was kept; where it asks
 * something else, what was kept after that is dropped and the model is asked. Without a model (`upstream` null) the next
 * kept answer is given to what was never asked before, and one question too many is refused.
 */
export async function openModelDoor(upstream: Upstream | null): Promise<ModelDoor> {
  const state: { kept: Answer[]; exchanges: Exchange[] } = { kept: [], exchanges: [] };

  /** A recording older than the second asking of a reader: it keeps to what it said, as the conversation went on then. */
  function keptTo(messages: readonly WrittenMessage[], next: Answer | undefined): Answer | null {
    const last = state.exchanges.at(-1)?.answer;
    const isAgain = messages.length > 2 && messages.at(-2)?.content === last?.text;
    return last !== undefined && isAgain && last.text !== "" && !isReading(next) ? last : null;
  }

  async function answer(body: string, gone: AbortSignal): Promise<Reply> {
    const { messages } = Question.parse(JSON.parse(body));
    const asked = digestOf(messages);
    const same = state.kept.findIndex((one) => one.asked === asked);
    const at = upstream === null ? Math.max(0, same) : same;
    const said = upstream === null ? keptTo(messages, state.kept[at]) : null;
    if (said !== null) {
      state.exchanges.push({ messages, answer: said });
      return { status: 200, body: completionOf(said, state.exchanges.length) };
    }
    const kept = state.kept[at];
    if (kept !== undefined) {
      state.kept = state.kept.slice(at + 1);
      const fitting = upstream === null ? aboutProbeNow(kept, body) : kept;
      state.exchanges.push({ messages, answer: fitting });
      return { status: 200, body: completionOf(fitting, state.exchanges.length) };
    }
    state.kept = [];
    if (upstream === null) return refused("no answer to this was recorded");
    const reply = await passOn(upstream, body, gone);
    const spoken = reply.status === 200 ? answerIn(reply.body, asked) : null;
    if (spoken !== null) state.exchanges.push({ messages, answer: spoken });
    return reply;
  }

  const server = createServer((asking, answering) => {
    void handled(asking, answering, answer);
  });
  // An answer may be written by a person, who takes longer than any program.
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1`,
    begin(kept) {
      state.kept = [...kept];
      state.exchanges = [];
    },
    end: () => state.exchanges,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function isReading(answer: Answer | undefined): boolean {
  return answer?.text.startsWith('{"statements"') === true;
}

/** A false sentence is drawn for each reading of a draft: a kept answer about another one holds for the one of now. */
function aboutProbeNow(kept: Answer, body: string): Answer {
  const then = PROBES.find((probe) => kept.text.includes(probe));
  const now = PROBES.find((probe) => body.includes(probe));
  return then === undefined || now === undefined
    ? kept
    : { ...kept, text: kept.text.replaceAll(then, now) };
}

async function handled(
  asking: IncomingMessage,
  answering: ServerResponse,
  answer: (body: string, gone: AbortSignal) => Promise<Reply>,
): Promise<void> {
  const gone = new AbortController();
  answering.on("close", () => gone.abort());
  let reply: Reply;
  try {
    reply = await answer(await text(asking), gone.signal);
  } catch (error) {
    reply = refused(String(error));
  }
  answering.writeHead(reply.status, { "content-type": "application/json" });
  answering.end(reply.body);
}

function refused(message: string): Reply {
  return { status: 400, body: JSON.stringify({ error: { message } }) };
}

/** Not `fetch`, which gives up after five minutes without an answer. */
async function passOn({ url, key }: Upstream, body: string, gone: AbortSignal): Promise<Reply> {
  const target = new URL(`${url.replace(/\/$/, "")}/chat/completions`);
  const sent = (target.protocol === "https:" ? secureRequest : request)(target, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    signal: gone,
  });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.on("response", resolve).on("error", reject).end(body);
  const came = await promise;
  return { status: came.statusCode ?? 502, body: await text(came) };
}

function answerIn(body: string, asked: string): Answer | null {
  const parsed = Completion.safeParse(JSON.parse(body));
  const message = parsed.data?.choices[0]?.message;
  if (message === undefined) return null;
  return {
    asked,
    text: message.content ?? "",
    calls: (message.tool_calls ?? []).map((call) => call.function),
  };
}

function completionOf({ text: content, calls }: Answer, nth: number): string {
  const tool_calls = calls.map((call, index) => ({
    id: `call_${nth}_${index}`,
    type: "function",
    function: call,
  }));
  const message = { role: "assistant", content, ...(calls.length > 0 ? { tool_calls } : {}) };
  const finish_reason = calls.length > 0 ? "tool_calls" : "stop";
  return JSON.stringify({ choices: [{ index: 0, message, finish_reason }] });
}
