/** The parsing thread, except that three words in a mail do to it what a flaw in a parser would. */
import { parentPort } from "node:worker_threads";

parentPort?.on("message", (order: unknown) => {
  if (!(order instanceof Uint8Array)) return;
  const text = Buffer.from(order).toString("latin1");
  if (text.includes("HANG")) for (;;) Math.random();
  // By pieces: V8 ends the whole process where one allocation is far beyond the limit of a thread.
  if (text.includes("EAT"))
    for (const eaten: unknown[] = []; ;) eaten.push(Array.from({ length: 100_000 }, () => 0));
  if (text.includes("DIE")) process.exit(3);
});
await import("#email/parse/worker.ts");
