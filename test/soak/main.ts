/** `npm run soak -- --messages N --kills K --flushes F --seed S --json`: the randomised run, and its figures. */
import { parseArgs } from "node:util";
import { z } from "zod";

import { optionsOrUsage, say } from "#test/support/program.ts";
import { soak } from "./soak.ts";

const whole = z.coerce.number().int();
const Options = z.strictObject({
  messages: whole.min(1).max(100_000),
  kills: whole.min(0).max(1_000),
  flushes: whole.min(0).max(1_000),
  seed: whole.min(0).max(4_294_967_295),
  workers: whole.min(1).max(16),
  lease: whole.min(2).max(600),
  drain: whole.min(1).max(3_600),
});

const USAGE =
  "Usage: npm run soak -- [--messages 5000] [--kills 20] [--flushes 5] [--seed 1] [--workers 3] [--lease 5] [--drain 180] [--no-idempotency] [--burst] [--json]";

function optionsIn(argv: readonly string[]) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      messages: { type: "string" },
      kills: { type: "string" },
      flushes: { type: "string" },
      seed: { type: "string", default: "1" },
      workers: { type: "string", default: "3" },
      lease: { type: "string", default: "5" },
      drain: { type: "string", default: "180" },
      "no-idempotency": { type: "boolean", default: false },
      burst: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const { burst, json } = values;
  const numbers = Options.parse({
    messages: values.messages ?? (burst ? 10_000 : 5_000),
    kills: values.kills ?? (burst ? 0 : 20),
    flushes: values.flushes ?? (burst ? 0 : 5),
    seed: values.seed,
    workers: values.workers,
    lease: values.lease,
    drain: values.drain,
  });
  return { ...numbers, burst, json, idempotencyKeys: !values["no-idempotency"] };
}

const options = optionsOrUsage(() => optionsIn(process.argv.slice(2)), USAGE);
if (options !== null) {
  const { lease, drain, json, ...rest } = options;
  const report = await soak({
    ...rest,
    leaseSeconds: lease,
    drainSeconds: drain,
    say,
  });
  // Findings were told one by one.
  const { findings: _, slowest: __, ...figures } = report;
  const lines = Object.entries(figures).map(
    ([name, value]) =>
      `${name.padEnd(18)} ${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${lines.join("\n")}\n`);
  process.exitCode = report.ok ? 0 : 1;
}
