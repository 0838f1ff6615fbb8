/** Time and size of every page of the console over 100,000 conversations and 5,000 help pages; fails beyond 200 ms or 100 kB. */
import { percentile } from "#test/support/program.ts";
import { startPages } from "#test/server/pages-bench.ts";
import { addRehearsal } from "#test/server/console/rehearsal-seed.ts";
import { addCase } from "#test/server/console/seed.ts";
import { migratedDatabase } from "#test/store/bench.ts";
import { fillStore } from "./fill.ts";

const MS_MAX = 200;
const BYTES_MAX = 100_000;
const ROUNDS = 7;
const WAITING = 40;
const HELP_PAGES = 5_000;
const SECTIONS = 4;

const [size = "100000"] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const now = Date.parse("2026-03-02T10:00:00Z");
const database = await migratedDatabase("postgres");
const bench = await startPages({
  sandbox: true,
  store: database.store,
  helpPages: Array.from({ length: HELP_PAGES }, (_, index) => helpPage(index)),
});
try {
  await addCase(bench.store, {
    id: "ffffffffffff",
    at: new Date(now - 60_000),
    state: "approved",
    card: { closing: "Done, reply sent" },
  });
  await fillStore(database.databaseUrl ?? "", Number(size), say);
  for (let index = 0; index < WAITING; index += 1) {
    const id = index.toString(16).padStart(12, "0");
    const at = new Date(now - index * 60_000);
    await addCase(bench.store, { id, at });
    await addCase(bench.store, { id: `${id.slice(0, -1)}f${index}`, at, owner: "human" });
  }
  await addRehearsal(bench.store, { id: "reh_1", until: new Date(now) });
  const cookie = await bench.session("lea@ourshop.test");
  let isWithin = true;
  for (const path of [
    "",
    "?topic=refund&money=some&age=15m",
    "/decided",
    "/shadow",
    "/junk",
    "/case/c_000000000000",
    "/search?q=headphones",
    "/search?q=ann@customer.test",
    "/search?q=nowhere",
    "/search?q=c_000000000000",
    "/people",
    "/numbers",
    "/numbers?days=28",
    "/numbers/received",
    "/numbers/resolved",
    "/policy",
    "/audit",
    "/health",
    "/knowledge",
    "/knowledge?q=delivery",
    "/knowledge?state=off",
    "/knowledge/page/page-17",
    "/knowledge/search?q=delivery+of+article+17",
    "/knowledge/gaps",
    "/knowledge/new?copy=page-17",
    "/knowledge/source/file",
    "/rehearsals",
    "/rehearsals/reh_1",
    "/rehearsals/reh_1?show=all&from=160",
    "/rehearsals/reh_1/ticket?id=sample-10",
  ]) {
    const times: number[] = [];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const begun = performance.now();
      const answer = await fetch(`${bench.url}/console${path}`, { headers: { cookie } });
      bytes = (await answer.arrayBuffer()).byteLength;
      times.push(performance.now() - begun);
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    }
    const middle = percentile(times, 0.5);
    const fits = middle <= MS_MAX && bytes <= BYTES_MAX;
    isWithin &&= fits;
    say(
      `${fits ? "✔" : "✘"} ${Math.round(middle).toString().padStart(5)} ms ${String(bytes).padStart(7)} bytes  /console${path}`,
    );
  }
  process.exitCode = isWithin ? 0 : 1;
} finally {
  await bench.close();
  await database.close();
}

function helpPage(index: number) {
  const sections = Array.from(
    { length: SECTIONS },
    (_, section) =>
      `## Part ${section}\n\nDelivery of article ${index} takes ${section + 2} days. ${"We send it with care. ".repeat(20)}`,
  );
  return {
    slug: `page-${index}`,
    title: `Delivery of article ${index}`,
    url: `https://help.ourshop.test/page-${index}`,
    updated: "2026-02-01",
    text: sections.join("\n\n"),
  };
}
