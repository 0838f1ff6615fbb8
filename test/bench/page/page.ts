/**
 * Room: docs/performance.md with its tables.
 * In: a result of the benchmark.
 * Out: the page.
 * May touch: docs/performance.md.
 * This file: puts the page together.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "#test/bench/result.ts";
import {
  demandedTable,
  jobsTable,
  pathsTable,
  startWords,
  storedTable,
  turnsTable,
} from "./tables.ts";

/** Writes the page. */
export function writePage(result: Result): void {
  writeFileSync(join(import.meta.dirname, "../../../docs/performance.md"), pageOf(result));
}

function pageOf(result: Result): string {
  const { run } = result;
  return `# What does a conversation cost?

For developers: processor time, statements and memory of a conversation, and how to measure them.

This page was written by \`npm run bench -- --write\`, on ${run.day} at commit \`${run.commit}\`, with ${run.cores} cores and Node ${run.node.slice(1)}, in ${run.minutes.toFixed(0)} minutes.${run.quick ? " **This was a quick run with small numbers: a first look, not a result.**" : ""}

Processor time depends on the machine and its other work: compare ratios and counts. [A test of the long run](../test/budget/conversation.long.test.ts) holds the counts.

PostgreSQL writes each commit to disk before it answers (\`fsync\`), but in the one row that says so; Redis keeps nothing. The world has 60 customers who have each written five times before to each worker (each tenth with 50 orders, the others with four), 200 help pages, and all four channels. The first 300 conversations in the chat, and the first 40 over each other channel, are not counted: until then V8 still compiles. Model and second model answer at once. Switched off: search by meaning, the policy's limits, the wait for a person, and the quiet time before a turn but for Zendesk's. ${run.cores} cores are shared by the processes, the servers, and those who ask. The bare jobs and SDKs are a floor: no HTTP or identity, one tool in memory where Deskhand asks a shop over HTTP, and LangGraph without a checkpointer.

## Now, and what is demanded

For one conversation, if nothing else is said. "Before" is from outside, where the benchmark did not measure it.

${demandedTable(result)}

## The whole path of each channel

With a web, a channels and a worker process, without what they do when idle. Mail comes signed from a Dovecot and is answered over SMTP; Zendesk and Slack are the sandbox's. Tickets come 25 at a time, within Zendesk's 100 updates a minute. Zendesk's export names each ticket again within two minutes. In Slack the question is about the shop's terms, one at a time; elsewhere about an order.

${pathsTable(result)}

## A whole job

From question to answer in the chat: queue, worker, PostgreSQL, Redis, the shop asked over HTTP. Bare jobs: a BullMQ worker around each loop, with six rows in two commits of the same PostgreSQL. "Job" is worker, PostgreSQL and Redis together.

${jobsTable(result)}

## A turn alone

Three calls of a model that answers at once, two look-ups and an answer, without a database or a reader: Deskhand with guard, policy and output check, beside bare clients and SDKs. Milliseconds of processor time a conversation, by how many were held at once.

${turnsTable(result)}

## Beside many stored conversations

The sample's customer beside copies of a real conversation over ninety days, without a reader.

${storedTable(result)}

## How it is measured

- **Processor time** is counted by the operating system, without the processes that ask, the model and the shop.
- **Statements and commits** are counted on the wire between each process and PostgreSQL ([test/bench/fleet/wire-tap.ts](../test/bench/fleet/wire-tap.ts)). A commit is any transaction that was not rolled back. Sealing the audit, every two seconds, counts with none.
- **Redis commands** include those inside scripts.
- **Cold start** is the time from start to first answer, **memory** the most a process held. ${startWords(result)}

## Repeat it

\`\`\`sh
npm run bench                          # the figures, in about twenty minutes
npm run bench -- --quick               # small numbers; a few minutes
npm run bench -- --million             # beside a million stored conversations as well
npm run bench -- --write               # this page, and the tables of sizing.md
\`\`\`

It needs PostgreSQL, Redis and, for mail, Dovecot. A million stored conversations take seventeen gigabytes; \`TMPDIR\` names another place. \`--only channels\` prints every transaction and Redis command of a chat.
`;
}
