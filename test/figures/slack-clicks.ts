/**
 * How soon Slack hears that a click has come in, while turns run: a `web`, a `channels` and a `worker` process on real
 * PostgreSQL and Redis, local-slack, a model behind HTTP. 300 clicks by signed requests and 300 by the socket, each timed
 * where Slack would wait for it; before them 20 rounds in which two people press the same button at once. Ends with 1
 * when the 95th percentile is 100 ms or more, or a round had other than one effect:
 * `npm run figures -- slack-clicks [--json] [--clicks 300] [--rounds 20]`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { z } from "zod";
import { CREDENTIALS, IDS } from "#sandbox/slack/workspace.ts";
import { click, send } from "#test/slack/transport/signed.ts";
import { startSharedServices, startRole, type SharedServices } from "#test/support/processes.ts";
import type { RoleProcess } from "#test/support/role-process.ts";
import { changedPolicy, policyIn } from "#test/support/sandbox-policy.ts";
import { inLanes, percentile, say } from "#test/support/program.ts";
import { until } from "#test/support/waiting.ts";

const ACK_P95_MS_MAX = 100;
/** People who click at the same moment. */
const AT_ONCE = 4;
/** A card is clicked by several: the first decides, the others are told that they came too late. */
const CLICKS_A_CARD = 5;
/** A new question this often while people click. */
const QUESTION_EVERY_MS = 250;
/** Clicks of which nothing came for so long are all decided. */
const SETTLED_MS = 3_000;
/** Answers to what was decided before may have to go out first. */
const ANSWERS_MS_MAX = 180_000;

const Card = z.object({ id: z.string(), version: z.int(), conversation: z.string() });
type Card = z.infer<typeof Card>;

/** How a click gets to Deskhand; resolves when Slack has its acknowledgement. */
type Press = (user: string, card: Card) => Promise<void>;

interface Desk {
  readonly shared: SharedServices;
  readonly database: pg.Client;
  readonly presses: Readonly<Record<"requests" | "socket", Press>>;
  close(): Promise<void>;
}

async function openDesk(): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-clicks-"));
  const drafting = changedPolicy([["slack: { default: auto }", "slack: { default: draft }"]]);
  const shared = await startSharedServices();
  const { SLACK_APP_TOKEN, ...rest } = { SLACK_APP_TOKEN: "", ...shared.environment };
  const common = {
    ...rest,
    ...policyIn(folder, drafting),
    SLACK_HELP_CHANNELS: IDS.help,
    // Clicks wait for no pace; at Slack's own the answers of each part would take minutes.
    SLACK_MESSAGES_PER_MINUTE: "600",
  };
  const bySocket = { ...common, SLACK_APP_TOKEN };
  const processes: readonly RoleProcess[] = await Promise.all([
    startRole({ ...common, SLACK_SIGNING_SECRET: CREDENTIALS.signingSecret }, "web"),
    startRole(bySocket, "channels"),
    startRole(bySocket, "worker"),
  ]);
  const database = new pg.Client({ connectionString: shared.databaseUrl });
  await database.connect();
  const [web] = processes;
  const counted = { clicks: 0 };
  const { people } = shared.slack;
  return {
    shared,
    database,
    presses: {
      async requests(user, { id, version }) {
        const body = click(user, "desk:approve", `${id}:v${version}`, {
          trigger_id: `trigger.${(counted.clicks += 1)}`,
        });
        const { status } = await send(web?.url ?? "", "interactions", body);
        if (status !== 200) throw new Error(`a click was answered with ${status}`);
      },
      // local-slack answers when the envelope of the click was acknowledged.
      socket: (user, { id, version }) =>
        people.clickAnything(user, IDS.approvals, "1.000001", {
          action_id: "desk:approve",
          value: `${id}:v${version}`,
        }),
    },
    async close() {
      await Promise.all(processes.map((one) => one.end("SIGKILL")));
      await database.end();
      await shared.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function pendingCards({ database }: Desk): Promise<readonly Card[]> {
  const { rows } = await database.query(
    `select id, version, conversation_id as conversation from approval where state = 'pending' order by id`,
  );
  return z.array(Card).parse(rows);
}

/** Asks questions until so many cards wait for a decision. */
async function cardsFor(desk: Desk, wanted: number): Promise<readonly Card[]> {
  const missing = wanted - (await pendingCards(desk)).length;
  for (let count = 0; count < missing; count += 1) await ask(desk);
  return until(
    `${wanted} cards`,
    async () => {
      const cards = await pendingCards(desk);
      return cards.length >= wanted && cards;
    },
    120_000,
  );
}

async function ask({ shared }: Desk): Promise<void> {
  await shared.slack.people.post(IDS.ann, IDS.help, "Where is my order 456?");
}

interface Acks {
  readonly clicks: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

async function timedClicks(desk: Desk, press: Press, clicks: number): Promise<Acks> {
  const cards = await cardsFor(desk, Math.ceil(clicks / CLICKS_A_CARD));
  const asking = new AbortController();
  const questions = (async () => {
    while (!asking.signal.aborted) {
      await ask(desk);
      await delay(QUESTION_EVERY_MS);
    }
  })();
  const times: number[] = [];
  const users = [IDS.sam, IDS.lea, IDS.ned];
  await inLanes(Array(clicks).keys(), AT_ONCE, async (index) => {
    const card = cards[index % cards.length];
    if (card === undefined) throw new Error("no card");
    const began = performance.now();
    // Each card by one person after the other.
    const turn = index + Math.floor(index / cards.length);
    await press(users[turn % users.length] ?? "", card);
    times.push(performance.now() - began);
    if (times.length % 50 === 0) say(`  ${times.length} of ${clicks} clicks`);
  });
  asking.abort();
  await questions;
  // An acknowledgement says that the click came in; what comes of it follows.
  await settled(desk, cards);
  const at = (part: number): number => Math.round(percentile(times, part) * 10) / 10;
  return { clicks: times.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
}

/** Resolves when nothing more comes of these cards' clicks. */
async function settled(desk: Desk, cards: readonly Card[]): Promise<void> {
  const ids = cards.map(({ id }) => id);
  for (let before = -1, now = 0; now !== before;) {
    before = now;
    await delay(SETTLED_MS);
    now = (await entriesOf(desk, ids)).length;
  }
}

interface Rounds {
  readonly rounds: number;
  /** Rounds with one decision, one refusal and one answer to the customer. */
  readonly right: number;
}

async function simultaneousRounds(desk: Desk, press: Press, rounds: number): Promise<Rounds> {
  const cards = (await cardsFor(desk, rounds)).slice(0, rounds);
  for (const card of cards) await Promise.all([press(IDS.sam, card), press(IDS.lea, card)]);
  say("  waiting for what was decided to be done …");
  const ids = cards.map(({ id }) => id);
  await until(
    "the end of every round",
    async () => {
      const { rows } = await desk.database.query(
        "select 1 from effect where state <> 'done' and conversation_id = any ($1)",
        [cards.map(({ conversation }) => conversation)],
      );
      const told = await entriesOf(desk, ids);
      return rows.length === 0 && told.length >= 2 * rounds;
    },
    ANSWERS_MS_MAX,
  );
  const entries = await entriesOf(desk, ids);
  const said = await desk.shared.slack.people.messages(IDS.help);
  const { rows } = await desk.database.query(
    "select id, external_id from conversation where id = any ($1)",
    [cards.map(({ conversation }) => conversation)],
  );
  const threads = new Map(
    z
      .array(z.object({ id: z.string(), external_id: z.string() }))
      .parse(rows)
      .map(({ id, external_id }) => [id, external_id.split(":").at(-1)]),
  );
  const right = cards.filter(({ id, conversation }) => {
    const kinds = entries.filter(({ approval }) => approval === id).map(({ kind }) => kind);
    const answers = said.filter(
      ({ user, thread_ts }) => user === IDS.bot && thread_ts === threads.get(conversation),
    );
    const isRight = kinds.toSorted().join() === "refused,vote" && answers.length === 1;
    if (!isRight) say(`  ${id}: ${kinds.join(", ")}; ${answers.length} answers`);
    return isRight;
  });
  return { rounds, right: right.length };
}

async function entriesOf({ database }: Desk, approvals: readonly string[]) {
  const { rows } = await database.query(
    `select kind, data ->> 'approval' as approval from audit
     where kind in ('vote', 'refused') and data ->> 'approval' = any ($1)`,
    [approvals],
  );
  return z.array(z.object({ kind: z.string(), approval: z.string() })).parse(rows);
}

const { values } = parseArgs({
  options: {
    clicks: { type: "string", default: "300" },
    rounds: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
say("starting database, Redis, Slack, shop, model and three processes …");
const desk = await openDesk();
try {
  const measured = [];
  for (const wire of ["requests", "socket"] as const) {
    say(`${values.rounds} rounds of two people at once, by ${wire} …`);
    const rounds = await simultaneousRounds(desk, desk.presses[wire], Number(values.rounds));
    say(`${values.clicks} clicks by ${wire}, while turns run …`);
    const acks = await timedClicks(desk, desk.presses[wire], Number(values.clicks));
    measured.push({ wire, ...acks, ...rounds });
  }
  if (values.json) console.log(JSON.stringify(measured, null, 2));
  else
    for (const { wire, clicks, p50Ms, p95Ms, maxMs, rounds, right } of measured)
      console.log(
        `${wire.padEnd(9)} ${clicks} clicks, acknowledged after p50 ${p50Ms} ms, p95 ${p95Ms} ms (limit ${ACK_P95_MS_MAX}), at most ${maxMs} ms; ${right} of ${rounds} rounds of two with one effect`,
      );
  if (measured.some(({ p95Ms, rounds, right }) => p95Ms >= ACK_P95_MS_MAX || right < rounds))
    process.exitCode = 1;
} finally {
  await desk.close();
}
