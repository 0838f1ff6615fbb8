/** A language model over HTTP: chat completions by the rehearsal rules, with the failures of real models. */
import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

import { nextCalls, wishRead } from "#sandbox/rehearsal/rehearsal.ts";
import {
  CompletionRequest,
  readTranscript,
  type Call,
  type Transcript,
} from "#sandbox/rehearsal/transcript.ts";
import { closed, listen } from "#test/support/loopback.ts";

/** What becomes of one call. */
export type ModelFate =
  | { readonly kind: "answer"; readonly delayMs?: number }
  | {
      readonly kind: "refuse";
      readonly status: 429 | 500 | 503;
      readonly retryAfterSeconds?: number;
    }
  /** Never answers; the caller's time limit has to end it. */
  | { readonly kind: "hang" }
  /** Another body than a completion, sent as it is. */
  | { readonly kind: "raw"; readonly text: string; readonly delayMs?: number };

export interface FakeModel {
  /** For OPENAI_BASE_URL. */
  readonly url: string;
  /** The number of calls so far. */
  readonly calls: () => number;
  close(): Promise<void>;
}

/**
 * Starts it. `fate` decides each call by its number, from 1, and the new messages in it; `plan` may change what the
 * rules would do next. The second reading of a wish is answered at once and counts as no call.
 */
export async function startFakeModel(
  options: {
    readonly fate?: (call: number, transcript: Transcript) => ModelFate;
    readonly plan?: (calls: readonly Call[], transcript: Transcript) => readonly Call[];
  } = {},
): Promise<FakeModel> {
  let calls = 0;
  const server = createServer((request, response) => {
    // It lists no models.
    if (request.method === "GET") return void response.writeHead(404).end();
    text(request)
      .then((body) => {
        const parsed = CompletionRequest.parse(JSON.parse(body));
        const read = wishRead(parsed);
        if (read !== null) return send(response, completion(parsed, [], read));
        calls += 1;
        return answer(parsed, response, calls, options);
      })
      .catch(() => response.destroy());
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}/v1`,
    calls: () => calls,
    close: () => closed(server),
  };
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function answer(
  parsed: CompletionRequest,
  response: ServerResponse,
  call: number,
  options: NonNullable<Parameters<typeof startFakeModel>[0]>,
): Promise<void> {
  const transcript = readTranscript(parsed);
  const fate = options.fate?.(call, transcript) ?? { kind: "answer" };
  switch (fate.kind) {
    case "hang":
      return;
    case "refuse":
      response
        .writeHead(fate.status, {
          "content-type": "application/json",
          ...(fate.retryAfterSeconds === undefined
            ? {}
            : { "retry-after": String(fate.retryAfterSeconds) }),
        })
        .end(JSON.stringify({ error: { message: "not now" } }));
      return;
    case "raw":
      if (fate.delayMs !== undefined) await delay(fate.delayMs);
      response.writeHead(200, { "content-type": "application/json" }).end(fate.text);
      return;
    case "answer": {
      if (fate.delayMs !== undefined) await delay(fate.delayMs);
      const planned = nextCalls(transcript);
      send(response, completion(parsed, options.plan?.(planned, transcript) ?? planned));
      return;
    }
    default:
      throw new Error(`unknown fate ${String(fate satisfies never)}`);
  }
}

/** The answer's shape: https://platform.openai.com/docs/api-reference/chat/object */
function completion(
  request: CompletionRequest,
  calls: readonly Call[],
  content: string | null = null,
): unknown {
  const id = createHash("sha256")
    .update(JSON.stringify(request.messages))
    .digest("hex")
    .slice(0, 16);
  return {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    created: 0,
    model: request.model,
    choices: [
      {
        index: 0,
        finish_reason: content === null ? "tool_calls" : "stop",
        logprobs: null,
        message: {
          role: "assistant",
          content,
          refusal: null,
          tool_calls: calls.map(({ name, input }, index) => ({
            id: `call_${id}_${index}`,
            type: "function",
            function: { name, arguments: JSON.stringify(input) },
          })),
        },
      },
    ],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  };
}
