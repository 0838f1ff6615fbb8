/** The troubles: what is done to a host, and how long the other one takes to do its work. */
import { setTimeout as delay } from "node:timers/promises";

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { takenOver } from "./take-over.ts";
import type { Host, Shared, TwoHosts } from "./two-hosts.ts";

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
