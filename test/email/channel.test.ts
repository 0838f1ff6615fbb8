import { z } from "zod";
import { describeChannel } from "#test/contract/channel.ts";
import { deliveryOf, openBench } from "./bench.ts";
import { signed, written } from "./mails.ts";
import { answer } from "./outbound/replying.ts";

const Inbox = z.array(z.object({ text: z.string() }));

describeChannel("email", {
  open: async () => {
    const bench = await openBench();
    const firstOf = new Map<string, string>();
    const mailOf = async (message: {
      id: string;
      thread: string;
      text: string;
    }): Promise<Buffer> => {
      const first = firstOf.get(message.thread);
      firstOf.set(message.thread, first ?? message.id);
      const references =
        first === undefined ? [] : ([["References", `<${first}@customer.test>`]] as const);
      const { text, id } = message;
      return signed(written({ text, messageId: `<${id}@customer.test>`, headers: references }));
    };
    const ownRaw = async (): Promise<Buffer> => {
      const text = "Our own words.";
      await answer(bench, await signed(written({})), text, "key-own");
      const [raw] = await bench.received("ann@customer.test");
      if (raw === undefined) throw new Error("nothing was sent");
      return raw;
    };
    return {
      channel: bench.channel,
      delivery: async (message) => deliveryOf(await mailOf(message)),
      ownDelivery: async () => ({ delivery: deliveryOf(await ownRaw()), text: "Our own words." }),
      sealed: deliveryOf,
      write: async (message) => bench.sandbox.deliver(await mailOf(message)),
      arrived: async () => {
        const response = await fetch(`${bench.sandbox.web}/api/mail?to=ann@customer.test`);
        return Inbox.parse(await response.json()).map(({ text }) => text);
      },
      calls: () => bench.smtpWire.connections() + bench.imapWire.connections(),
      close: bench.close,
    };
  },
});
