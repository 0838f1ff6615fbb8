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

Everything on this page with a figure in it was written by \`npm run bench -- --write\`, on ${run.day} at commit \`${run.commit}\`, with ${run.cores} cores and Node ${run.node.slice(1)}, in ${run.minutes.toFixed(0)} minutes.${run.quick ? " **This was a quick run with small numbers: a first look, not a result.**" : ""}

Processor time depends on the machine and on what else it does: compare ratios and counts. [test/budget/conversation.long.test.ts](../test/budget/conversation.long.test.ts) holds the counts in \`npm test\`.

## Now, and what was demanded

${demandedTable(result)}

${picture("counts.svg", "Statements, commits and Redis commands of one conversation, now, demanded and before")}

## A turn alone

Three calls of a model that answers at once, two look-ups, an answer: our agent with guard, policy and output check, without a database, beside bare clients and the SDKs of others. Milliseconds of processor time for a conversation, by how many were held at once; the median of the rounds.

${turnsTable(result)}

${picture("turns.svg", "Processor time of a turn")}

## A whole job

From the customer's question to the answer. Ours: chat message, queue, worker, PostgreSQL, Redis, the shop asked over HTTP. The bare jobs: a BullMQ worker around each loop, with six rows in two commits and the order looked up in memory. "Job" is worker, PostgreSQL and Redis together, as the operating system counts them.

${jobsTable(result)}

${picture("jobs.svg", "Processor time of a whole job")}

${picture("throughput.svg", "Conversations a second by how many were asked at once")}

## The whole path of each channel

With a web, a channels and a worker process. Counts are without what idle processes do; times are with it, and the last column says how much that is. Mail comes from a Dovecot and is answered over SMTP; Zendesk and Slack are the sandbox's. In Slack the question is about the shop's terms, elsewhere about an order.

${pathsTable(result)}

## Beside many stored conversations

The same conversation in databases that hold so many others, copies of a real one over ninety days.

${storedTable(result)}

${picture("stored.svg", "Processor time of a conversation beside stored ones")}

## What a conversation needs

${conversationSection(result)}

## How it is measured

- **Processor time** is the operating system's count for every process (\`/proc\`). The processes that ask, the model and the shop are not counted.
- **Statements and commits** are counted on the wire between each process and PostgreSQL ([test/bench/fleet/wire-tap.ts](../test/bench/fleet/wire-tap.ts)). A commit is any transaction that was not rolled back. What idle processes do is taken off.
- **Commits in sequence** are those that a reply waits for: the longest chain of the workers' transactions, each begun after the one before had ended. The median of fifteen conversations.
- **Redis commands** are those the server executed, those inside scripts too. **Idle commits** are those of web, channels and two workers without customers.
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

It needs PostgreSQL and Redis on the machine, and Dovecot for the path of mail. A million stored conversations take ten gigabytes, in memory where there is enough of it; \`TMPDIR\` names another place. A size without room is left out, and the run says so. The loops of others are installed into \`node_modules/.cache/bench-candidates\`.

## Profile a worker

V8 writes a profile when the process ends:

\`\`\`sh
node_modules/.bin/node --cpu-prof --cpu-prof-dir=.deskhand/profile src/main.ts worker
\`\`\`

End it with Ctrl-C, and open the file in Chromium's performance panel or in [speedscope](https://www.speedscope.app); the first seconds are the start. For PostgreSQL's side, \`pg_stat_statements\` says which statement takes the time, and \`explain (analyze, buffers)\` why. For what waits rather than works, look at the commits in sequence first: each is a round trip.
`;
}
