/** Walks two versions of a setting together and says of every change whether it permits more. */

import { canonical } from "#core/values/canonical-json.ts";
import { person } from "#policy/roles.ts";
import type { PolicyDocument } from "#policy/schema.ts";
import { z } from "zod";

/** Something the new file permits and the old one does not. */
export interface Relaxation {
  /** The path in the new file, such as `operations.refund.rules.small`. */
  readonly path: string;
  /** One sentence for the person who has to agree to it. */
  readonly words: string;
  /** The lead who loses the role by it, and so has no vote on it. */
  readonly leaves?: string;
}

/** A setting that the two files give different values. */
export interface PolicyChange {
  readonly path: string;
  /** Undefined where the file does not have the setting. */
  readonly before: unknown;
  readonly after: unknown;
  /** Text that customers read unasked loosens in both directions, and so does what cannot be compared. */
  readonly effect: "loosens" | "tightens" | "neutral";
  /** Every kind of case in which the new value permits more; empty unless it loosens. */
  readonly cases: readonly Relaxation[];
}

/** The place of the walk, with both documents for settings whose effect depends on others. */
export interface Place {
  readonly keys: readonly string[];
  readonly path: string;
  readonly before: PolicyDocument;
  readonly after: PolicyDocument;
}

/** The changes between two values of a setting. */
export type Walk<Value> = (before: Value, after: Value, at: Place) => readonly PolicyChange[];

/** Everything in which `after` permits more than `before`. */
type Permits<Value> = (before: Value, after: Value, at: Place) => readonly Relaxation[];

/** A setting that is judged as a whole: it tightens when the change back permits more. */
export function setting<Value>(permits: Permits<Value>): Walk<Value> {
  return (before, after, at) => {
    if (canonical([before ?? null]) === canonical([after ?? null])) return [];
    const cases = permits(before, after, at);
    const back = { ...at, before: at.after, after: at.before };
    const effect =
      cases.length > 0
        ? "loosens"
        : permits(after, before, back).length > 0
          ? "tightens"
          : "neutral";
    return [{ path: at.path, before, after, effect, cases }];
  };
}

/** A setting with fixed fields. A field without a walk does not compile. */
export function fields<Value extends object>(
  // Inferred from these walks, the value would have only the fields that have one.
  walks: NoInfer<{ readonly [Key in keyof Value]-?: Walk<Value[Key]> }>,
): Walk<Value> {
  return (before, after, at) => {
    const changes: PolicyChange[] = [];
    for (const key in walks) changes.push(...walks[key](before[key], after[key], within(at, key)));
    return changes;
  };
}

type Named<Value> = { readonly [name: string]: Value | undefined } | undefined;

/** A setting with entries by name; an entry that one file lacks is undefined there. */
export function each<Value>(walk: Walk<Value | undefined>): Walk<Named<Value>> {
  const own = (map: Named<Value>, name: string): Value | undefined =>
    map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
  return (before, after, at) =>
    [...new Set([before, after].flatMap((map) => Object.keys(map ?? {})))].flatMap((name) =>
      walk(own(before, name), own(after, name), within(at, name)),
    );
}

/** For entries whose coming and going shows in another setting: only a changed one is walked. */
export function changedEntry<Value>(walk: Walk<Value>): Walk<Value | undefined> {
  const comesOrGoes = setting<Value | undefined>(() => []);
  return (before, after, at) =>
    before === undefined || after === undefined
      ? comesOrGoes(before, after, at)
      : walk(before, after, at);
}

function within(at: Place, key: string): Place {
  const keys = [...at.keys, key];
  return { ...at, keys, path: keys.join(".") };
}

/** No permission: opening hours, holidays, duty, reminders, routes. */
export const noPermission: Walk<unknown> = setting(() => []);

type Bound = number | undefined;

/** Permits more when it is larger; a bound that is left out is none. */
export const upperBound: Walk<Bound> = setting((before = Infinity, after = Infinity, { path }) =>
  after > before ? [{ path, words: `is ${bound(after)} instead of ${bound(before)}` }] : [],
);

/** Permits more when it is smaller; a bound that is left out is none. */
export const lowerBound: Walk<Bound> = setting((before = 0, after = 0, { path }) =>
  after < before ? [{ path, words: `is ${after} instead of ${before}` }] : [],
);

function bound(value: number): string {
  return value === Infinity ? "without a bound" : String(value);
}

/** Permits more whenever it changes. */
export function anyChange(words: (before: string, after: string) => string): Walk<string> {
  return setting((before, after, { path }) =>
    before === after ? [] : [{ path, words: words(before, after) }],
  );
}

/** A list in which a new entry permits more. */
export function additions(words: (entry: string) => string): Walk<readonly string[]> {
  return setting((before, after, { path }) =>
    missingFrom(before, after).map((entry) => ({ path, words: words(entry) })),
  );
}

/** A list in which an entry that is gone permits more. */
export function removals(words: (entry: string) => string): Walk<readonly string[] | undefined> {
  return setting((before = [], after = [], { path }) =>
    missingFrom(after, before).map((entry) => ({ path, words: words(entry) })),
  );
}

/** The entries of `list` that `other` lacks, compared without case. */
export function missingFrom(other: readonly string[], list: readonly string[]): readonly string[] {
  const known = new Set(other.map(person));
  return list.filter((entry) => !known.has(person(entry)));
}

// Writes each changed setting of a policy on a line.

/** A list of named entries: rules, routes, groups on duty. */
const NamedList = z.array(z.looseObject({ name: z.string() })).min(1);
const Mapping = z.record(z.string(), z.unknown());

/** Every setting of these changes that differs, one line each and to its end, as people agree to it: `caps.turn.steps: 12 → 20`. */
export function settingLines(changes: readonly PolicyChange[]): readonly string[] {
  return changes.flatMap(({ path, before, after }) => between(path, before, after));
}

function between(path: string, before: unknown, after: unknown): readonly string[] {
  if (inline(before) === inline(after)) return [];
  if (before === undefined) return [`${path}: new, ${inline(after)}`];
  if (after === undefined) return [`${path}: gone, it was ${inline(before)}`];
  const named = [NamedList.safeParse(before), NamedList.safeParse(after)] as const;
  if (named[0].success && named[1].success) return betweenNamed(path, named[0].data, named[1].data);
  if (Array.isArray(before) && Array.isArray(after)) return betweenLists(path, before, after);
  const maps = [Mapping.safeParse(before), Mapping.safeParse(after)] as const;
  if (maps[0].success && maps[1].success) return betweenMaps(path, maps[0].data, maps[1].data);
  return [`${path}: ${inline(before)} → ${inline(after)}`];
}

function betweenMaps(
  path: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => between(`${path}.${key}`, own(before, key), own(after, key)));
}

function own(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Entries are compared by name; a changed order is reported as well, since the first rule that matches decides. */
function betweenNamed(
  path: string,
  before: z.infer<typeof NamedList>,
  after: z.infer<typeof NamedList>,
): readonly string[] {
  const byName = (list: typeof before) =>
    Object.fromEntries(list.map(({ name, ...entry }) => [name, entry]));
  const shared = (list: typeof before, other: typeof before): string =>
    list
      .map(({ name }) => name)
      .filter((name) => other.some((one) => one.name === name))
      .join(", ");
  const [orderBefore, orderAfter] = [shared(before, after), shared(after, before)];
  return [
    ...betweenMaps(path, byName(before), byName(after)),
    ...(orderBefore === orderAfter
      ? []
      : [`${path}: in another order, ${orderBefore} → ${orderAfter}`]),
  ];
}

function betweenLists(
  path: string,
  before: readonly unknown[],
  after: readonly unknown[],
): readonly string[] {
  const [old, now] = [before.map(inline), after.map(inline)];
  const added = now.filter((one) => !old.includes(one));
  const gone = old.filter((one) => !now.includes(one));
  const parts = [
    ...(added.length > 0 ? [`added ${added.join(", ")}`] : []),
    ...(gone.length > 0 ? [`removed ${gone.join(", ")}`] : []),
  ];
  return [`${path}: ${parts.length > 0 ? parts.join("; ") : "in another order"}`];
}

/** A value as it could be written in the file, on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  const map = Mapping.safeParse(value);
  if (map.success) {
    const parts = Object.entries(map.data)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => `${key}: ${inline(one)}`);
    return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
  }
  if (typeof value === "string")
    return /^[\w@][\w@ .:/-]*$/.test(value) ? value : JSON.stringify(value);
  return String(value);
}
