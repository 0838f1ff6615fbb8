/** Keeps a running process informed of changed secrets of the installation. */
import type { Clock, Log } from "#core/contracts/ports.ts";
import { reasonOf } from "#core/values/errors.ts";
import { noticesOf, type Store } from "./database.ts";
import { type InstallationSecrets, readSecrets, secretsFrom } from "./installation-secrets.ts";

/** How often it is looked whether to ask, in milliseconds. */
const LOOK_MS = 5_000;

/** While notices arrive they tell of every change; asked is all the same, well before a new generation is used. */
const QUIET_MS = 30_000;

/** The leader is heard every two seconds, so after this long without a notice none arrive here. */
const HEARD_MS = 5_000;

/** The secrets of a running process, which follow every change until `stop`. */
export async function followSecrets(
  store: Store,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<{ readonly secrets: InstallationSecrets; stop(): void }> {
  const state = { known: await readSecrets(store), readAt: performance.now(), told: false };
  const notices = noticesOf(store);
  const look = async (): Promise<void> => {
    const silent = notices.silentMs() > HEARD_MS;
    const age = performance.now() - state.readAt;
    if (!state.told && age < (silent ? LOOK_MS : QUIET_MS)) return;
    state.told = false;
    try {
      state.known = await readSecrets(store);
      state.readAt = performance.now();
    } catch (error) {
      state.told = true;
      log.warn("changes of the installation's secrets could not be read", {
        reason: reasonOf(error),
      });
    }
  };
  const unfollow = notices.follow("secrets", () => {
    state.told = true;
    void look();
  });
  const timer = setInterval(() => void look(), LOOK_MS).unref();
  return {
    secrets: secretsFrom(() => state.known, clock),
    stop() {
      clearInterval(timer);
      unfollow();
    },
  };
}
