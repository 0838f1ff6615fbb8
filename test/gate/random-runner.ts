/** A process that carries out what is due until it is killed: `node random-runner.ts URL`. */
import { setTimeout as delay } from "node:timers/promises";
import { openRandomGate } from "./random-run.ts";

const [url = ""] = process.argv.slice(2);
const { gate } = await openRandomGate(url, "runner");
process.stdout.write("ready\n");
for (;;) {
  await gate.run();
  await delay(10);
}
