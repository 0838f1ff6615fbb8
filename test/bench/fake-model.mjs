/**
 * A model that answers at once: two look-ups, then the answer. Which step it is at, it reads from the request, so that
 * it keeps no state. `node fake-model.mjs` prints its URL and runs until it is killed or its input ends, as it does when the
 * process that started it is gone.
 */
import { createServer } from "node:http";

const LOOK_UP = { name: "get_order_status", arguments: '{"order_id":"456"}' };
const TEXT =
  "Order 456 (desk lamp) is being prepared in our warehouse and has not been shipped yet.";
/** For a loop whose turns end with a tool, as ours do. */
const REPLY = {
  name: "reply",
  arguments: JSON.stringify({ text: TEXT, kind: "answer", topic: "order_status" }),
};

function answerTo({ messages, tools = [] }) {
  const lookedUp = messages.filter(({ role }) => role === "tool").length;
  const endsByTool = tools.some(({ function: { name } }) => name === REPLY.name);
  const call = lookedUp < 2 ? LOOK_UP : endsByTool ? REPLY : null;
  return {
    id: "c",
    object: "chat.completion",
    created: 0,
    model: "fake",
    choices: [
      {
        index: 0,
        finish_reason: call === null ? "stop" : "tool_calls",
        logprobs: null,
        message: {
          role: "assistant",
          refusal: null,
          content: call === null ? TEXT : null,
          ...(call === null
            ? {}
            : { tool_calls: [{ id: `call_${lookedUp}`, type: "function", function: call }] }),
        },
      },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
  };
}

const server = createServer((incoming, response) => {
  const chunks = [];
  incoming.on("data", (chunk) => chunks.push(chunk));
  incoming.on("end", () => {
    // A process also looks until when the models are offered.
    const isList = incoming.method === "GET";
    const text = Buffer.concat(chunks).toString("utf8");
    const answer = JSON.stringify(
      isList ? { object: "list", data: [] } : answerTo(JSON.parse(text)),
    );
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
process.stdin.on("end", () => process.exit(0)).resume();
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}/v1\n`);
});
