import assert from "node:assert/strict";
import { describeChannel } from "#test/contract/channel.ts";
import { type Bench, openBench, replyAction, signal, signed } from "./bench.ts";

/** Each thread is a ticket of its own, opened by its first message. */
function customer(bench: Bench): (thread: string, text: string) => Promise<number> {
  const tickets = new Map<string, number>();
  return async (thread, text) => {
    const known = tickets.get(thread);
    if (known !== undefined) await bench.comment("ann", known, text);
    const ticketId = known ?? (await bench.ask(text));
    tickets.set(thread, ticketId);
    return ticketId;
  };
}

describeChannel("zendesk", {
  async open() {
    const bench = await openBench();
    await bench.control("PUT", "settings", { exportDelaySeconds: 0 });
    const write = customer(bench);
    const opened: number[] = [];
    return {
      channel: bench.channel,
      delivery: async ({ thread, text }) => {
        const ticketId = await write(thread, text);
        if (!opened.includes(ticketId)) opened.push(ticketId);
        const made = (await bench.delivered(ticketId, "comment_added")).at(-1);
        assert.ok(made, "the sandbox must have sent an event");
        return made;
      },
      ownDelivery: async () => {
        const ticketId = await bench.ask("Where is my order?");
        const text = "It is on its way.";
        await bench.channel.commit(replyAction(await bench.read(ticketId), text), "own", signal);
        const made = (await bench.delivered(ticketId, "comment_added")).at(-1);
        assert.ok(made);
        return { delivery: made, text };
      },
      sealed: (body) => signed(bench.sandbox.webhookSecret, body),
      write: async ({ thread, text }) => {
        await write(thread, text);
      },
      arrived: async () => {
        const all = await Promise.all(opened.map((id) => bench.said(id)));
        return all.flat();
      },
      calls: bench.calls,
      close: bench.close,
    };
  },
});
