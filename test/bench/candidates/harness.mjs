/**
 * Runs one candidate: so many conversations, so many at once. Prints what they cost this process as JSON.
 * `node CANDIDATE URL CONVERSATIONS AT_ONCE`: the URL is that of the fake model, which answers at once.
 */
export const URL_OF_MODEL = process.argv[2] ?? "";
const COUNT = process.argv[3] ?? "100";
const AT_ONCE = process.argv[4] ?? "1";
export const SYSTEM =
  "You answer customers of a shop. Look orders up before you say anything about them.";
export const QUESTION = "Where is my order 456?";
export const TOOL = {
  name: "get_order_status",
  description: "Status and dates of one order of this customer.",
  parameters: {
    type: "object",
    properties: { order_id: { type: "string" } },
    required: ["order_id"],
    additionalProperties: false,
  },
};

const ORDERS = new Map([
  [
    "456",
    { id: "456", item: "desk lamp", status: "processing", total: "45.00 USD", shipped: null },
  ],
]);

/** The one tool: a look-up in memory. */
export function lookUp({ order_id: id }) {
  return JSON.stringify(ORDERS.get(id) ?? { found: false });
}

const WARM_UP = 20;

/** `converse` holds one conversation of three model turns and two look-ups, and gives the last answer's text. */
export async function measure(converse) {
  const first = await converse();
  if (!first.includes("456")) throw new Error(`the conversation ended with: ${first}`);
  const coldStartMs = performance.now();
  for (let count = 0; count < WARM_UP; count += 1) await converse();
  const times = [];
  let left = Number(COUNT);
  const cpu = process.cpuUsage();
  const began = performance.now();
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const at = performance.now();
      await converse();
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: Number(AT_ONCE) }, one));
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  times.sort((one, other) => one - other);
  process.stdout.write(
    `${JSON.stringify({
      cpuMs: (user + system) / 1_000 / times.length,
      p50Ms: times[Math.floor(times.length / 2)],
      perSecond: (times.length * 1_000) / wallMs,
      coldStartMs,
      rssMb: process.resourceUsage().maxRSS / 1_024,
    })}\n`,
  );
  process.exit(0);
}

/** The loop every client without one of its own gets: `complete` sends a request body and gives the answer's body. */
export function loopOver(complete) {
  return async () => {
    const messages = [
      { role: "system", content: SYSTEM },
      { role: "user", content: QUESTION },
    ];
    for (;;) {
      const { choices } = await complete({
        model: "fake",
        messages,
        tools: [{ type: "function", function: TOOL }],
      });
      const { message } = choices[0];
      messages.push(message);
      if (!message.tool_calls?.length) return message.content;
      for (const call of message.tool_calls)
        messages.push({
          role: "tool",
          tool_call_id: call.id,
          content: lookUp(JSON.parse(call.function.arguments)),
        });
    }
  };
}
