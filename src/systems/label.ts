/** The line on the card: what would be done, with the values it would be done with. */

import { fieldAt } from "./request-values.ts";
import { plain } from "./fields.ts";
import { oneLine } from "#core/values/words.ts";

const VALUE_CHARACTERS_MAX = 200;

/** The places of a label, without their brackets: `id`, `input.amount`. */
export function placesIn(label: string): readonly string[] {
  return [...label.matchAll(/\{([^{}]+)\}/g)].map(([, place]) => place ?? "");
}

/**
 * Fills in a label. Each value stands on one line and is cut where it is long, so that text of a customer cannot look like
 * another line of the card; what is not there is called "none".
 */
export function labelOf(
  label: string,
  values: { readonly record: unknown; readonly input: Readonly<Record<string, unknown>> },
): string {
  return label.replaceAll(/\{([^{}]+)\}/g, (_, place: string) =>
    shown(fieldAtPlace(place, values)),
  );
}

/** The value at a place: `input.amount` of the input, everything else of the record. */
export function fieldAtPlace(
  place: string,
  {
    record,
    input,
  }: { readonly record: unknown; readonly input: Readonly<Record<string, unknown>> },
): unknown {
  return place.startsWith("input.")
    ? fieldAt(input, place.slice("input.".length))
    : fieldAt(record, place);
}

function shown(value: unknown): string {
  const text = Array.isArray(value) ? value.map(textOf).join(", ") : textOf(value);
  const line = oneLine(text);
  if (line === "") return "none";
  return line.length > VALUE_CHARACTERS_MAX ? `${line.slice(0, VALUE_CHARACTERS_MAX)}…` : line;
}

function textOf(value: unknown): string {
  const one = plain(value);
  return one === null ? "" : String(one);
}
