/**
 * Access tokens that run out, as all processes use them (RFC 6749 4.4 and 6).
 *
 * A token is kept in the vault and used until shortly before its end. Whoever needs another one then claims the
 * exchange, makes it without a transaction, and puts the result; the others go on with the old one as long as it lasts
 * and read the vault again. A token that is refused in mid-run is one more reason to exchange, once: when the new token
 * is refused as well, or the exchange itself, the identity stops and says what to do.
 *
 * A refresh may end the pair it was given, so what it answers is the only pair there is from that moment on. It is put
 * even when the claim has run out meanwhile, unless somebody else was faster.
 */
import { z } from "zod";
import { keyedDigest } from "#core/values/canonical-json.ts";
import { type CredentialState, stop } from "./credential-state.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, Kept, Log, TokenVault } from "#core/contracts/ports.ts";
import { createEncryption } from "./encryption.ts";

/** A token that was issued just now. */
export interface Issued {
  readonly access: string;
  /** The refresh token for next time; null when none came along, and the one before stays good. */
  readonly refresh: string | null;
  readonly expiresInMs: number;
}

/** The exchange was refused for good: asking again with the same would be refused again. */
export class GrantRefused extends Error {
  override readonly name = "GrantRefused";
  /** The code of RFC 6749 5.2, such as `invalid_grant`. */
  readonly error: string;
  constructor(error: string, message: string) {
    super(message);
    this.error = error;
  }
}

/** A token as it is kept, sealed. `origin` says which credentials it came from: others make it worthless. */
const Pair = z.object({
  access: z.string(),
  refresh: z.string().nullable(),
  expiresAt: z.number(),
  lifetimeMs: z.number(),
  origin: z.string(),
});
type Pair = z.infer<typeof Pair>;

/** One identity of ours, and how it comes to its tokens. */
interface RenewedIdentity {
  /** Also the name in the vault, such as `zendesk writer`. */
  readonly name: string;
  /** What seals the kept token: whoever does not have it cannot read the token either, whatever else they may read. */
  readonly sealSecret: string;
  /** Tells this identity's tokens from those of another account or client; part of the seal. */
  readonly place: string;
  /** What else the token came from, such as its scope: a token of another origin is worth nothing. */
  readonly origin: string;
  /** The first refresh token; null for a grant that needs none. */
  readonly refreshToken: string | null;
  /** Asks for a token. Throws `GrantRefused` for what stays refused, `channel.unavailable` when it is worth another try. */
  exchange(refreshToken: string | null): Promise<Issued>;
  /** What a refused exchange means, with what to do. */
  exchangeWords(refused: GrantRefused): string;
  /** The same for a token that is refused although it is new. */
  readonly refusedWords: string;
  /** What the log says when it stops. */
  readonly stopLine: string;
}

interface Options {
  readonly identity: RenewedIdentity;
  readonly vault: TokenVault;
  readonly clock: Clock;
  readonly log: Log;
  /** For one exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/** A token is renewed this long before its end, or after nine tenths of a short life. */
const AHEAD_MS = 5 * 60_000;
const AHEAD_SHARE = 0.1;
/** How often the vault is looked at while another process makes the exchange. */
const LOOK_MS = 100;
/** A token that came by way of a refusal and is refused within this time was no better. */
const REPLACED_MS = 5 * 60_000;

/**
 * Gives the access token of an identity, renewed ahead of its end and, told which one was just refused, once more; with
 * one exchange for all processes. Throws `channel.unauthorized` while it is stopped, `channel.unavailable` when a token
 * cannot be had now.
 */
export function renewedToken(options: Options): {
  readonly credential: (refused?: string) => Promise<string>;
  readonly standing: CredentialState;
} {
  const { identity, clock, log } = options;
  const stopped = stop({ clock, log, line: identity.stopLine });
  const tokens = rotation(options);
  const memory: { pair: Pair | null; replacedAt: number | null } = { pair: null, replacedAt: null };
  let underWay: Promise<Pair> | null = null;

  /** One at a time in this process; whoever comes meanwhile gets the same result. */
  async function renewed(refused: string | null): Promise<Pair> {
    const joined = underWay !== null;
    underWay ??= tokens.renew(refused).finally(() => (underWay = null));
    const pair = await underWay.catch((error: unknown) => {
      if (!(error instanceof GrantRefused)) throw error;
      throw stopped.begin(identity.exchangeWords(error), error);
    });
    // Whoever began did not know yet that this very token is refused.
    if (joined && pair.access === refused) return await renewed(refused);
    if (memory.pair?.access !== pair.access)
      Object.assign(memory, { pair, replacedAt: refused === null ? null : clock.now().getTime() });
    return pair;
  }

  async function replaced(refused: string): Promise<string> {
    const { pair, replacedAt } = memory;
    // Somebody else noticed first.
    if (pair !== null && pair.access !== refused) return pair.access;
    stopped.check();
    const now = clock.now().getTime();
    if (pair !== null && replacedAt !== null && now - replacedAt < REPLACED_MS)
      throw stopped.begin(identity.refusedWords);
    return (await renewed(refused)).access;
  }

  return {
    standing: stopped,
    async credential(refused) {
      if (refused !== undefined) return await replaced(refused);
      stopped.check();
      const { pair } = memory;
      if (pair !== null && !isNearEnd(pair, clock.now())) return pair.access;
      return (await renewed(null)).access;
    },
  };
}

function isNearEnd({ expiresAt, lifetimeMs }: Pair, now: Date): boolean {
  return expiresAt - now.getTime() <= Math.min(AHEAD_MS, lifetimeMs * AHEAD_SHARE);
}

/** The exchange, as all processes share it. */
function rotation(options: Options): { renew(refused: string | null): Promise<Pair> } {
  const { identity, vault, clock, timeoutMs } = options;
  const { name, sealSecret, place, refreshToken } = identity;
  const sealed = createEncryption(sealSecret, `${name} ${place}`);
  const origin = keyedDigest(sealSecret, `${identity.origin} ${refreshToken ?? ""}`);

  function pairOf({ value }: Kept): Pair | null {
    const text = value === null ? null : sealed.open(value);
    const parsed = text === null ? null : Pair.safeParse(JSON.parse(text));
    return parsed?.success === true && parsed.data.origin === origin ? parsed.data : null;
  }

  function usable(pair: Pair | null, refused: string | null, spare: boolean): pair is Pair {
    if (pair === null || pair.access === refused) return false;
    const now = clock.now();
    return spare ? pair.expiresAt > now.getTime() : !isNearEnd(pair, now);
  }

  async function exchange(kept: Kept): Promise<Pair> {
    const old = pairOf(kept);
    // A refresh token that came with the newest pair; before the first one, that of the configuration.
    const issued = await identity.exchange(
      refreshToken === null ? null : (old?.refresh ?? refreshToken),
    );
    const pair = pairFrom(issued, { now: clock.now(), origin, old });
    const value = sealed.seal(JSON.stringify(pair satisfies Pair));
    if (await vault.put(name, kept.generation, value)) return pair;
    // Somebody was faster, and theirs is what everybody uses.
    const theirs = pairOf(await vault.read(name));
    return theirs ?? pair;
  }

  async function attempt(refused: string | null): Promise<Pair | null> {
    const found = pairOf(await vault.read(name));
    if (usable(found, refused, false)) return found;
    const kept = await vault.claim(name, timeoutMs * 2);
    // Another process is at it. What we have does until then, unless a refresh is about to end it.
    if (kept === null) {
      const lasts = refreshToken === null && usable(found, refused, true);
      return lasts ? found : null;
    }
    const fresh = pairOf(kept);
    try {
      if (!usable(fresh, refused, false)) return await exchange(kept);
    } catch (error) {
      await vault.release(name, kept.generation);
      // A claim that ran out in the middle lets another process be faster, and ends what we asked with.
      const newest = pairOf(await vault.read(name));
      if (usable(newest, refused, false)) return newest;
      // It could not be renewed ahead of its end, but it is not over yet.
      if (!(error instanceof GrantRefused) && usable(fresh, refused, true)) return fresh;
      throw error;
    }
    await vault.release(name, kept.generation);
    return fresh;
  }

  return {
    async renew(refused) {
      const looks = Math.ceil((timeoutMs * 2) / LOOK_MS);
      for (let look = 0; look < looks; look += 1) {
        const pair = await attempt(refused);
        if (pair !== null) return pair;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      throw new DeskhandError("channel.unavailable", `the ${name}'s token is not there in time`);
    },
  };
}

function pairFrom(
  issued: Issued,
  { now, origin, old }: { readonly now: Date; readonly origin: string; readonly old: Pair | null },
): Pair {
  const lifetimeMs = issued.expiresInMs;
  return {
    access: issued.access,
    refresh: issued.refresh ?? old?.refresh ?? null,
    expiresAt: now.getTime() + lifetimeMs,
    lifetimeMs,
    origin,
  };
}
