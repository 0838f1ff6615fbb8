import { DeskhandError } from "#core/errors.ts";
import type { Clock, Log } from "#core/ports.ts";

/**
 * Gives the credential for the next call: a bearer token, or the whole value of `Authorization` where it has a space.
 * Told which one Zendesk has just refused (401) it gives another one, or the same when there is no other.
 *
 * Throws `channel.unauthorized` while there is none Zendesk takes, `channel.unavailable` when one cannot be had now.
 */
export type Credential = (refused?: string) => Promise<string>;

/** The header for a credential. */
export function authorizationOf(credential: string): string {
  return credential.includes(" ") ? credential : `Bearer ${credential}`;
}

/**
 * Nobody asks Zendesk with a credential it has just refused: calls fail at once, and after this long the next one is
 * let through, so that an account that is put right needs no restart.
 */
const STOP_MS = 5 * 60_000;

/** Whether an identity can be used, in words for health and for whoever has to act. */
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

export function stop(clock: Clock, log: Log): Stop {
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
      if (restMs() <= 0)
        log.error("Zendesk refuses our credential; it is left alone for five minutes", {
          reason: words,
        });
      state.words = words;
      state.untilMs = clock.now().getTime() + STOP_MS;
      return refusal(cause);
    },
    problem: () => (restMs() > 0 ? state.words : null),
  };
}

/** A credential that cannot be renewed: an access token somebody made, or an API token. */
export function fixedCredential(options: {
  readonly credential: string;
  /** The variable it came from. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
}): { readonly credential: Credential; readonly standing: CredentialState } {
  const { credential, name, clock, log } = options;
  const stopped = stop(clock, log);
  return {
    standing: stopped,
    credential: async (refused) => {
      if (refused !== undefined)
        throw stopped.begin(
          `Zendesk refuses ${name} (401): it was revoked or has run out. Put a new one in its place; docs/zendesk.md says how`,
        );
      stopped.check();
      return credential;
    },
  };
}

/** The value of `Authorization` for an account's API token, which acts as the agent it is used with. */
export function basicCredential(email: string, apiToken: string): string {
  return `Basic ${Buffer.from(`${email}/token:${apiToken}`).toString("base64")}`;
}
