/** The secrets an installation makes for itself, and their generations. */
import { takeLock } from "./advisory-locks.ts";
import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Clock } from "#core/contracts/ports.ts";
import { invalidInput } from "#core/values/errors.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import { databaseTime, type Store, type Transaction } from "./database.ts";
import { storedSetting } from "./settings.ts";

/** The first generation. A version of Deskhand that knows no other goes on with it. */
const FirstSecrets = z.strictObject({
  chatIdentity: z.string(),
  mail: z.string(),
  canary: z.string(),
  audit: z.string(),
  instance: z.string(),
});
type FirstSecrets = z.infer<typeof FirstSecrets>;

/** A secret of the installation that can be changed. `instance` is no secret: it only tells installations apart. */
export const SecretName = z.enum(["chatIdentity", "mail", "canary", "audit"]);
export type SecretName = z.infer<typeof SecretName>;

/** One later generation of a secret; every process signs with the newest that was there when it started. */
const Generation = z.object({
  value: z.string(),
  madeAt: z.iso.datetime(),
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

/** Where the first generation is kept, and where the later ones are. */
const FIRST = storedSetting("secrets", FirstSecrets);
const LATER = storedSetting("secrets.generations", Later);

/** Everything known about the secrets at one moment. */
export interface KnownSecrets {
  readonly first: FirstSecrets;
  readonly later: Later;
}

/** The secrets as the parts of the program use them. */
export interface InstallationSecrets extends Readonly<Record<SecretName, Keys>> {
  readonly instance: string;
}

/** Reads the secrets of this installation, and makes them at its first start. */
function readSecrets(store: Store): Promise<KnownSecrets> {
  return store.run(async (transaction) => {
    const known = await secretsIn(transaction);
    if (known !== null) return known;
    await takeLock(transaction, "installationSecrets");
    return (await secretsIn(transaction)) ?? makeSecrets(transaction);
  });
}

/** The secrets in the database; null where Deskhand never ran. */
export async function secretsIn(transaction: Transaction): Promise<KnownSecrets | null> {
  const first = await FIRST.read(transaction);
  if (first === null) return null;
  const later = await LATER.read(transaction);
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
  const later = { firstAt: (await databaseTime(transaction)).toISOString(), generations: {} };
  await FIRST.write(transaction, first);
  await LATER.write(transaction, later);
  return { first, later };
}

/** The secrets as they are now: a process asks once, and takes a later change at its next start. */
export async function installationSecrets(
  store: Store,
  clock: Clock,
): Promise<InstallationSecrets> {
  const known = await readSecrets(store);
  const keys = (name: SecretName): Keys => {
    const all = secretGenerations(known, name);
    const before = all
      .slice(0, -1)
      .filter(({ acceptedUntil }) => acceptedUntil === null || acceptedUntil > clock.now());
    return [all.at(-1)?.value ?? "", ...before.map(({ value }) => value).toReversed()];
  };
  return {
    chatIdentity: keys("chatIdentity"),
    mail: keys("mail"),
    canary: keys("canary"),
    audit: keys("audit"),
    instance: known.first.instance,
  };
}

/** Every key the audit's names of people were ever made with, as the database has them at this moment. */
export async function auditKeysIn(transaction: Transaction): Promise<readonly string[]> {
  const known = await secretsIn(transaction);
  return known === null ? [] : secretGenerations(known, "audit").map(({ value }) => value);
}

/** The changes of the audit's key, the oldest first: the key that was made, and when, as an ISO time. */
export async function auditKeyChanges(transaction: Transaction) {
  const known = await secretsIn(transaction);
  return (known?.later.generations.audit ?? []).map(({ value, madeAt }) => ({ value, madeAt }));
}

/**
 * Adds the generations that a later state of this installation's database had, so that what was made with them is
 * known, and no secret that was changed is the current one again. Those of another installation are left out.
 */
export async function keepGenerations(
  transaction: Transaction,
  later: KnownSecrets | null,
): Promise<void> {
  const known = await secretsIn(transaction);
  if (known === null || later?.first.instance !== known.first.instance) return;
  const generations = SecretName.options.map((name) => {
    const both = [known, later].flatMap((one) => one.later.generations[name] ?? []);
    const each = [...new Map(both.map((one) => [one.value, one])).values()];
    return [name, each.toSorted((a, b) => (a.madeAt < b.madeAt ? -1 : 1))] as const;
  });
  await LATER.write(transaction, {
    ...known.later,
    generations: Later.shape.generations.parse(Object.fromEntries(generations)),
  });
}

/** Every generation that is kept, with the times between which it counts, the oldest first. */
function secretGenerations({ first, later }: KnownSecrets, name: SecretName) {
  const more = later.generations[name] ?? [];
  const acceptanceEnd = (index: number): Date | null =>
    dateOrNull(more[index]?.formerUntil ?? null);
  return [
    {
      value: first[name],
      madeAt: dateOrNull(later.firstAt),
      acceptedUntil: acceptanceEnd(0),
    },
    ...more.map(({ value, madeAt }, index) => ({
      value,
      madeAt: dateOrNull(madeAt),
      acceptedUntil: acceptanceEnd(index + 1),
    })),
  ];
}

/** What may be said about a secret; its value is no part of it. */
export type SecretFacts = ReturnType<typeof factsAbout>;

/** What may be said about every secret. */
export function secretFacts(known: KnownSecrets): readonly SecretFacts[] {
  return SecretName.options.map((name) => factsAbout(known, name));
}

function factsAbout(known: KnownSecrets, name: SecretName) {
  const all = secretGenerations(known, name);
  return {
    name,
    /** 1 for the one made at the first start. */
    generation: all.length,
    /** Null where it was made before this was noted. */
    madeAt: all.at(-1)?.madeAt ?? null,
    /** Until when the generation before it is accepted; null without an end, or where there is none. */
    formerUntil: all.at(-2)?.acceptedUntil ?? null,
  };
}

/**
 * Writes a new generation of a secret; each process takes it at its next start. The one before it is accepted for
 * `acceptMs`, or without an end. Throws `input.invalid` where Deskhand has never run.
 */
export async function addGeneration(
  transaction: Transaction,
  name: SecretName,
  acceptMs: number | null,
): Promise<SecretFacts> {
  await takeLock(transaction, "installationSecrets");
  const known = await secretsIn(transaction);
  if (known === null)
    throw invalidInput("there are no secrets here yet; Deskhand makes them at its first start");
  const now = await databaseTime(transaction);
  const before = known.later.generations[name] ?? [];
  const made: Generation = {
    value: randomBytes(32).toString("base64url"),
    madeAt: now.toISOString(),
    formerUntil: acceptMs === null ? null : new Date(now.getTime() + acceptMs).toISOString(),
  };
  const later: Later = {
    ...known.later,
    generations: { ...known.later.generations, [name]: [...before, made] },
  };
  await LATER.write(transaction, later);
  return factsAbout({ ...known, later }, name);
}

function dateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
