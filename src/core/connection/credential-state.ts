/** Whether a credential can be used, and the pause after a provider refuses it. */
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";

/** Whether one of our identities can be used, in text for the health check and for the operator. */
export interface CredentialState {
  /** Null while the identity works. */
  problem(): string | null;
}

/** Remembers that a provider refused a credential, and blocks calls to the account for a while. */
export interface CredentialPause extends CredentialState {
  /** Throws while the credential must not be used. */
  check(): void;
  /** Starts or extends the stop; returns the error to throw. */
  begin(words: string, cause?: unknown): DeskhandError;
}

/**
 * Calls with a credential that was just refused fail at once. After this long the next call is let through, so an
 * account that was repaired needs no restart.
 */
const STOP_MS = 5 * 60_000;

/** Creates a stop that has not begun. `line` is the log message when it begins. */
export function credentialPause({
  clock,
  log,
  line,
}: {
  readonly clock: Clock;
  readonly log: Log;
  readonly line: string;
}): CredentialPause {
  const state: { words: string; untilMs: number } = { words: "", untilMs: 0 };
  const restMs = (): number => state.untilMs - clock.now().getTime();
  const refusal = (cause?: unknown): DeskhandError =>
    new DeskhandError("channel.unauthorized", state.words, {
      retryAfterMs: Math.max(1_000, restMs()),
      notTried: true,
      cause,
    });
  return {
    check() {
      if (restMs() > 0) throw refusal();
    },
    begin(words, cause) {
      if (restMs() <= 0) log.error(line, { reason: words });
      state.words = words;
      state.untilMs = clock.now().getTime() + STOP_MS;
      return refusal(cause);
    },
    problem: () => (restMs() > 0 ? state.words : null),
  };
}
