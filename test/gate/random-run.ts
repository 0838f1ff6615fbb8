/**
 * Kills, races, replays and edits at random: people decide in this process while others carry out and are killed, and
 * in the end what the outside system saw is held against what was accepted.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";
import {
  loggedIn,
  type Answer,
  type Login,
  type Ticket,
  onPostgres,
  openGate,
} from "#gate/index.ts";
import { freshDatabase } from "#test/support/postgres.ts";

/** Who decides. */
const VOTERS = ["sam@team.test", "lea@team.test"] as const;

const Found = z.array(z.object({ id: z.coerce.string() }));

/** Opens it under this name; the outside system's own table is made where it is missing. */
export async function openRandomGate(url: string, worker: string) {
  const pool = new pg.Pool({ connectionString: url, max: 12 });
  // A server that cuts a connection off is seen at the next statement.
  pool.on("error", () => undefined);
  await pool.query(
    "create table if not exists outside (id bigserial, key text not null, memo text not null, cents int not null)",
  );
  const gate = await openGate({
    database: onPostgres(pool),
    worker,
    secret: "of the random run, forty characters long",
    roleOf: (person) => (VOTERS.some((voter) => voter === person) ? "member" : null),
    callMs: 3_000,
    actions: {
      pay: {
        args: z.strictObject({ memo: z.string(), cents: z.int() }),
        async commit({ memo, cents }, { key }) {
          // The process may be killed before the effect, and between the effect and its record.
          await delay(Math.random() * 12);
          const values = [key, memo, cents];
          const made = await pool.query(
            "insert into outside (key, memo, cents) values ($1, $2, $3) returning id",
            values,
          );
          await delay(Math.random() * 12);
          return Found.parse(made.rows)[0]?.id ?? "";
        },
        async find(_args, key) {
          const found = await pool.query("select id from outside where key = $1", [key]);
          const [first] = Found.parse(found.rows);
          return first === undefined ? { state: "absent" } : { state: "done", ref: first.id };
        },
      },
    },
  });
  return { gate, pool };
}

type Opened = Awaited<ReturnType<typeof openRandomGate>>;

/** What was accepted of one payment. */
interface Episode {
  readonly memo: string;
  readonly id: string;
  /** The amounts of versions that an accepted yes was for. */
  readonly approved: Set<number>;
  /** A yes stands that no later decision took back. */
  stands: boolean;
}

/** What the run found; everything but the counts must be zero. */
export interface RandomResult {
  readonly payments: number;
  readonly effects: number;
  readonly kills: number;
  readonly lost: readonly string[];
  readonly twice: readonly string[];
  readonly unapproved: readonly string[];
  readonly chainIsWhole: boolean;
}

const EDITED = 1_000_000;

/** Plays this many payments, several at once, while the process that carries out is killed again and again. */
export async function randomRun(payments: number): Promise<RandomResult> {
  const fresh = await freshDatabase();
  const opened = await openRandomGate(fresh.url, "desk");
  const killing = killAgainAndAgain(fresh.url);
  try {
    const episodes: Episode[] = [];
    const numbers = Array.from({ length: payments }, (_, index) => index + 1);
    const work = async (): Promise<void> => {
      for (let next = numbers.shift(); next !== undefined; next = numbers.shift())
        episodes.push(await play(opened, next));
    };
    await Promise.all(Array.from({ length: 6 }, work));
    const kills = await killing.end();
    await settle(opened);
    return await judged(opened, episodes, kills);
  } finally {
    await killing.end();
    await opened.pool.end();
    await fresh.drop();
  }
}

function killAgainAndAgain(url: string): { end(): Promise<number> } {
  const state: { kills: number; isOver: boolean; child: ChildProcess | null } = {
    kills: 0,
    isOver: false,
    child: null,
  };
  const loop = (async () => {
    while (!state.isOver) {
      const child = spawn(process.execPath, [join(import.meta.dirname, "random-runner.ts"), url], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      state.child = child;
      await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
      await delay(30 + Math.random() * 400);
      const ended = once(child, "exit");
      if (child.kill("SIGKILL")) state.kills += 1;
      await ended;
    }
  })();
  return {
    async end() {
      state.isOver = true;
      await loop;
      return state.kills;
    },
  };
}

const [SAM, LEA] = VOTERS.map((voter) => loggedIn(voter, voter)) as [Login, Login];

/** One payment: proposed, perhaps twice at once, and decided on in one of several ways. */
async function play({ gate }: Opened, number: number): Promise<Episode> {
  const memo = `payment ${number}`;
  const cents = number;
  const run = `run ${number}`;
  const calls = [{ action: "pay", args: { memo, cents }, key: memo }] as const;
  const asked = await Promise.all([gate.propose({ run, calls }), gate.propose({ run, calls })]);
  const tickets = asked.flat().flatMap((one) => (one.state === "waiting" ? [one.ticket] : []));
  const [ticket] = tickets;
  if (ticket === undefined || tickets.some(({ id }) => id !== ticket.id))
    throw new Error(`${memo} has several approvals, or none`);
  const episode: Episode = { memo, id: ticket.id, approved: new Set(), stands: false };
  const say = async (who: Login, at: Ticket, kind: "yes" | "no"): Promise<Answer> => {
    const answer = await gate.decide(at, who, { kind });
    if (!answer.accepted) return answer;
    if (kind === "yes") episode.approved.add(at.version === 1 ? cents : cents + EDITED);
    episode.stands = kind === "yes";
    return answer;
  };
  switch (number % 5) {
    case 0:
      await Promise.all([say(SAM, ticket, "yes"), say(LEA, ticket, "no")]);
      break;
    case 1:
      await Promise.all([say(SAM, ticket, "yes"), say(LEA, ticket, "yes"), gate.run()]);
      break;
    case 2: {
      const args = { memo, cents: cents + EDITED };
      await Promise.all([
        gate.decide(ticket, LEA, { kind: "edit", args }),
        say(SAM, ticket, "yes"),
      ]);
      await say(SAM, { id: ticket.id, version: 2 }, "yes");
      break;
    }
    case 3: {
      await say(SAM, ticket, "yes");
      const taken = await gate.takeBack(ticket, LEA);
      if (taken.accepted) Object.assign(episode, { stands: false }).approved.clear();
      break;
    }
    case 4:
      await say(LEA, ticket, Math.random() < 0.5 ? "no" : "yes");
      break;
  }
  // The old buttons are pressed again, and the same is proposed once more.
  await Promise.all([say(SAM, ticket, "yes"), say(LEA, ticket, "yes")]);
  await gate.propose({ run: `${run} again`, calls });
  return episode;
}

/** What killed processes had begun is free after their lease; then everything is carried out. */
async function settle({ gate, pool }: Opened): Promise<void> {
  for (let look = 0; look < 600; look += 1) {
    await gate.run();
    const open = await pool.query(
      "select 1 from gate.effect where state in ('intended', 'executing') limit 1",
    );
    if (open.rows.length === 0) return;
    await delay(100);
  }
}

const Seen = z.array(z.object({ memo: z.string(), cents: z.int() }));

async function judged(
  { gate, pool }: Opened,
  episodes: readonly Episode[],
  kills: number,
): Promise<RandomResult> {
  const seen = Seen.parse((await pool.query("select memo, cents from outside")).rows);
  const byMemo = Map.groupBy(seen, ({ memo }) => memo);
  const lost: string[] = [];
  for (const { memo, id, stands } of episodes) {
    const { state } = await gate.outcome(id);
    const count = byMemo.get(memo)?.length ?? 0;
    if ((stands && count === 0) || (state === "executed") !== count > 0)
      lost.push(`${memo}: ${state}, ${count} effects`);
  }
  const approved = new Map(episodes.map((episode) => [episode.memo, episode.approved]));
  return {
    payments: episodes.length,
    effects: seen.length,
    kills,
    lost,
    twice: [...byMemo].flatMap(([memo, effects]) => (effects.length > 1 ? [memo] : [])),
    unapproved: seen.flatMap(({ memo, cents }) =>
      approved.get(memo)?.has(cents) === true ? [] : [`${memo}: ${cents}`],
    ),
    chainIsWhole: (await gate.verify()).brokenAt === null,
  };
}
