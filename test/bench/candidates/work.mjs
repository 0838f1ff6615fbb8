/** The work that every loop does: one question of a customer, one tool, two look-ups, an answer. */
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
