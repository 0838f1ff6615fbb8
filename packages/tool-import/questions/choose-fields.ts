/** Chooses the few fields of a record that answers to customers need: what it is, its state, its money, its dates. */
import type { FieldDescription } from "#importing/description.ts";

/** More than this is a record and no answer. */
const FIELDS_MAX = 10;

const WANTED: readonly (readonly [RegExp, number])[] = [
  [
    /^(?:id|uuid|gid)$|(?:order|invoice|payment|refund|capture|shipment|label|ticket|contact|customer|credit_note)_?(?:id|number)$/,
    9,
  ],
  [/(?:^|_)(?:number|display_id|reference)$/, 8],
  [/(?:^|_)(?:status|state|status_description)$/, 10],
  [/(?:^|_)(?:amount|total|paid|refunded|amount_due|amount_captured|value)$/, 8],
  [/(?:^|_)currency(?:_code|_id)?$/, 7],
  [
    /(?:^|_)(?:due_date|date|created|created_at|updated_at|create_time|update_time|paid_at|shipped_at|delivered_at|completed_at|canceled_at|estimated_delivery_date|actual_delivery_date|ship_date)$/,
    6,
  ],
  [/(?:^|_)(?:tracking_number|tracking_code|carrier|carrier_code|title|subject|name)$/, 5],
  // What customers call it by; without it no model can tell one payment from another.
  [/^(?:description|item|item_name|product_name)$/, 6],
  [/(?:^|_)(?:email|email_address)$/, 4],
];

/** An amount in the smallest unit is one all the same. */
const UNIT = /_(?:in_)?(?:cents?|minor(?:_units?)?)$/;

/** Paths of the chosen fields, plain ones only, at most two levels deep. */
export function chosenFields(record: FieldDescription): readonly string[] {
  return candidates(record, "", 2)
    .map(({ path, field, depth }, at) => ({ path, at, weight: fieldWeight(field, depth) }))
    .filter(({ weight }) => weight > 0)
    .sort((left, right) => right.weight - left.weight || left.at - right.at)
    .slice(0, FIELDS_MAX)
    .sort((left, right) => left.at - right.at)
    .map(({ path }) => path);
}

function candidates(
  record: FieldDescription,
  above: string,
  depth: number,
): readonly { readonly path: string; readonly field: FieldDescription; readonly depth: number }[] {
  return record.fields.flatMap((field) => {
    const path = above === "" ? field.name : `${above}.${field.name}`;
    if (field.type === "object") return depth > 1 ? candidates(field, path, depth - 1) : [];
    return ["list", "map", "any"].includes(field.type) ? [] : [{ path, field, depth }];
  });
}

function fieldWeight({ name, required }: FieldDescription, depth: number): number {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(UNIT, "");
  const weight = Math.max(0, ...WANTED.map(([form, points]) => (form.test(words) ? points : 0)));
  return weight === 0 ? 0 : weight * 2 + (required ? 1 : 0) - (depth > 1 ? 0 : 6);
}
