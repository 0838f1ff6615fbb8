/**
 * What slow senders cost the others: 1,000 connections of one address hold the webhook's door with bodies that come a
 * byte at a time, while signed deliveries come from another address. Ends with 1 when fewer than 99 of 100 deliveries are
 * answered within a second: `npm run figures -- slow-connections [--connections 1000] [--deliveries 200]`.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startRole, startSharedServices, webhook } from "#test/support/processes.ts";

/** Another address of this machine than the one that deliveries come from. */
const SLOW_ADDRESS = "127.0.0.9";
const BYTE_EVERY_MS = 500;
const DELIVERY_EVERY_MS = 50;
const ANSWERED_WITHIN_MS = 1_000;
const SHARE_MIN = 0.99;
const HEAD =
  "POST /webhooks/zendesk HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{";

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "1000" },
    deliveries: { type: "string", default: "200" },
  },
});

/** Keeps one slow connection open: who is cut off comes again at once. */
function holdSlowly(port: number, held: Set<Socket>, isOver: () => boolean): void {
  const socket = connect({ port, host: "127.0.0.1", localAddress: SLOW_ADDRESS });
  held.add(socket);
  const drip = setInterval(() => socket.write(" "), BYTE_EVERY_MS);
  socket.on("connect", () => socket.write(HEAD));
  socket.on("data", () => undefined);
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearInterval(drip);
    held.delete(socket);
    if (!isOver()) setTimeout(holdSlowly, BYTE_EVERY_MS, port, held, isOver);
  });
}

const shared = await startSharedServices();
const held = new Set<Socket>();
let isOver = false;
try {
  const web = await startRole(shared.environment, "web");
  const port = Number(new URL(web.url).port);
  await webhook(web.url, 0);
  for (let count = 0; count < Number(values.connections); count += 1)
    holdSlowly(port, held, () => isOver);
  while (held.size < Number(values.connections)) await delay(BYTE_EVERY_MS);
  const statuses = new Map<number, number>();
  const took: number[] = [];
  const sending: Promise<void>[] = [];
  for (let sent = 1; sent <= Number(values.deliveries); sent += 1) {
    const at = performance.now();
    sending.push(
      webhook(web.url, sent).then((status) => {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 200) took.push(performance.now() - at);
      }),
    );
    await delay(DELIVERY_EVERY_MS);
  }
  await Promise.all(sending);
  const inTime = took.filter((ms) => ms <= ANSWERED_WITHIN_MS).length / sending.length;
  const slowest = Math.round(Math.max(...took));
  process.stdout.write(
    `${JSON.stringify({ slow_connections: held.size, deliveries: sending.length, statuses: Object.fromEntries(statuses), within_1s: inTime, slowest_ms: slowest })}\n`,
  );
  process.exitCode = inTime >= SHARE_MIN ? 0 : 1;
  isOver = true;
  for (const socket of held) socket.destroy();
  await web.end("SIGTERM");
} finally {
  await shared.close();
}
