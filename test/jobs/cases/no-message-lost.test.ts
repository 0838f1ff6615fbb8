/** Whatever order things come in: somebody has every message that was not answered, the bot, a card or people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import type { Button } from "#core/contracts/approval-desk.ts";
import type { Message } from "#core/values/message.ts";
import { redrive } from "#jobs/effects/dead-letters.ts";
import { numbersFrom } from "#sandbox/history/numbers.ts";
import { waitingDeadLetters } from "#store/effects/dead-letters.ts";
import { sql } from "#store/db/drizzle.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT, assigned, customerCalled } from "#test/jobs/customers.ts";
import { escalating, lookingUp, refuse, refundOf } from "#test/jobs/turn-results.ts";
import { isLong } from "#test/support/tiers.ts";

/** `CASES_HISTORIES=5000 CASES_SEED=7 npm test -- FILE` plays other ones, and `CASES_FROM=650` begins at that one. */
const FROM = Number(process.env["CASES_FROM"] ?? 0);
/** Histories that share a desk, one after the other: emptying it takes longer than playing one. */
const ON_ONE_DESK = 50;
const HISTORIES = Number(process.env["CASES_HISTORIES"] ?? (isLong ? 400 : ON_ONE_DESK / 2));
const SEED = Number(process.env["CASES_SEED"] ?? 1);
const STEPS_MAX = 9;
const BROKEN_TRIES = 8;
const HOUR = 3_600_000;
const ANSWER = "We look into it.";

type Chance = () => number;

const AS = {
  "signed in": ANN_IN_CHAT,
  Ann: {},
  unproven: {
    identity: { level: 0, method: "none", reason: "not signed", handle: { kind: "none" } },
  },
  Bob: { author: { kind: "requester", id: "email:bob", name: "Bob" } },
} as const satisfies Record<string, Partial<Message>>;
const WRITERS = ["Ann", "Ann", "Ann", "unproven", "Bob"] as const;

function one<T>(chance: Chance, of: readonly T[]): T {
  const picked = of[Math.floor(chance() * of.length)];
  assert.ok(picked !== undefined);
  return picked;
}

const TEXTS = [
  "Where is order 789?",
  "Please refund order 789.",
  "Where is order 456?",
  "Still no answer!",
  "I want to talk to a human about order 789.",
  "A human, please.",
  "Thank you, that helps!",
] as const;

/** Looks up the orders a text names, proposes a refund where one is asked for, and hands over who asks for a person. */
function agentFor(input: TurnInput): TurnResult {
  const { unread } = input;
  const words = unread.map(({ text }) => text).join("\n");
  const ending = escalating("asks for a person");
  if (unread.at(-1)?.text.includes("human") === true) return lookingUp(input, { ending });
  const actions = words.includes("refund") ? [refundOf(12_000)] : [];
  return lookingUp(input, { actions });
}

const Left = z.object({ key: z.string(), conversation: z.string(), text: z.string() });

/**
 * Customers' messages that nobody has: unanswered, and neither with the bot, on a card nor with people. The bot has also
 * what waits for its own turn behind a card or a reply under way to another person or another proof in the same
 * conversation, whichever conversation of the case has that card.
 */
const NOBODY_HAS = sql`
  select m.key, m.conversation_id as conversation,
    concat_ws(' | ', mc.content ->> 'text', m.outcome, m.outcome_reason, c.owner, c.owner_reason) as text
  from message m join message_content mc on mc.message_id = m.id join conversation c on c.id = m.conversation_id
  where m.author_kind = 'requester' and m.visibility = 'public'
    and m.outcome is distinct from 'answered' and m.outcome is distinct from 'ignored'
    and m.outcome is distinct from 'rejected'
    and c.owner <> 'human'
    and not (c.retry_since is not null and c.wake_at is not null)
    and not exists (select 1 from approval a where a.state = 'pending' and (a.answers ? m.key
      or (m.outcome is null and (a.conversation_id = m.conversation_id or exists (select 1 from message beside
        where beside.conversation_id = m.conversation_id and a.answers ? beside.key)))))
    and not exists (select 1 from effect e where e.operation = 'reply'
      and e.state in ('intended', 'executing', 'done') and e.action -> 'arguments' -> 'answers' ? m.key
      and (e.approval_id is not null or e.action -> 'arguments' ->> 'text' like ${`%${ANSWER}%`}))
    and not (m.outcome is null and exists (select 1 from effect e join message beside
      on e.action -> 'arguments' -> 'answers' ? beside.key and beside.conversation_id = m.conversation_id
      where e.operation = 'reply' and e.state in ('intended', 'executing')))
    and not exists (select 1 from approval a where a.state = 'rejected' and a.answers ? m.key
      and a.closing like 'Rejected, no answer needed%')
    and not exists (select 1 from message t where t.conversation_id = m.conversation_id
      and t.author_kind = 'teammate' and t.visibility = 'public' and t.id > m.id)`;

/** Cards that answer one person's proven and unproven messages: together these prove nothing. */
const TOOK_THE_PROOF = sql`
  select a.id as key, a.conversation_id as conversation, a.answers::text as text
  from approval a join message m on a.answers ? m.key and m.conversation_id = a.conversation_id
    join message_content mc on mc.message_id = m.id
  where a.state = 'pending' group by a.id, mc.content -> 'author' ->> 'id'
  having count(distinct (mc.content -> 'identity' ->> 'level')::int >= 2) > 1`;

const Card = z.object({ id: z.string(), version: z.number() });

/** One customer who writes by mail and chat, and perhaps in a ticket; a team that does anything at any time. */
function historyOn(bench: JobBench, name: string, chance: Chance, told: string[]) {
  bench.bindTo(customerCalled(name));
  const places = [
    { channel: "email", thread: `mail-${name}` },
    { channel: "chat", thread: `chat-${name}` },
    ...(chance() < 0.3 ? ([{ channel: "zendesk", thread: `ticket-${name}` }] as const) : []),
  ] as const;
  const ids = new Set<string>();
  let count = 0;
  let here: (typeof places)[number] = one(chance, places);
  /** People and customers mostly go on where something just happened. */
  const place = () => (chance() < 0.5 ? here : (here = one(chance, places)));
  const cards = (state: string) =>
    bench.rows(
      Card,
      sql`select id, version from approval where state = ${state}
            and conversation_id in (select jsonb_array_elements_text(${JSON.stringify([...ids])}::jsonb)) order by id`,
    );
  const press = async (button: Button, state: string, more = {}): Promise<void> => {
    const waiting = await cards(state);
    if (waiting.length === 0) return;
    const card = one(chance, waiting);
    told.push(`${button} ${card.id}`);
    await bench.decide(card.id, button, { version: card.version, ...more });
  };
  const write = async (
    text: string,
    more: Parameters<JobBench["write"]>[1] = {},
    at = place(),
    writers: readonly (keyof typeof AS)[] = WRITERS,
  ) => {
    const { channel } = at;
    // Somebody in copy writes too, and a mail may prove nothing; a chat has one customer.
    const who = channel === "chat" ? "signed in" : one(chance, writers);
    told.push(`${channel}: ${more.message === undefined ? `${who}: ` : ""}${text}`);
    const message = { ...AS[who], ...more.message };
    ids.add(await bench.write(text, { ...at, ...more, message }));
  };
  const assign = (to: "bot" | "human", at = place()) => {
    const signal = assigned(to, `assigned:${name}:${(count += 1)}`, bench.now().toISOString(), {
      actor: "Dana",
    });
    const author = { kind: "teammate", id: "dana", name: "Dana" } as const;
    const note = { signals: [signal], message: { author, visibility: "internal" as const } };
    return write(`assigned to ${to}`, note, at);
  };
  /** What the program cannot get past becomes a dead letter, and people get the conversation. */
  const breaks = async (at = place()): Promise<void> => {
    told.push(`${at.channel} cannot be read`);
    const channel = bench.channel(at.channel);
    bench.connect({ ...channel, resolve: () => Promise.reject(new Error("broken")) });
    await write(one(chance, TEXTS), {}, at);
    await bench.passes(BROKEN_TRIES, 10 * 60_000);
    bench.connect(channel);
  };
  const redriveAll = async (): Promise<void> => {
    const letters = await bench.at(waitingDeadLetters, 1_000);
    for (const { id } of letters) {
      told.push(`redrive --to-bot ${id}`);
      await redrive(bench.parts, id, { toBot: true, by: "lea" });
    }
  };
  /** Until nothing is left to do by itself. */
  const settle = async (): Promise<void> => {
    await bench.passes(4, 8_000);
  };
  /** One matter in two places has one card, and something ends it. */
  const joined = async (): Promise<void> => {
    for (const at of places.slice(0, 2)) await write("Where is order 789?", {}, at, ["Ann"]);
    await settle();
    await press(one(chance, ["escalate", "take_over", "separate"]), "pending");
  };
  /** People have a place for a while, customers write there, and the bot gets it back. */
  const lent = async (
    take: (at: typeof here) => Promise<void>,
    giveBack: (at: typeof here) => Promise<void>,
  ) => {
    const at = (here = one(chance, places));
    await take(at);
    for (let letters = 1 + Math.floor(chance() * 3); letters > 0; letters -= 1)
      await write(one(chance, TEXTS), {}, at);
    await giveBack(at);
  };
  const steps: readonly (readonly [number, () => Promise<void>])[] = [
    [10, () => write(one(chance, TEXTS))],
    [3, () => press("approve", "pending")],
    [2, () => press("reject", "pending", { rejection: one(chance, ["i_answer", "reason"]) })],
    [1, () => press("reject", "pending", { rejection: "no_answer" })],
    [2, () => press("take_over", "pending")],
    [2, () => press("escalate", "pending")],
    [1, () => press("separate", "pending")],
    [2, () => press("undo", one(chance, ["approved", "rejected"]))],
    [2, () => assign("human")],
    [3, () => assign("bot")],
    [
      1,
      () =>
        write("I answered this.", {
          message: { author: { kind: "teammate", id: "dana", name: "Dana" } },
        }),
    ],
    [
      2,
      async () => {
        told.push("replies are refused");
        bench.faults.commit = ({ action }) => {
          if (action.operation === "reply") refuse();
        };
      },
    ],
    [2, async () => void (bench.faults.commit = () => undefined)],
    [1, () => breaks()],
    [3, joined],
    [2, redriveAll],
    [
      3,
      () =>
        lent(
          (at) => assign("human", at),
          (at) => assign("bot", at),
        ),
    ],
    [2, () => lent(breaks, redriveAll)],
    [
      2,
      async () => {
        told.push("cards expire");
        bench.skip(5 * 24 * HOUR);
      },
    ],
    [4, async () => bench.skip(one(chance, [1_000, 60_000, HOUR]))],
  ];
  const whole = steps.reduce((sum, [weight]) => sum + weight, 0);
  return {
    async step(): Promise<void> {
      let at = chance() * whole;
      for (const [weight, work] of steps) {
        at -= weight;
        if (at < 0) return work();
      }
    },
    settle,
  };
}

onDesk("somebody has every message", (bench) => {
  for (let from = FROM; from < HISTORIES; from += ON_ONE_DESK)
    test(`histories of one customer on several channels, ${from + 1} and on`, async () => {
      bench.answer(agentFor);
      bench.rule({ replyAutonomy: () => "draft" });
      // What an earlier history left waiting may show only now.
      const told: string[] = [];
      for (let history = from; history < Math.min(from + ON_ONE_DESK, HISTORIES); history += 1) {
        const chance = numbersFrom(SEED * 1_000_003 + history);
        told.push(`history ${history}:`);
        const played = historyOn(bench, `u${history}`, chance, told);
        bench.faults.commit = () => undefined;
        for (let steps = 2 + Math.floor(chance() * STEPS_MAX); steps > 0; steps -= 1) {
          await played.step();
          if (chance() < 0.5) continue;
          await played.settle();
          const left = await bench.rows(Left, sql`${NOBODY_HAS} union all ${TOOK_THE_PROOF}`);
          assert.deepEqual(left, [], `seed ${SEED}:\n${told.join("\n")}`);
        }
      }
    });
});
