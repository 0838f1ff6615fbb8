/** Mails judged one by one, with the level each reaches and the reason given. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readHead } from "#email/mime/headers.ts";
import type { MailSource } from "#email/mime/raw-mail.ts";
import {
  verifySender,
  type ExaminedSender,
  type VerifyOptions,
} from "#email/sender-auth/sender-identity.ts";
import { resolver } from "#test/email/mails.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

/** When all mails here arrive. */
export const NOW = new Date();

/** What the sender of this mail is worth, without waiting for DNS that is away; `arriving` is its bytes as they come. */
export async function examined(
  raw: Uint8Array,
  changes: Partial<VerifyOptions> = {},
  arriving: MailSource = raw,
): Promise<ExaminedSender> {
  return verifySender(arriving, readHead(raw), {
    resolver,
    receivedAt: NOW,
    cutFromBytes: null,
    bytesMax: 1_000_000,
    signal: AbortSignal.timeout(PATIENCE_MS),
    ownServer: null,
    ours: ["support@ourshop.test", "help@ourshop.test"],
    isFirst: () => true,
    dnsLimits: { mailMs: 5_000, questionsMax: 40, pausesMs: [] },
    ...changes,
  });
}

/** One mail and what has to come of it. */
export interface Case {
  readonly mail: () => Promise<Buffer> | Buffer;
  readonly level: 0 | 1 | 2;
  readonly reason: string;
  /** `ann@customer.test` unless told; null for no sender. */
  readonly handle?: string | null;
  readonly with?: Partial<VerifyOptions>;
}

/** The reason for a genuine mail of Ann. */
export const OF_ANN = "DKIM signature of customer.test matches the From address";
/** The reason for an unsigned mail. */
export const UNSIGNED = "the mail is not signed, and DMARC of customer.test fails";

/** Makes a test of each, by what the mail is. */
export function testAll(cases: Readonly<Record<string, Case>>): void {
  for (const [name, one] of Object.entries(cases)) {
    const { mail, level, reason, handle = "ann@customer.test", with: changes } = one;
    test(`a mail ${name}: level ${level}`, async () => {
      const { evidence, signedHeaders } = await examined(await mail(), changes);
      assert.deepEqual(evidence, {
        level,
        method: ["none", "claimed", "dkim"][level],
        reason,
        handle: handle === null ? { kind: "none" } : { kind: "email", email: handle },
      });
      assert.equal(signedHeaders.length > 0, level === 2);
    });
  }
}
