/** Customers who chat and write mails for as long as a trouble lasts, and what they find in the end. */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { watchArrivals } from "#test/soak/arrivals.ts";
import { createCustomers, type Customers } from "#test/soak/customers.ts";
import type { PlannedConversation } from "#test/soak/plan.ts";
import type { Evidence } from "#test/soak/verdict.ts";
import { ask } from "#test/support/http-request.ts";
import { Mail } from "#test/support/response-shapes.ts";
import type { TwoHosts } from "./two-hosts.ts";
import type { WrittenMail } from "./verdict.ts";

const LANES = 3;
const BETWEEN_CHATS_MS = 1_000;
const BETWEEN_MAILS_MS = 2_000;
const SETTLE_MS = 120_000;
const LOOK_EVERY_MS = 500;

/** Long enough for an effect that was taken over to be done a second time, if it were. */
const QUIET_MS = 3_000;

export interface Load {
  /** Requests that this host refused, or did not answer. */
  refusedBy(url: string): number;
  /** Ends the writing, waits until nothing is left to do, and says how much is. */
  settle(): Promise<number>;
  evidence(): Promise<{ readonly chats: Evidence; readonly mails: readonly WrittenMail[] }>;
}

/** Starts writing at once, and says each refusal. Every conversation has a customer of its own, and every mail a sender of its own. */
export function startLoad(two: TwoHosts, scenario: string, say: (line: string) => void): Load {
  const state = { stopped: false };
  const refused = new Map<string, number>();
  const balancer = startLoadBalancer(two.hosts.map(({ url }) => url));
  const arrivals = watchArrivals(two.records);
  const customers = createCustomers({
    get url() {
      return balancer.next();
    },
    identitySecret: two.vendors.identitySecret,
    arrivals,
    onSent: () => undefined,
    onAnswer(url, status, text) {
      // 429 tells a customer to write more slowly, and the message is written again.
      if (status !== null && status < 500) return;
      refused.set(url, (refused.get(url) ?? 0) + 1);
      say(
        `       ${new Date().toISOString()} ${url} refused: ${status ?? "no answer"} ${text.slice(0, 200)}`,
      );
    },
  });
  const written: PlannedConversation[] = [];
  const mails: SentMail[] = [];
  const chat = async (): Promise<void> => {
    while (!state.stopped) {
      const conversation = two.conversations.shift();
      if (conversation === undefined) throw new Error("the run has no conversation left to write");
      written.push(conversation);
      await customers.write([conversation], 1);
      await delay(BETWEEN_CHATS_MS);
    }
  };
  const write = async (): Promise<void> => {
    for (let count = 0; !state.stopped; count += 1) {
      mails.push(await writeMail(two, `${scenario.replaceAll(" ", "-")}-${count}@customer.test`));
      await delay(BETWEEN_MAILS_MS);
    }
  };
  const writing = Promise.all([write(), ...Array.from({ length: LANES }, chat)]);
  // Whoever waits for the end of the writing is told; until then this is no unhandled rejection.
  writing.catch(() => undefined);
  return {
    refusedBy: (url) => refused.get(url) ?? 0,
    async settle() {
      state.stopped = true;
      await writing;
      arrivals.stop();
      const deadline = Date.now() + SETTLE_MS;
      const left = { count: -1 };
      while (left.count !== 0 && Date.now() < deadline) {
        left.count = await leftOver(two, mails);
        await delay(LOOK_EVERY_MS);
      }
      await delay(QUIET_MS);
      return left.count;
    },
    async evidence() {
      try {
        return {
          chats: await chatsOf(two, customers, written),
          mails: await Promise.all(mails.map((mail) => mailOf(two, mail))),
        };
      } finally {
        balancer.stop();
      }
    },
  };
}

interface SentMail {
  readonly from: string;
  readonly id: string;
}

/** A mail that no process has read yet is in no table, so it counts as open until its writer has an answer. */
async function leftOver(two: TwoHosts, mails: readonly SentMail[]): Promise<number> {
  const { messages, effects } = await two.records.backlog();
  if (messages + effects > 0) return messages + effects;
  const boxes = await Promise.all(mails.map((mail) => mailOf(two, mail)));
  return boxes.filter(({ replies }) => replies === 0).length;
}

async function writeMail(two: TwoHosts, from: string): Promise<SentMail> {
  const id = await two.mail.send({
    from,
    to: two.mail.address,
    subject: `A question of ${from}`,
    text: "How many days do I have to return something?",
    // Deskhand asks the world's DNS here, which knows nothing of these domains.
    signed: false,
  });
  return { from, id };
}

const Headers = z.looseObject({ "in-reply-to": z.string().optional() });

/** How many of our mails in its writer's mailbox answer it, and how many answer nothing that was written. */
async function mailOf({ mail }: TwoHosts, { from, id }: SentMail): Promise<WrittenMail> {
  const box = z
    .array(Mail)
    .parse(await ask(`${mail.web}/api/mail?to=${encodeURIComponent(from)}`))
    .filter((one) => one.from === mail.address);
  const replies = box.filter(({ headers }) => Headers.parse(headers)["in-reply-to"] === id);
  return { from, replies: replies.length, others: box.length - replies.length };
}

async function chatsOf(
  two: TwoHosts,
  customers: Customers,
  written: readonly PlannedConversation[],
): Promise<Evidence> {
  const conversations: Evidence["conversations"][number][] = [];
  for (const planned of written)
    conversations.push({ planned, lines: await customers.look(planned) });
  const ids = new Set(written.flatMap(({ messages }) => messages.map(({ id }) => id)));
  const booked = (await two.records.messages()).filter(({ id }) => ids.has(id));
  const turns = new Set(booked.map(({ turnId }) => turnId));
  const indexes = new Set(written.map(({ customerId }) => Number(customerId.slice(1))));
  const { slack, shop } = two.vendors;
  return {
    conversations,
    accepted: customers.accepted,
    booked,
    // The orders of a customer are numbered by the customer.
    refunds: (await shop.refunds())
      .filter(({ order_id: id }) => indexes.has(Math.floor((Number(id) - 100_000) / 10)))
      .map(({ order_id: order, amount }) => ({ order, minor: Math.round(amount * 100) })),
    // What is told of the installation itself may be told again; a hand-over names its turn.
    alerts: (await slack.textsIn(slack.alertsChannel)).filter((text) =>
      turns.has(/#(\w+)\s*$/.exec(text)?.[1] ?? ""),
    ),
  };
}

// Where a customer's next request goes: to each host in turn that says it is ready, as a load balancer decides it.

const READY_EVERY_MS = 250;
const READY_MS_MAX = 1_000;

/** A host that does not answer in time may only be busy, so it is left out after this many times. */
const SILENT_TIMES = 3;

interface LoadBalancer {
  /** The address for the next request; any host's when none is ready. */
  next(): string;
  stop(): void;
}

/** Asks every host again and again whether it is ready. */
function startLoadBalancer(urls: readonly string[]): LoadBalancer {
  const ready = new Set(urls);
  const state = { stopped: false, turn: 0 };
  const watch = async (url: string): Promise<void> => {
    let silent = 0;
    while (!state.stopped) {
      const answer = await looked(url);
      silent = answer === "silent" ? silent + 1 : 0;
      if (answer === "ready") ready.add(url);
      if (answer === "not ready" || silent >= SILENT_TIMES) ready.delete(url);
      await delay(READY_EVERY_MS);
    }
  };
  for (const url of urls) void watch(url);
  return {
    next() {
      const among = ready.size === 0 ? urls : [...ready];
      state.turn += 1;
      return among[state.turn % among.length] ?? "";
    },
    stop: () => {
      state.stopped = true;
    },
  };
}

async function looked(url: string): Promise<"ready" | "not ready" | "silent"> {
  try {
    const response = await fetch(`${url}/health/ready`, {
      signal: AbortSignal.timeout(READY_MS_MAX),
    });
    await response.arrayBuffer();
    return response.ok ? "ready" : "not ready";
  } catch (error) {
    return error instanceof DOMException && error.name === "TimeoutError" ? "silent" : "not ready";
  }
}
