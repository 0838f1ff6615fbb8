/** Walks two versions of a setting together and says of every change whether it permits more. */
import { canonical } from "#core/values/canonical-json.ts";
import { person } from "#policy/roles.ts";
import type { PolicyDocument } from "#policy/schema.ts";

/** Something the new file permits and the old one does not. */
export interface Relaxation {
  /** The path in the new file, such as `operations.refund.rules.small`. */
  readonly path: string;
  /** One sentence for the person who has to agree to it. */
  readonly words: string;
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

/** Permits more when it is smaller. */
export const lowerBound: Walk<number> = setting((before, after, { path }) =>
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
