/** Finds out what became of a change whose answer was lost. */

import type { EffectLookup } from "#core/contracts/target.ts";
import type { FindRule, Value } from "./contract.ts";
import { type Change, isSent } from "./change.ts";
import { isSame, plain } from "./fields.ts";
import { prepareRequest } from "./http/prepare-request.ts";
import type { SystemPorts } from "./look-up.ts";
import { fieldAt } from "./request-values.ts";

/**
 * Asks the system by the declaration's rule. One record under our key, or one that shows what was asked, means done; none
 * means that it did not happen, so it may be tried again; several, or a system that cannot tell, need a person. Throws
 * `system.unavailable` for a system that cannot be asked.
 */
export async function findChange(
  ports: SystemPorts,
  change: Change,
  signal: AbortSignal,
): Promise<EffectLookup> {
  const { declaration, values } = change;
  const { find, connection } = declaration;
  if (find.by === "nothing") return unknowable(find.because);
  const prepared = prepareRequest(find.from.request, values);
  if (prepared.kind === "refused") return unknowable(prepared.reason);
  const answer = await ports.clientOf(connection).read(prepared.request, signal);
  // One record under a key that does not exist was never made. A list or a record that is gone says nothing.
  if (answer.kind === "absent" && find.by === "key" && !find.from.many) return { state: "absent" };
  const found = answer.kind === "found" ? listIn(find, answer.body) : null;
  if (found === null) return unknowable(`${connection.name} does not show where it would be`);
  return amongFound(find, found, change);
}

function amongFound(find: Findable, found: readonly unknown[], change: Change): EffectLookup {
  const { name } = change.declaration.connection;
  const fitting = found.filter((record) => fits(find, record, change));
  const [one, ...others] = fitting;
  if (one === undefined) return { state: "absent" };
  if (others.length > 0) return unknowable(`${fitting.length} records of ${name} look like it`);
  const narrowed = find.from.record.safeParse(one);
  const isAsked = narrowed.success && (find.by !== "key" || isAll(find.same ?? {}, one, change));
  const ref = isAsked ? plain(fieldAt(narrowed.data, find.ref)) : null;
  return ref === null || ref === ""
    ? unknowable(`the record of ${name} is not one that proves it`)
    : { state: "done", committed: { ref: String(ref), conversationKeys: [] } };
}

function unknowable(reason: string): EffectLookup {
  return { state: "unknowable", reason };
}

type Findable = Exclude<FindRule, { by: "nothing" }>;

function fits(find: Findable, record: unknown, change: Change): boolean {
  return find.by === "key"
    ? isSame(fieldAt(record, find.keyField), change.values.key)
    : isAll(find.shows, record, change);
}

function isAll(
  same: Readonly<Record<string, Value>>,
  record: unknown,
  { values }: Change,
): boolean {
  return Object.entries(same).every(([field, value]) =>
    isSent(fieldAt(record, field), value, values),
  );
}

/** The records to look at; null for an answer that has another shape. */
function listIn({ from }: Findable, body: unknown): readonly unknown[] | null {
  const found = fieldAt(body, from.at);
  if (from.many) return Array.isArray(found) ? found : null;
  return typeof found === "object" && found !== null && !Array.isArray(found) ? [found] : null;
}
