/** The procedures where no Deskhand runs, such as in CI: their tests are played by parts that live as long as they take. */

import type { Clock, Log } from "#core/contracts/ports.ts";
import { localNotices } from "#jobs/queue/change-notices.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { ProcedureShelf } from "#jobs/procedures/shelf.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import { activePolicy } from "#store/policy/policy-changes.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import type { Store } from "#store/db/database.ts";
import type { Config } from "#config/environment.ts";
import { policySourceOf } from "#config/policy-file.ts";
import { chosenModel } from "#app/chosen-model.ts";
import { compose } from "#app/compose.ts";
import { randomIds } from "#app/random-ids.ts";
import { type ComposedApp } from "#app/composed-app.ts";
import { shopAlone } from "#app/embedded-parts.ts";
import { calledForPeople, playingOf, procedureShelf } from "./shelf.ts";

const CLOCK: Clock = { now: () => new Date() };

/**
 * The shelf of this installation. Its tests are played with the configured model, or the rehearsal rules, and with the
 * configured shop, or the sample shop; nothing else is connected to, and nothing is sent or changed.
 */
export function shelfHere(config: Config, store: Store, log: Log): ProcedureShelf {
  return procedureShelf(
    config,
    { store, clock: CLOCK, ids: randomIds },
    {
      play: (procedure) =>
        withParts({ config, store, log }, async (parts) => {
          const { play } = playingOf(parts);
          if (play === null) throw new Error("composed parts play no tests");
          return play(procedure);
        }),
      model: calledForPeople(chosenModel(config)),
    },
  );
}

/** What parts are made from where no process runs. */
export interface Here {
  readonly config: Config;
  readonly store: Store;
  readonly log: Log;
}

/** Composes what a turn needs, and closes it whatever comes of it. */
export async function withParts<Result>(
  { config, store, log }: Here,
  use: (parts: ComposedApp) => Promise<Result>,
  /** `file` takes the policy that the next start reads instead of the one in force. */
  policyFrom: "force" | "file" = "force",
): Promise<Result> {
  const embedded = await shopAlone(config, CLOCK);
  try {
    const { kind } = policySourceOf(config);
    const active =
      policyFrom === "file"
        ? null
        : await store.run((transaction) => activePolicy(transaction, kind));
    const foundation = {
      config,
      store,
      queue: NO_QUEUE,
      embedded,
      clock: CLOCK,
      log,
      appUrl: () => "http://127.0.0.1",
      worker: "tests of procedures",
      secrets: await installationSecrets(store, CLOCK),
    };
    const parts = await (active === null
      ? compose(foundation)
      : compose(foundation, openPolicyInForce(active.text).policy));
    try {
      return await use(parts);
    } finally {
      await parts.close();
    }
  } finally {
    await embedded.close();
  }
}

/** No conversation is worked on, so no worker is woken. */
const NO_QUEUE: WakeQueue = {
  changes: localNotices(),
  wake: async () => undefined,
  wakeAnyway: async () => undefined,
  depth: async () => 0,
  work: () => undefined,
  oldestMs: async () => 0,
  ping: async () => undefined,
  standstill: () => null,
  close: async () => undefined,
};
