/**
 * DNS for checking signatures: answers are cached for a short time, lookups are retried, and each mail has a limit of
 * them. No mail is lost or delayed because a name server is down.
 */

import { Resolver } from "node:dns/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { DNSResolver } from "mailauth";
import { z } from "zod";
import { unlessAborted } from "#core/values/deadline.ts";

/** Long enough for a busy inbox, short enough that a key taken back stops working within minutes. */
const KEEP_MS = 5 * 60_000;
/** A key that is published a moment too late must not stay unknown for long. */
const KEEP_ABSENCE_MS = 60_000;
const ENTRIES_MAX = 2_000;
/** Of one question to the system's name servers, in milliseconds and tries. */
const SYSTEM = { timeout: 3_000, tries: 2 };

type Answer = string[][] | string[];

const Failure = z.object({ code: z.string() });
/** What a name server says when there is nothing, as against saying nothing; mailauth tells them apart the same way. */
const ABSENT = new Set(["ENOTFOUND", "ENODATA", "EBADNAME"]);

/** The system's name servers, for the three kinds of records that DKIM and DMARC ask for. */
export function systemDns(): DNSResolver {
  const resolver = new Resolver(SYSTEM);
  return async (name, type) => {
    if (type === "TXT") return resolver.resolveTxt(name);
    return type === "CNAME" ? resolver.resolveCname(name) : resolver.resolve4(name);
  };
}

/** Remembers answers, and that there is none, for minutes. A question that failed is asked again the next time. */
export function cachedDns(resolver: DNSResolver, now: () => Date): DNSResolver {
  const known = new Map<string, { readonly until: number; readonly answer: Promise<Answer> }>();
  return (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const found = known.get(key);
    if (found !== undefined && now().getTime() < found.until) return found.answer;
    const answer = Promise.resolve(resolver(name, type));
    const keep = (keepMs: number): void => {
      if (known.get(key)?.answer === answer)
        known.set(key, { answer, until: now().getTime() + keepMs });
    };
    known.delete(key);
    const [oldest] = known.size < ENTRIES_MAX ? [] : known.keys();
    if (oldest !== undefined) known.delete(oldest);
    // While it is on its way, others who ask the same wait for the same answer.
    known.set(key, { answer, until: Infinity });
    answer.then(
      () => keep(KEEP_MS),
      (error: unknown) => keep(isAbsence(error) ? KEEP_ABSENCE_MS : 0),
    );
    return answer;
  };
}

/** What one mail may cost. Times in milliseconds. */
export interface DnsLimits {
  /** For all questions about one mail together. */
  readonly mailMs: number;
  /** A mail with many signatures could make us ask anything as often as it likes. */
  readonly questionsMax: number;
  /** Before a failed question is asked again; as many times for a whole mail as there are pauses. */
  readonly pausesMs: readonly number[];
}

/** One to three signatures and a policy make about ten questions. */
export const DNS_LIMITS: DnsLimits = { mailMs: 10_000, questionsMax: 40, pausesMs: [100, 400] };

/** The resolver for one mail. What is not answered in time fails like a name server that is away. */
export function limitedDns(
  resolver: DNSResolver,
  limits: DnsLimits,
  signal: AbortSignal,
): DNSResolver {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(limits.mailMs)]);
  const pauses = [...limits.pausesMs];
  let asked = 0;
  const ask = async (name: string, type: string): Promise<Answer> => {
    try {
      if (ended.aborted) throw timeout(name);
      return await unlessAborted(resolver(name, type), ended, () => timeout(name));
    } catch (error) {
      const pauseMs = isAbsence(error) || ended.aborted ? undefined : pauses.shift();
      if (pauseMs === undefined) throw error;
      await delay(pauseMs, undefined, { signal: ended }).catch(() => undefined);
      return ask(name, type);
    }
  };
  return async (name, type) => {
    asked += 1;
    if (asked > limits.questionsMax) throw timeout(name);
    return ask(name, type);
  };
}

function isAbsence(error: unknown): boolean {
  const failure = Failure.safeParse(error);
  return failure.success && ABSENT.has(failure.data.code);
}

function timeout(name: string): Error {
  return Object.assign(new Error(`DNS timeout for ${name}`), { code: "ETIMEOUT" });
}
