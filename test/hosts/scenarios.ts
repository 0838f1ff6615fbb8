/** The troubles: what is done to a host, and how long the other one takes to do its work. */
import { setTimeout as delay } from "node:timers/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { z } from "zod";
import type { Host, Shared, TwoHosts } from "./two-hosts.ts";

const LOOK_EVERY_MS = 100;
const WAIT_MS_MAX = 60_000;

const Counted = z.object({ held: z.coerce.number() });

/**
 * Inboxes, sockets and the lead that no living process of another host holds, and conversations with work in them that
 * are still in these processes' hands. `$1` the names of the processes.
 */
const STILL_HELD = `
select (select count(*) from duty where holder = any($1) or until < now())
     + (select count(*) from conversation c
        where c.lease_owner = any($1) and (
          exists (select 1 from message m
                  where m.conversation_id = c.id and m.author_kind = 'requester' and m.outcome is null)
          or exists (select 1 from hint h where h.conversation_id = c.id and h.state = 'unread')
          or exists (select 1 from effect e
                     where e.conversation_id = c.id and e.state in ('intended', 'executing')))) as held`;

/** Resolves with the milliseconds since now; with the time limit when it never is taken over. */
async function takenOver(databaseUrl: string, holders: readonly string[]): Promise<number> {
  const began = performance.now();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    while (performance.now() - began < WAIT_MS_MAX) {
      const { rows } = await client.query(STILL_HELD, [holders]);
      if (Counted.parse(rows[0]).held === 0) break;
      await delay(LOOK_EVERY_MS);
    }
    return Math.round(performance.now() - began);
  } finally {
    await client.end();
  }
}

/** What a trouble showed by itself. */
interface Shown {
  readonly takenOverMs: number | null;
}

export interface Scenario {
  readonly name: string;
  /** Which host has the trouble. */
  readonly troubled: 0 | 1;
  readonly mayRefuseNothing?: boolean;
  /** Makes it, keeps it up for as long as is said, and ends it. */
  run(two: TwoHosts, host: Host, lastsMs: number, say: (line: string) => void): Promise<Shown>;
}

const killed: Scenario = {
  name: "kill",
  troubled: 0,
  async run({ databaseUrl }, host, lastsMs) {
    await Promise.all(host.members.map((member) => member.end("SIGKILL")));
    const [takenOverMs] = await Promise.all([takenOver(databaseUrl, host.holders), delay(lastsMs)]);
    await startAgain(host);
    return { takenOverMs };
  },
};

/** Nothing goes to or fro, and neither side is told; what was under way arrives when it is over. */
function cutFrom(shared: Shared, troubled: 0 | 1): Scenario {
  return {
    name: `${troubled === 0 ? "a" : "b"}-cut-from-${shared.toLowerCase()}`,
    troubled,
    async run({ databaseUrl }, host, lastsMs) {
      host.connections[shared].hang();
      // Without Redis or S3 a process lives on and keeps its leases.
      const moving = shared === "PostgreSQL" ? takenOver(databaseUrl, host.holders) : null;
      const [takenOverMs] = await Promise.all([moving, delay(lastsMs)]);
      await host.connections[shared].open();
      return { takenOverMs };
    },
  };
}

const stopped: Scenario = {
  name: "channels-stopped",
  troubled: 0,
  async run({ databaseUrl }, host, lastsMs) {
    const holder = readFileSync(join(host.channels.folder, "worker"), "utf8").trim();
    host.channels.signal("SIGSTOP");
    const [takenOverMs] = await Promise.all([takenOver(databaseUrl, [holder]), delay(lastsMs)]);
    host.channels.signal("SIGCONT");
    return { takenOverMs };
  },
};

const restarted: Scenario = {
  name: "rolling-restart",
  troubled: 0,
  mayRefuseNothing: true,
  async run({ hosts }, _host, _lastsMs, say) {
    for (const host of hosts) {
      say(`       ${new Date().toISOString()} ${host.url} is stopped`);
      await Promise.all(host.members.map((member) => member.end("SIGTERM")));
      say(`       ${new Date().toISOString()} ${host.url} is started`);
      await startAgain(host);
      say(`       ${new Date().toISOString()} ${host.url} is back`);
      // A load balancer needs a moment to see that it is back.
      await delay(2_000);
    }
    return { takenOverMs: null };
  },
};

async function startAgain(host: Host): Promise<void> {
  await Promise.all(host.members.map((member) => member.start()));
}

export const SCENARIOS: readonly Scenario[] = [
  killed,
  ...([0, 1] as const).flatMap((troubled) =>
    (["PostgreSQL", "Redis", "S3"] as const).map((shared) => cutFrom(shared, troubled)),
  ),
  stopped,
  restarted,
];
