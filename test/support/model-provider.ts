/** A provider with an OpenAI-compatible API on the loopback, for tests that ask a model at the wire. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { openaiModel } from "#agent/model.ts";
import { closed, listen } from "./loopback.ts";

/** Answers one request of the client. */
type Handler = (body: string, response: ServerResponse, request: IncomingMessage) => void;

/** A provider on the loopback, closed with the test. */
export async function provider(context: TestContext, handler: Handler) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      handler(Buffer.concat(chunks).toString("utf8"), response, request);
    });
  });
  const url = `http://127.0.0.1:${await listen(server)}/v1`;
  context.after(() => closed(server));
  return {
    url,
    requests: () => requests,
    model: (name = "gpt-4.1", timeoutMs = 5_000) =>
      openaiModel({
        apiKey: "key-1",
        baseUrl: url,
        model: name,
        timeoutMs,
      }),
  };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, value: unknown, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

/** A chat completion with this message. */
export function completion(message: unknown, changes: Record<string, unknown> = {}) {
  return {
    id: "c1",
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    ...changes,
  };
}

const CALLED = completion(null, {
  choices: [
    {
      finish_reason: "tool_calls",
      message: {
        content: null,
        tool_calls: [{ id: "a", function: { name: "note", arguments: '{"word":"test"}' } }],
      },
    },
  ],
});

/** A server that does all that the doctor asks. */
export function obliging(body: string, response: ServerResponse, words = "Marigold."): void {
  if (body.includes("response_format"))
    return json(response, 200, completion({ content: '{"statements":[]}' }));
  if (body.includes('"role":"tool"')) return json(response, 200, completion({ content: words }));
  return json(response, 200, CALLED);
}
