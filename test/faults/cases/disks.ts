/** Faults of the disks of a process, and of the storage for raw mails. Disks are mounted, so these need root. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { judgeEmbedded } from "#test/faults/embedded.ts";
import type { FaultCase } from "#test/faults/case.ts";
import { HEALTH, saysOf } from "#test/faults/health.ts";
import { fill, refusedForRoom, smallDisk } from "#test/faults/small-disk.ts";
import { chatInOrder, chats, mails, smallRefund } from "#test/faults/traffic.ts";
import { S3_KEY, startS3 } from "#test/support/s3.ts";
import { until } from "#test/support/waiting.ts";

const blobsFull: FaultCase = {
  id: 59,
  name: "the disk for raw mails is full",
  async run(context) {
    const folder = smallDisk(context, 4);
    const ballast = join(folder, "ballast");
    const installation = await context.install({
      environment: { ...HEALTH, DESKHAND_BLOBS: join(folder, "mails") },
    });
    await mails(installation, "before", 1);
    await until("the first mail's end", () => installation.isSettled());
    fill(folder, ballast);
    await mails(installation, "during", 4);
    await chats(installation, "during", 3);
    await saysOf(installation, "blobs", /its disk is full \(ENOSPC\).*Make room/);
    await delay(context.quick ? 2_000 : 10_000);
    unlinkSync(ballast);
    await smallRefund(installation);
    await installation.judge({ withinMs: 90_000 });
  },
};

const embeddedFull: FaultCase = {
  id: 60,
  name: "the disk of the embedded database is full",
  async run(context) {
    const disk = smallDisk(context, 150);
    const ballast = join(disk, "ballast");
    const installation = await context.install({
      databaseUrl: "",
      folder: join(disk, "data"),
      started: false,
    });
    mkdirSync(join(disk, "data"), { mode: 0o700 });
    await installation.start();
    await chats(installation, "before", 2);
    fill(disk, ballast);
    await refusedForRoom(installation);
    const sending = chats(installation, "during", 4);
    await delay(context.quick ? 2_000 : 10_000);
    unlinkSync(ballast);
    const tries = (await sending).flatMap(({ statuses }) => statuses);
    assert.ok(
      tries.every((status) => [200, 429, 503].includes(status)),
      tries.join(", "),
    );
    await chatInOrder(installation, "after");
    await judgeEmbedded(context, installation);
  },
};

const logsFull: FaultCase = {
  id: 61,
  name: "the disk for log and spans is full",
  async run(context) {
    const disk = smallDisk(context, 2);
    const [ballast, log] = [join(disk, "ballast"), join(disk, "deskhand.log")];
    const folder = join(disk, "..", `${Date.now()}-deskhand-logs`);
    mkdirSync(folder, { mode: 0o700 });
    context.after(async () => rmSync(folder, { recursive: true, force: true }));
    symlinkSync(log, join(folder, "deskhand.log"));
    const installation = await context.install({ folder, started: false });
    fill(disk, ballast);
    // Without a level the log goes to the file.
    await installation.start({
      ...HEALTH,
      DESKHAND_LOG: "",
      DESKHAND_SPANS_FILE: join(disk, "spans"),
    });
    await chats(installation, "during", 4);
    await mails(installation, "during", 2);
    await smallRefund(installation);
    // Each is a line that cannot be written.
    const refused = (headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${installation.deskhand().endpoints.app.url}/webhooks/zendesk`, {
        method: "POST",
        headers,
      });
    for (let times = 0; times < 3; times += 1) await refused({});
    await saysOf(installation, "log", /log lines cannot be written \(ENOSPC/);
    unlinkSync(ballast);
    await chats(installation, "after", 2);
    await installation.judge();
    // Refused for another reason than before, which is a line of its own.
    const stamp = new Date().toISOString();
    await refused({
      "x-zendesk-webhook-signature": "forged",
      "x-zendesk-webhook-signature-timestamp": stamp,
    });
    await until("the log to go on when there is room", async () =>
      /does not match/.test(readFileSync(log, "utf8")),
    );
  },
};

const storageRefuses: FaultCase = {
  id: 62,
  name: "the bucket for raw mails is slow, refuses us, or our clock",
  async run(context) {
    const s3 = await startS3();
    context.after(async () => s3[Symbol.asyncDispose]());
    const installation = await context.install({
      environment: {
        ...HEALTH,
        DESKHAND_BLOBS: `s3://${s3.bucket}/mails`,
        S3_ENDPOINT: s3.endpoint,
        S3_ACCESS_KEY_ID: S3_KEY.id,
        S3_SECRET_ACCESS_KEY: S3_KEY.secret,
      },
    });
    s3.faults.slowMs = 3_000;
    await mails(installation, "slow", 2);
    await delay(4_000);
    s3.faults.slowMs = 0;
    s3.faults.forbidden = true;
    await mails(installation, "forbidden", 2);
    await saysOf(installation, "blobs", /refuses our access \(403 AccessDenied\)/);
    s3.faults.forbidden = false;
    s3.faults.skewed = true;
    await mails(installation, "skewed", 2);
    await chats(installation, "meanwhile", 2);
    await saysOf(installation, "blobs", /the clock of this machine is wrong/);
    s3.faults.skewed = false;
    await installation.judge({ withinMs: 90_000 });
  },
};

export const cases: readonly FaultCase[] = [blobsFull, embeddedFull, logsFull, storageRefuses];
