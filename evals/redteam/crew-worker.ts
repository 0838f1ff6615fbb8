/** A worker thread that tries its share of the attacks. */
import { parentPort, workerData } from "node:worker_threads";
import { casesOf, Order } from "./crew.ts";
import { openRange } from "./range.ts";
import { createRun } from "./run.ts";

const order = Order.parse(workerData);
const range = await openRange({
  detector: () => order.detector,
  autonomy: "automatic",
  defences: (whole) => whole,
});
try {
  const run = createRun(range, order.depth);
  for (const one of casesOf(order)) parentPort?.postMessage(await run.try(one));
} finally {
  await range.close();
}
