/**
 * Room: docs/performance.md with its charts and tables.
 * In: a result of the benchmark.
 * Out: the page, and a picture for each chart.
 * May touch: docs/performance.md and docs/performance.
 * This file: puts the page together.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "#test/bench/result.ts";
import { chartsOf } from "./charts.ts";
import {
  conversationSection,
  demandedTable,
  jobsTable,
  pathsTable,
  profileTables,
  storedTable,
  turnsTable,
} from "./tables.ts";

const DOCS = join(import.meta.dirname, "../../../docs");

/** Writes the page and its pictures. */
export function writePage(result: Result): void {
  rmSync(join(DOCS, "performance"), { recursive: true, force: true });
  mkdirSync(join(DOCS, "performance"));
  const charts = chartsOf(result);
  for (const { file, svg } of charts) writeFileSync(join(DOCS, "performance", file), svg);
  writeFileSync(
    join(DOCS, "performance.md"),
    pageOf(
      result,
      charts.map(({ file }) => file),
    ),
  );
}

function pageOf(result: Result, files: readonly string[]): string {
  const picture = (file: string, text: string): string =>
    files.includes(file) ? `![${text}](performance/${file})` : "";
  const { run } = result;
  return `# Performance

For developers: what a conversation costs, and how that is measured.

What a conversation costs: processor time, statements, commits, Redis commands, and time to answer. Everything on this page with a figure in it was written by \`npm run bench -- --write\`, on ${run.day} at commit \`${run.commit}\`, with ${run.cores} cores and Node ${run.node.slice(1)}, in ${run.minutes.toFixed(0)} minutes.${run.quick ? " **This was a quick run with small numbers: a first look, not a result.**" : ""}

Processor time depends on the machine and on what else it does; a comparison within one run does not, so the figures to hold on to are the ratios and the counts. [test/budget/conversation.long.test.ts](../test/budget/conversation.long.test.ts) holds the counts in \`npm test\`.

## Now, and what was demanded

${demandedTable(result)}

${picture("counts.svg", "Statements, commits and Redis commands of one conversation, now, demanded and before")}

## A turn alone

Three calls of a model that answers at once, two look-ups, an answer: our agent with its guard, policy and output check and without a database, beside bare clients and the SDKs of others doing the same. Milliseconds of processor time for a conversation, by how many were held at once; each measurement in a fresh process, all of them in turn, the median of the rounds.

${turnsTable(result)}

${picture("turns.svg", "Processor time of a turn")}

## A whole job

From the customer's question to the answer. Ours: chat message, queue, worker, PostgreSQL, Redis, the shop asked over HTTP. The bare jobs: a BullMQ worker around each loop, with six rows in two commits and the order looked up in memory. "Job" is worker, PostgreSQL and Redis together, as the operating system counts them.

${jobsTable(result)}

${picture("jobs.svg", "Processor time of a whole job")}

${picture("throughput.svg", "Conversations a second by how many were asked at once")}

## The whole path of each channel

With a web, a channels and a worker process. The counts are without what the same processes do without customers; the times are with it, and the last column says how much that is. Mail is read from a Dovecot and answered over SMTP, Zendesk is the sandbox's account with its webhooks, Slack the sandbox's workspace. In Slack the question is one about the shop's terms, since an order's state is not told where others read along; everywhere else it is one about an order.

${pathsTable(result)}

## Beside many stored conversations

The same conversation in databases that hold so many others, filled with copies of a real one (every table a turn reads, over ninety days, then \`vacuum analyze\`). Each size has a database of its own, so that every round measures all of them.

${storedTable(result)}

${picture("stored.svg", "Processor time of a conversation beside stored ones")}

## What a conversation needs

${conversationSection(result)}

## What is left

${profileTables(result)}

## How it is measured

- **Processor time** is the operating system's count for every process (\`/proc\`), PostgreSQL with all its sessions and Redis apart from ours. The processes that ask, the model and the shop are not counted.
- **Statements and commits** are counted on the wire between each process and PostgreSQL ([test/bench/fleet/wire-tap.ts](../test/bench/fleet/wire-tap.ts)), so that nothing else on the server is in them. A commit is any transaction that was not rolled back, also one that only read. What the same processes do in an idle installation is taken off, each kind of transaction by itself.
- **Commits in sequence** are those that a reply waits for: the longest chain of the workers' transactions of which each began after the one before had ended, from the question to the moment the web process reads the reply. The median of fifteen conversations, one at a time.
- **Redis commands** are those the server executed, those inside BullMQ's scripts too.
- **Idle commits** are those of four processes (web, channels, two workers) without customers.
- **Cold start** is from the start of the process to its first answer, **memory** the most a process held.

## Repeat it

\`\`\`sh
npm run bench                          # the figures; about twenty minutes on two quiet cores
npm run bench -- --quick               # one round and small numbers; a few minutes
npm run bench -- --json > result.json  # one object with every median
npm run bench -- --only jobs           # the medians of one part
npm run bench -- --write               # this page and its charts
npm run bench -- --write --from result.json
\`\`\`

It needs PostgreSQL and Redis on the machine, and Dovecot for the path of mail. A million stored conversations take ten gigabytes, in memory where there is enough of it; \`TMPDIR\` names another place. A size for which there is no room is left out, and the run says so. The loops of others are installed once, in exact versions, into \`node_modules/.cache/bench-candidates\`.

## Profile a worker

V8 writes a profile when the process ends:

\`\`\`sh
node_modules/.bin/node --cpu-prof --cpu-prof-dir=.deskhand/profile src/main.ts worker
\`\`\`

End it with Ctrl-C once it has worked for a while, and open the file in the performance panel of Chromium or in [speedscope](https://www.speedscope.app). The first seconds are the start; choose a stretch after it. \`npm run bench\` does the same with one worker under load and sums the functions' own time, which is the table above; the code is [test/bench/page/profile.ts](../test/bench/page/profile.ts). For PostgreSQL's side, \`pg_stat_statements\` says which statement takes the time, and \`explain (analyze, buffers)\` why. For what waits rather than works, look at the commits in sequence first: each of them is a round trip, and on a busy disk some milliseconds.
`;
}
