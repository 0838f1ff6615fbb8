/**
 * The login state of each inbox, so that a wrong password neither locks the account nor delays other inboxes.
 *
 * After a refused login, the server is not asked again for one minute, then two, then four, up to a quarter of an hour;
 * then one try at a time is let through, and all other callers are refused at once. Reading and sending have separate
 * states, because a provider may allow one and refuse the other. The first accepted login resets the state, so the
 * inbox recovers by itself once the operator has corrected the credential.
 */
import type { CredentialState } from "#core/connection/oauth-token.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import type { LoginState } from "./sign-in.ts";

/** All inboxes of a process. */
export interface LoginStates {
  /** The state of one server of an inbox; every caller gets the same object. */
  of(address: string, server: Server): LoginState;
  /** Each inbox under a name that is no address, because logs drop those. */
  readonly credentialStates: Readonly<Record<string, CredentialState>>;
}

type Server = "IMAP" | "SMTP";

const MINUTE_MS = 60_000;

/** How long a server that refused us is left alone, in milliseconds. */
interface LoginWaits {
  readonly first: number;
  readonly most: number;
}

const LOGIN_WAITS: LoginWaits = { first: MINUTE_MS, most: 15 * MINUTE_MS };
/** A new token that is refused within five minutes stops all use of it, also where it is taken. */
const RENEW_AFTER_MS = 6 * MINUTE_MS;

/** The inbox in words that the log does not drop: "support at shop.example". */
export function inboxName(address: string): string {
  return address.toLowerCase().replace("@", " at ");
}

/** Watches over these inboxes, all well at first. */
export function loginStates(
  addresses: readonly string[],
  {
    clock,
    log,
    waits = LOGIN_WAITS,
  }: { readonly clock: Clock; readonly log: Log; readonly waits?: LoginWaits },
): LoginStates {
  const watches = new Map(
    addresses.map((address) => {
      const watchOver = (server: Server): Watch =>
        loginState({ inbox: inboxName(address), server, clock, log, waits });
      return [address.toLowerCase(), { IMAP: watchOver("IMAP"), SMTP: watchOver("SMTP") }];
    }),
  );
  return {
    of(address, server) {
      const watch = watches.get(address.toLowerCase());
      if (watch === undefined) throw new Error("not an inbox of this process");
      return watch[server];
    },
    credentialStates: Object.fromEntries(
      [...watches].map(([address, { IMAP, SMTP }]) => [
        `mail ${inboxName(address)}`,
        { problem: () => [IMAP, SMTP].flatMap((one) => one.problem() ?? []).join("; ") || null },
      ]),
    ),
  };
}

type Watch = LoginState & CredentialState;

function loginState({
  inbox,
  server,
  clock,
  log,
  waits,
}: {
  readonly inbox: string;
  readonly server: Server;
  readonly waits: LoginWaits;
  readonly clock: Clock;
  readonly log: Log;
}): Watch {
  const state: { words: string | null; untilMs: number; waitMs: number; renewedMs: number } = {
    words: null,
    untilMs: 0,
    waitMs: 0,
    renewedMs: Number.NEGATIVE_INFINITY,
  };
  const listeners = new Set<() => void>();
  const now = (): number => clock.now().getTime();
  const needsLogin = (words: string): string => `${server} needs login: ${words}`;
  // The mail to be sent is not at fault, so this does not count as a try of it.
  const refusal = (words: string, cause?: unknown): DeskhandError =>
    new DeskhandError("channel.unauthorized", `${inbox}, ${needsLogin(words)}`, {
      retryAfterMs: Math.max(1, state.untilMs - now()),
      notTried: true,
      cause,
    });
  return {
    check() {
      if (state.words === null) return;
      if (state.untilMs > now()) throw refusal(state.words);
      // This one is let through; others wait for what it finds.
      state.untilMs = now() + state.waitMs;
    },
    refused(words, cause) {
      state.waitMs = Math.min(Math.max(waits.first, state.waitMs * 2), waits.most);
      state.untilMs = now() + state.waitMs;
      if (state.words !== words)
        log.error("an inbox needs login; others go on", {
          inbox,
          server,
          reason: words,
          nextTryMs: state.waitMs,
        });
      state.words = words;
      return refusal(words, cause);
    },
    accepted() {
      const isMended = state.words !== null;
      Object.assign(state, { words: null, untilMs: 0, waitMs: 0 });
      // Callers wait only after a refusal. Two that fail for another reason must not wake each other.
      if (!isMended) return;
      log.warn("an inbox is signed in again", { inbox, server });
      for (const listener of listeners) listener();
    },
    onAccepted(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    mayRenew() {
      if (now() - state.renewedMs < RENEW_AFTER_MS) return false;
      state.renewedMs = now();
      return true;
    },
    problem: () => (state.words === null ? null : needsLogin(state.words)),
  };
}
