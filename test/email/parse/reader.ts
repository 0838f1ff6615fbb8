import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Accept } from "#core/contracts/channel.ts";
import type { Delivery } from "#core/values/delivery.ts";
import { openBench, type EmailBench } from "#test/email/bench.ts";
import { written } from "#test/email/mails.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

/** A bench that is closed after the test. */
export async function bench(
  context: TestContext,
  changes: Parameters<typeof openBench>[0] = {},
): Promise<EmailBench> {
  const opened = await openBench(changes);
  context.after(opened.close);
  return opened;
}

/** A mail known by its subject. */
export function mail(name: string): Buffer {
  return written({ subject: name, messageId: `<${name}@customer.test>` });
}

/** Collects the subjects of what arrives; `fail` may refuse a delivery. */
export function collector(fail: (subject: string) => Error | null = () => null): {
  readonly accept: Accept;
  readonly subjects: string[];
  readonly deliveries: Delivery[];
} {
  const subjects: string[] = [];
  const deliveries: Delivery[] = [];
  return {
    subjects,
    deliveries,
    accept: async (delivery) => {
      const text = Buffer.from(delivery.body).toString("latin1");
      const subject = /^Subject: (.*)\r$/m.exec(text)?.[1] ?? "";
      const error = fail(subject);
      if (error !== null) throw error;
      subjects.push(subject);
      deliveries.push(delivery);
    },
  };
}

/** Waits until this is true; generous, since the machine may be busy. */
export async function waitFor(context: TestContext, isTrue: () => boolean): Promise<void> {
  await context.waitFor(() => assert.ok(isTrue()), { timeout: PATIENCE_MS, interval: 5 });
}
