/** The secrets an installation makes for itself, and their generations. */
import { ADVISORY_LOCKS } from "./advisory-locks.ts";
import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "./drizzle.ts";
import { z } from "zod";
import type { Clock } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Keys, SigningKeys } from "#core/connection/signing-keys.ts";
import { rowsOf, type Store, type Transaction } from "./database.ts";
import { noticeSql } from "./notices.ts";
import { readSetting, writeSetting } from "./settings.ts";

/** The first generation. A version of Deskhand that knows no other goes on with it. */
const FirstSecrets = z.strictObject({
  chatIdentity: z.string(),
  mail: z.string(),
  canary: z.string(),
  audit: z.string(),
  instance: z.string(),
});
type FirstSecrets = z.infer<typeof FirstSecrets>;

/** Where the first generation is kept, and where the later ones are. */
const FIRST = "secrets";
const LATER = "secrets.generations";

/** A secret of the installation that can be changed. `instance` is no secret: it only tells installations apart. */
export const SecretName = z.enum(["chatIdentity", "mail", "canary", "audit"]);
export type SecretName = z.infer<typeof SecretName>;

/** One later generation of a secret. */
const Generation = z.strictObject({
  value: z.string(),
  madeAt: z.iso.datetime(),
  /** From when on it is signed with. It is accepted at once, so that every process knows it before its first use. */
  usedFrom: z.iso.datetime(),
  /** Until when the generation before it is accepted; null without an end. */
  formerUntil: z.iso.datetime().nullable(),
});
type Generation = z.infer<typeof Generation>;

const Later = z.strictObject({
  /** When the first generation was made; null where that was before this was noted. */
  firstAt: z.iso.datetime().nullable(),
  generations: z.partialRecord(SecretName, z.array(Generation)),
});
type Later = z.infer<typeof Later>;

/** Everything known about the secrets at one moment. */
export interface KnownSecrets {
  readonly first: FirstSecrets;
  readonly later: Later;
}

/** The secrets as the parts of the program use them. */
export interface InstallationSecrets extends Readonly<Record<SecretName, Keys>> {
  readonly instance: string;
}

/**
 * How long after the change a new generation is used. Every process asks for changes more often than this, so none meets
 * what it does not know.
 */
export const USED_AFTER_MS = 60_000;

/** Reads the secrets of this installation, and makes them at its first start. */
export function readSecrets(store: Store): Promise<KnownSecrets> {
  return store.run(async (transaction) => {
    const known = await secretsIn(transaction);
    if (known !== null) return known;
    await lock(transaction);
    return (await secretsIn(transaction)) ?? makeSecrets(transaction);
  });
}

/** The secrets in the database; null where Deskhand never ran. */
export async function secretsIn(transaction: Transaction): Promise<KnownSecrets | null> {
  const first = await readSetting(transaction, FIRST, FirstSecrets);
  if (first === null) return null;
  const later = await readSetting(transaction, LATER, Later);
  return { first, later: later ?? { firstAt: null, generations: {} } };
}

async function makeSecrets(transaction: Transaction): Promise<KnownSecrets> {
  const make = (): string => randomBytes(32).toString("base64url");
  const first = {
    chatIdentity: make(),
    mail: make(),
    canary: make(),
    audit: make(),
    instance: randomUUID(),
  };
  const later = { firstAt: (await timeOf(transaction)).toISOString(), generations: {} };
  await writeSetting(transaction, FIRST, first);
  await writeSetting(transaction, LATER, later);
  return { first, later };
}

/** The secrets as they are now, for a command or another short-lived user; they follow no later change. */
export async function installationSecrets(
  store: Store,
  clock: Clock,
): Promise<InstallationSecrets> {
  const known = await readSecrets(store);
  return secretsFrom(() => known, clock);
}

/** The secrets as the parts use them; `known` is asked at each use. */
export function secretsFrom(known: () => KnownSecrets, clock: Clock): InstallationSecrets {
  const keys = (name: SecretName): SigningKeys => ({
    current: () => keyFor(generationsOf(known(), name), clock.now()),
    at: (moment) => keyFor(generationsOf(known(), name), moment),
    accepted: () =>
      generationsOf(known(), name)
        .filter(({ acceptedUntil }) => acceptedUntil === null || acceptedUntil > clock.now())
        .map(({ value }) => value)
        .toReversed(),
  });
  return {
    chatIdentity: keys("chatIdentity"),
    mail: keys("mail"),
    canary: keys("canary"),
    audit: keys("audit"),
    instance: known().first.instance,
  };
}

/** Every key the audit's names of people were ever made with, as the database has them at this moment. */
export async function auditKeysIn(transaction: Transaction): Promise<readonly string[]> {
  const known = await secretsIn(transaction);
  return known === null ? [] : generationsOf(known, "audit").map(({ value }) => value);
}

/** A generation of a secret, with the times between which it counts. */
interface CountingGeneration {
  readonly value: string;
  readonly madeAt: Date | null;
  readonly usedFrom: Date | null;
  readonly acceptedUntil: Date | null;
}

/** Every generation that is kept, the oldest first. */
function generationsOf(
  { first, later }: KnownSecrets,
  name: SecretName,
): readonly CountingGeneration[] {
  const more = later.generations[name] ?? [];
  const untilOf = (index: number): Date | null => dateOf(more[index]?.formerUntil ?? null);
  return [
    {
      value: first[name],
      madeAt: dateOf(later.firstAt),
      usedFrom: null,
      acceptedUntil: untilOf(0),
    },
    ...more.map(({ value, madeAt, usedFrom }, index) => ({
      value,
      madeAt: dateOf(madeAt),
      usedFrom: dateOf(usedFrom),
      acceptedUntil: untilOf(index + 1),
    })),
  ];
}

function keyFor(generations: readonly CountingGeneration[], moment: Date): string {
  const found = generations.findLast(({ usedFrom }) => usedFrom === null || usedFrom <= moment);
  return found?.value ?? "";
}

/** What may be said about a secret; its value is no part of it. */
export interface SecretFacts {
  readonly name: SecretName;
  /** 1 for the one made at the first start. */
  readonly generation: number;
  /** Null where it was made before this was noted. */
  readonly madeAt: Date | null;
  /** From when on it is signed with; null for one that always was. */
  readonly usedFrom: Date | null;
  /** Until when the generation before it is accepted; null without an end, or where there is none. */
  readonly formerUntil: Date | null;
}

/** What may be said about every secret. */
export function secretFacts(known: KnownSecrets): readonly SecretFacts[] {
  return SecretName.options.map((name) => {
    const all = generationsOf(known, name);
    const newest = all.at(-1);
    return {
      name,
      generation: all.length,
      madeAt: newest?.madeAt ?? null,
      usedFrom: newest?.usedFrom ?? null,
      formerUntil: all.at(-2)?.acceptedUntil ?? null,
    };
  });
}

/**
 * Writes a new generation of a secret; every process hears of it when this commits. The one before it is accepted for
 * `acceptMs` after the new one is used, or without an end. Throws `input.invalid` while the change before is not in use
 * everywhere.
 */
export async function addGeneration(
  transaction: Transaction,
  name: SecretName,
  acceptMs: number | null,
): Promise<SecretFacts> {
  await lock(transaction);
  const known = await secretsIn(transaction);
  if (known === null)
    throw new DeskhandError(
      "input.invalid",
      "there are no secrets here yet; Deskhand makes them at its first start",
    );
  const now = await timeOf(transaction);
  const before = known.later.generations[name] ?? [];
  const last = before.at(-1);
  if (last !== undefined && Date.parse(last.usedFrom) > now.getTime())
    throw new DeskhandError(
      "input.invalid",
      `it was changed at ${last.madeAt} and is used from ${last.usedFrom} on; change it again after that`,
    );
  const usedFrom = new Date(now.getTime() + USED_AFTER_MS);
  const made: Generation = {
    value: randomBytes(32).toString("base64url"),
    madeAt: now.toISOString(),
    usedFrom: usedFrom.toISOString(),
    formerUntil: acceptMs === null ? null : new Date(usedFrom.getTime() + acceptMs).toISOString(),
  };
  const later: Later = {
    ...known.later,
    generations: { ...known.later.generations, [name]: [...before, made] },
  };
  await writeSetting(transaction, LATER, later);
  await transaction.execute(sql.raw(`select ${noticeSql("secrets", `'${name}'`)}`));
  const facts = secretFacts({ ...known, later }).find((one) => one.name === name);
  if (facts === undefined) throw new Error(`no facts about ${name}`);
  return facts;
}

/** The processes of an installation go by the database's clock. */
async function timeOf(transaction: Transaction): Promise<Date> {
  const [row] = await rowsOf(transaction, z.object({ now: z.coerce.date() }), sql`select now()`);
  if (row === undefined) throw new Error("the database did not say its time");
  return row.now;
}

async function lock(transaction: Transaction): Promise<void> {
  await transaction.execute(
    sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.installationSecrets})`,
  );
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
