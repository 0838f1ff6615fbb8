import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";

/** Whether one of our identities can be used, in words for health and for whoever has to act. */
export interface CredentialState {
  /** Null while all is well. */
  problem(): string | null;
}

/** Remembers that a credential was refused for good, and keeps everybody away from the account meanwhile. */
export interface Stop extends CredentialState {
  /** Throws while the credential is not to be used. */
  check(): void;
  /** Begins or prolongs the stop; gives the error to throw. */
  begin(words: string, cause?: unknown): DeskhandError;
}

/**
 * Nobody asks with a credential that was just refused: calls fail at once, and after this long the next one is let
 * through, so that an account that is put right needs no restart.
 */
const STOP_MS = 5 * 60_000;

/** A stop that has not begun. `line` is what the log says when it begins. */
export function stop({
  clock,
  log,
  line,
}: {
  readonly clock: Clock;
  readonly log: Log;
  readonly line: string;
}): Stop {
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
