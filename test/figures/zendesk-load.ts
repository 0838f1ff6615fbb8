/**
 * A busy hour of a helpdesk in ten minutes: 200 tickets with 20 comments each, on an account of the smallest plan (200
 * calls a minute, 10 exports, 100 ticket updates). `npm run figures -- zendesk-load [--minutes 2] [--json]`; a shorter run has
 * fewer tickets at the same pace. Ends with 1 when a ticket is left, Zendesk had to refuse us, or webhooks waited.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { ask } from "#test/support/http-request.ts";
import { type Deskhand, startDeskhand } from "#test/support/deskhand.ts";
import { say } from "#test/support/program.ts";
import { type Load, problemsOf, Traffic, WEBHOOK_P95_MS_MAX } from "./zendesk-verdict.ts";

const TICKETS_PER_MINUTE = 20;
const COMMENTS_EACH = 20;
const DRAIN_MS_MAX = 20 * 60_000;
const LOOK_MS = 10_000;

const Mailed = z.object({ ticket_id: z.int() });
const Comments = z.object({
  comments: z.array(z.object({ author_id: z.number(), public: z.boolean() })),
});

/** The account as the load needs it: the sandbox's own switches count as no calls. */
function accountOf(deskhand: Deskhand) {
  const { zendesk } = deskhand.endpoints;
  if (zendesk === null) throw new Error("the sandbox Zendesk is not there");
  const headers = { authorization: `Bearer ${zendesk.tokens.admin}` };
  const call = (method: string, path: string, body?: unknown): Promise<unknown> =>
    ask(`${zendesk.url}${path}`, { method, headers, body });
  return {
    settings: (changed: Readonly<Record<string, number>>) =>
      call("PUT", "/_sandbox/settings", changed),
    async mail(subject: string, text: string, ticketId?: number): Promise<number> {
      const from = { name: "Ann Fields", email: "ann@customer.test" };
      const mail = { from, subject, text, ...(ticketId === undefined ? {} : { ticketId }) };
      return Mailed.parse(await call("POST", "/_sandbox/mail", mail)).ticket_id;
    },
    traffic: async () => Traffic.parse(await call("GET", "/_sandbox/traffic")),
    clear: () => call("DELETE", "/_sandbox/traffic"),
    /** True when the newest comment, public or internal, is not the customer's. */
    async isHandled(ticketId: number, customer: number): Promise<boolean> {
      const path = `/api/v2/tickets/${ticketId}/comments?page[size]=100`;
      const { comments } = Comments.parse(await call("GET", path));
      return comments.at(-1)?.author_id !== customer;
    },
    async customer(ticketId: number): Promise<number> {
      const path = `/api/v2/tickets/${ticketId}/comments?page[size]=1`;
      return Comments.parse(await call("GET", path)).comments[0]?.author_id ?? 0;
    },
  };
}

async function run(minutes: number): Promise<Load> {
  const tickets = Math.max(1, Math.round(TICKETS_PER_MINUTE * minutes));
  const comments = tickets * COMMENTS_EACH;
  const deskhand = await startDeskhand();
  try {
    const account = accountOf(deskhand);
    await account.settings({ accountPerMinute: 200, exportsPerMinute: 10, updatesPerMinute: 100 });
    await account.clear();
    say(`${comments} comments on ${tickets} tickets in ${minutes} minutes …`);
    const ids = await writeAll(account, { tickets, minutes });
    const wroteAll = performance.now();
    const { traffic, drainSeconds } = await drained(account, wroteAll);
    // From here on we only look, which does not count against the request limit.
    await account.settings({ accountPerMinute: 100_000 });
    const [first = 0] = ids;
    const customer = await account.customer(first);
    let handled = 0;
    for (const id of ids) if (await account.isHandled(id, customer)) handled += 1;
    return { minutes, tickets, comments, handled, drainSeconds, traffic };
  } finally {
    await deskhand.destroy();
  }
}

type Account = ReturnType<typeof accountOf>;

/** Evenly over the time: the first round opens the tickets, each later one adds a comment to all of them. */
async function writeAll(
  account: Account,
  { tickets, minutes }: Pick<Load, "tickets" | "minutes">,
): Promise<readonly number[]> {
  const began = performance.now();
  const ids: number[] = [];
  const everyMs = (minutes * 60_000) / (tickets * COMMENTS_EACH);
  for (let count = 0; count < tickets * COMMENTS_EACH; count += 1) {
    await delay(Math.max(0, began + count * everyMs - performance.now()));
    const ticket = count % tickets;
    const words = `How long does shipping take? (${ticket}.${Math.floor(count / tickets)})`;
    const id = await account.mail(`Shipping ${ticket}`, words, ids[ticket]);
    if (ids[ticket] === undefined) ids.push(id);
  }
  return ids;
}

/** Waits until nothing was asked for a while: the last answers are there, and the export has nothing new to bring. */
async function drained(
  account: Account,
  from: number,
): Promise<Pick<Load, "traffic" | "drainSeconds">> {
  let [last, quiet, puts, drainSeconds] = [-1, 0, 0, 0];
  while (quiet < 9 && performance.now() - from < DRAIN_MS_MAX) {
    await delay(LOOK_MS);
    const { paths, statuses } = await account.traffic();
    const calls = Object.entries(paths)
      .filter(([path]) => !path.includes("/incremental/"))
      .reduce((sum, [, count]) => sum + count, 0);
    quiet = calls === last ? quiet + 1 : 0;
    last = calls;
    const waitedSeconds = Math.round((performance.now() - from) / 1_000);
    const written = paths["PUT /tickets/:id"] ?? 0;
    if (written > puts) drainSeconds = waitedSeconds;
    puts = written;
    say(
      `${waitedSeconds} s after the last comment: ${calls} calls, ${statuses["429"] ?? 0} refused`,
    );
  }
  return { traffic: await account.traffic(), drainSeconds };
}

function table(load: Load, problems: readonly string[]): string {
  const { traffic } = load;
  return [
    `tickets handled              ${load.handled} of ${load.tickets} (${load.comments} comments in ${load.minutes} minutes)`,
    `last thing written           ${load.drainSeconds} s after the last comment`,
    `answers of 429               ${traffic.statuses["429"] ?? 0} (limit 0)`,
    `busiest minute               ${traffic.busiestMinute} calls (limit 200)`,
    `webhooks, p95                ${traffic.webhooks.p95Ms} ms (limit ${WEBHOOK_P95_MS_MAX}), at most ${traffic.webhooks.maxMs} ms, ${traffic.webhooks.count} of them`,
    ...Object.entries(traffic.paths).map(
      ([path, count]) => `  ${String(count).padStart(6)}  ${path}`,
    ),
    problems.length === 0 ? "good" : problems.join("\n"),
  ].join("\n");
}

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
  },
});
const load = await run(z.coerce.number().positive().max(60).parse(values.minutes));
const problems = problemsOf(load);
console.log(values.json ? JSON.stringify({ ...load, problems }, null, 2) : table(load, problems));
process.exitCode = problems.length === 0 ? 0 : 1;
