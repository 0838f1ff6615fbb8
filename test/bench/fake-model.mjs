/**
 * A model that answers at once: two look-ups of the order that is asked about, or one search of the help pages, then the
 * answer; and a reader that finds a quote for each sentence of it, and no contradiction between help pages. Which step it is at, it reads from the request, so that
 * it keeps no state. `node fake-model.mjs` prints its URL and runs until it is killed or its input ends, as it does when the
 * process that started it is gone.
 */
import { createServer } from "node:http";

/** For a loop whose turns end with a tool, as ours do. */
const REPLY = "reply";

/** What the question asks for: the look-ups, and the answer once they are made. Words of customers come with marks between. */
function planFor(question, results) {
  const order = /my\Worder\W(\d+)/.exec(question)?.[1];
  if (order !== undefined)
    return {
      lookUps: 2,
      call: { name: "get_order_status", arguments: JSON.stringify({ order_id: order }) },
      topic: "order_status",
      text: `Order ${order} (desk lamp) is being prepared in our warehouse and has not been shipped yet.`,
    };
  const passage = /"text":"((?:[^"\\]|\\.)*)/.exec(results.at(-1) ?? "")?.[1] ?? "";
  return {
    lookUps: 1,
    call: { name: "search_faq", arguments: JSON.stringify({ queries: ["refund policy"] }) },
    topic: "faq",
    text: /[A-Z][^.\\]*\./.exec(passage)?.[0] ?? "There is no such page.",
  };
}

function answerTo({ messages, tools = [] }) {
  const [{ content: rules }] = messages;
  const question = messages.find(({ role }) => role === "user").content;
  if (rules.startsWith("You check a support reply")) return completion({ content: read(question) });
  if (rules.startsWith("You compare one help page"))
    return completion({ content: '{"contradictions":[]}' });
  const results = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
  const { lookUps, call, topic, text } = planFor(question, results);
  if (results.length < lookUps) return completion({ call, step: results.length });
  if (!tools.some(({ function: { name } }) => name === REPLY)) return completion({ content: text });
  const reply = JSON.stringify({ text, kind: "answer", topic });
  return completion({ call: { name: REPLY, arguments: reply }, step: results.length });
}

/** What an honest reader says: each paragraph with the line that backs it, and none for what no source says. */
function read(request) {
  const blocks = [...request.matchAll(/<<\S+ ([^>\n]+)>>\n([\s\S]*?)\n<<end \S+>>/g)];
  const sources = blocks.filter(([, name]) => name.startsWith("source ")).map(([, , text]) => text);
  const reply = blocks.find(([, name]) => name === "reply")?.[2] ?? "";
  return JSON.stringify({
    statements: reply.split(/\n+/).map((text) => {
      const order = /^Order (\d+) /.exec(text)?.[1];
      const quote = order === undefined ? text : `order ${order}: status processing`;
      const source = sources.findIndex((one) => one.includes(quote));
      return source < 0
        ? { text, kind: "fact", source: null, quote: null }
        : { text, kind: "fact", source: source + 1, quote };
    }),
  });
}

function completion({ content = null, call, step = 0 }) {
  return {
    id: "c",
    object: "chat.completion",
    created: 0,
    model: "fake",
    choices: [
      {
        index: 0,
        finish_reason: call === undefined ? "stop" : "tool_calls",
        logprobs: null,
        message: {
          role: "assistant",
          refusal: null,
          content,
          ...(call === undefined
            ? {}
            : { tool_calls: [{ id: `call_${step}`, type: "function", function: call }] }),
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
