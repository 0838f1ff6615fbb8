/**
 * What a vendor's replay costs: 200 signed deliveries are taken in once, and then sent again and again to one `web` at
 * this rate, while a customer writes in chat. Ends with 1 when a repeat left a row, a repeat got another answer than 200
 * or 503, or a chat was not taken in: `npm run webhook-replay [-- --per-minute 10000] [-- --seconds 60]`.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { queryPostgres } from "#test/faults/inside.ts";
import { chat, startRole, startSharedServices, webhook } from "#test/support/processes.ts";

const DISTINCT = 200;
const CHAT_EVERY_MS = 5_000;

/** Linux counts a process's time in hundredths of a second (proc(5)). */
const TICK_MS = 10;

const { values } = parseArgs({
  options: {
    "per-minute": { type: "string", default: "10000" },
    seconds: { type: "string", default: "60" },
  },
});
const perMinute = Number(values["per-minute"]);
const seconds = Number(values.seconds);

function cpuMs(pid: number): number {
  const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const fields = rest.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

const shared = await startSharedServices();
try {
  const web = await startRole(shared.environment, "web");
  const hints = (): Promise<number> =>
    queryPostgres(shared.databaseUrl, async (ask) => {
      const text = "select count(*)::int as count from hint where channel = 'zendesk'";
      const [row] = z.array(z.object({ count: z.int() })).parse(await ask(text));
      return row?.count ?? 0;
    });
  for (let comment = 0; comment < DISTINCT; comment += 1) await webhook(web.url, comment);
  const before = await hints();
  const pid = web.child.pid ?? 0;
  const cpuBefore = cpuMs(pid);
  const statuses = new Map<number, number>();
  const took: number[] = [];
  const chats: { readonly http: number; readonly ms: number }[] = [];
  const writing: Promise<unknown>[] = [];
  const sending: Promise<void>[] = [];
  const began = performance.now();
  const count = Math.round((perMinute / 60) * seconds);
  for (let sent = 0; sent < count; sent += 1) {
    const due = began + (sent / perMinute) * 60_000;
    if (performance.now() < due) await delay(due - performance.now());
    const at = performance.now();
    sending.push(
      webhook(web.url, sent % DISTINCT).then((status) => {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        took.push(performance.now() - at);
      }),
    );
    if (sent % Math.round((perMinute / 60_000) * CHAT_EVERY_MS) === 0)
      writing.push(
        chat(web.url, `u${sent}`, "Where is my order 789?").then(({ http }) =>
          chats.push({ http, ms: Math.round(performance.now() - at) }),
        ),
      );
  }
  await Promise.all(sending);
  const lastedMs = performance.now() - began;
  const cpuPerRepeat = (cpuMs(pid) - cpuBefore) / count;
  await Promise.all(writing);
  const rows = (await hints()) - before;
  took.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(took[Math.floor(took.length * share)] ?? 0);
  process.stdout.write(
    `${JSON.stringify({ repeats: count, lasted_s: Math.round(lastedMs / 1_000), statuses: Object.fromEntries(statuses), rows_left: rows, p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), web_cpu_ms_each: Number(cpuPerRepeat.toFixed(2)), chats: chats.map(({ http }) => http) })}\n`,
  );
  await web.end("SIGTERM");
  const areProper = [...statuses.keys()].every((status) => status === 200 || status === 503);
  const areTaken = chats.every(({ http }) => http === 200 || http === 202);
  process.exitCode = rows === 0 && areProper && areTaken ? 0 : 1;
} finally {
  await shared.close();
}
