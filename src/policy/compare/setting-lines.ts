/** Writes each changed setting of a policy on a line. */
import { z } from "zod";
import type { PolicyChange } from "./setting.ts";
import { shortened } from "#core/values/words.ts";

const LENGTH_MAX = 200;

/** A list of named entries: rules, routes, groups on duty. */
const NamedList = z.array(z.looseObject({ name: z.string() })).min(1);
const Mapping = z.record(z.string(), z.unknown());

/** Every setting of these changes that differs, one line each: `caps.turn.steps: 12 → 20`. */
export function settingLines(changes: readonly PolicyChange[]): readonly string[] {
  return changes.flatMap(({ path, before, after }) => between(path, before, after));
}

function between(path: string, before: unknown, after: unknown): readonly string[] {
  if (inline(before) === inline(after)) return [];
  if (before === undefined) return [`${path}: new, ${shortened(inline(after), LENGTH_MAX)}`];
  if (after === undefined)
    return [`${path}: gone, it was ${shortened(inline(before), LENGTH_MAX)}`];
  const named = [NamedList.safeParse(before), NamedList.safeParse(after)] as const;
  if (named[0].success && named[1].success) return betweenNamed(path, named[0].data, named[1].data);
  if (Array.isArray(before) && Array.isArray(after)) return betweenLists(path, before, after);
  const maps = [Mapping.safeParse(before), Mapping.safeParse(after)] as const;
  if (maps[0].success && maps[1].success) return betweenMaps(path, maps[0].data, maps[1].data);
  return [
    `${path}: ${shortened(inline(before), LENGTH_MAX)} → ${shortened(inline(after), LENGTH_MAX)}`,
  ];
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
    ...(added.length > 0 ? [`added ${shortened(added.join(", "), LENGTH_MAX)}`] : []),
    ...(gone.length > 0 ? [`removed ${shortened(gone.join(", "), LENGTH_MAX)}`] : []),
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
