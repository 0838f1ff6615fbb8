import { z } from "zod";
import type { ChannelName } from "#core/names.ts";
import { appendAudit } from "#store/audit.ts";
import type { Transaction } from "#store/driver.ts";
import { lockPause } from "#store/lock-order.ts";
import { endReturn } from "#store/return.ts";
import { readSetting, writeSetting } from "#store/settings.ts";

const NAME = "pause";

/** What stands still: everything, or single channels. Kept in the database, so every process sees it at once. */
const Pause = z.strictObject({
  all: z.boolean(),
  channels: z.array(z.string()),
  by: z.string(),
});
export type Pause = z.infer<typeof Pause>;

export async function currentPause(transaction: Transaction): Promise<Pause> {
  return (await readSetting(transaction, NAME, Pause)) ?? { all: false, channels: [], by: "" };
}

/** True while nothing may go to customers or the shop from this channel's conversations. */
export async function isPaused(transaction: Transaction, channel: ChannelName): Promise<boolean> {
  const pause = await currentPause(transaction);
  return pause.all || pause.channels.includes(channel);
}

/** Anyone on the team may pause; effects that have not begun wait until it is taken back. */
export async function setPause(
  transaction: Transaction,
  change: {
    readonly scope: "all" | ChannelName;
    readonly paused: boolean;
    /** As it is shown while it lasts. */
    readonly by: string;
    /** As the audit keeps it for good: a pseudonym, or what is no person. */
    readonly auditedAs: string;
  },
  now: Date,
): Promise<Pause> {
  // Of two people who pause two channels at the same moment, both count.
  await lockPause(transaction);
  const before = await currentPause(transaction);
  const after: Pause =
    change.scope === "all"
      ? { all: change.paused, channels: change.paused ? before.channels : [], by: change.by }
      : {
          all: before.all,
          channels: [
            ...before.channels.filter((channel) => channel !== change.scope),
            ...(change.paused ? [change.scope] : []),
          ],
          by: change.by,
        };
  await writeSetting(transaction, NAME, after);
  if (change.scope === "all" && !change.paused) await endReturn(transaction, now);
  await appendAudit(
    transaction,
    {
      kind: change.paused ? "paused" : "resumed",
      data: { scope: change.scope, by: change.auditedAs },
    },
    now,
  );
  return after;
}
