/** What an exported page says of itself in lines or rows of a name and a value, as Notion writes them. */
import { Unreadable } from "./document.ts";

/** A name and its value. */
export type Property = readonly [name: string, value: string];

/** A longer value is text that readers should find, such as an answer; a shorter one says something about the page. */
const SHORT_CHARACTERS_MAX = 60;

/** The names that teams give to what a page says of itself, and the field each fills. */
const FIELDS: Readonly<Record<string, string>> = {
  audience: "audience",
  brand: "brand",
  language: "lang",
  lang: "lang",
  locale: "lang",
  owner: "owner",
  url: "url",
  "valid from": "valid_from",
  "valid until": "valid_until",
  expires: "valid_until",
  updated: "updated",
  "last edited time": "updated",
  "last edited": "updated",
};
const DAYS: ReadonlySet<string> = new Set(["valid_from", "valid_until", "updated"]);

/** The fields that properties fill, and the properties that are text. Throws `Unreadable` for a page that is no help page yet. */
export function fieldsOf(properties: readonly Property[]): {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly texts: readonly Property[];
} {
  const fields: Record<string, unknown> = {};
  const texts: Property[] = [];
  for (const [name, value] of properties) {
    const known = name.trim().toLowerCase();
    const said = value.trim();
    if (known === "status" && /^(?:draft|archived)$/i.test(said))
      throw new Unreadable(`its status is ${said.toLowerCase()}`);
    const field = FIELDS[known];
    if (field !== undefined && said !== "") fields[field] = valueOf(field, said);
    else if (said.length > SHORT_CHARACTERS_MAX) texts.push([name.trim(), said]);
  }
  return { fields, texts };
}

function valueOf(field: string, value: string): string {
  if (DAYS.has(field)) return dayIn(value) ?? value;
  return field === "audience" ? value.toLowerCase() : value;
}

/** "November 22, 2026 9:15 AM", "22 Nov 2026" or "2026/11/22" as a day; null for what is none. */
export function dayIn(text: string): string | null {
  const time = Date.parse(`${text.replace(/^@/, "").replaceAll("\u202F", " ").trim()} UTC`);
  return Number.isNaN(time) ? null : new Date(time).toISOString().slice(0, "2026-11-22".length);
}
