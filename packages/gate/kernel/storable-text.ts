/** What PostgreSQL can store of text and JSON. */
import { z } from "zod";
import { isRecord } from "./canonical-json.ts";

/** Whether JSON holds all of it, which it does not of a date or a set; what is undefined it leaves out. */
export function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  if (!isRecord(value))
    return value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return isPlain && Object.values(value).every((one) => one === undefined || isJson(one));
}

/** Any JSON; zod's own schema of it tries six kinds at every value. */
export const Json = z.custom<z.core.util.JSONType>(isJson);
export type Json = z.infer<typeof Json>;

/** U+FFFD, shown in place of a character that could not be stored. */
const REPLACEMENT = "\uFFFD";

/**
 * PostgreSQL stores neither NUL nor half of a surrogate pair, and refuses the whole statement. The message is kept
 * anyway: each gets the replacement character, as in browsers, so that no two words merge unnoticed.
 */
export function storable(text: string): string {
  return text.replaceAll("\0", REPLACEMENT).toWellFormed();
}

/** How JSON writes a character that cannot be stored; in a text about escapes also where there is none. */
const MAY_BE_UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** The same for every string and key of a JSON value; returns its text. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined || !MAY_BE_UNSTORABLE.test(text)) return text;
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "string") return storable(item);
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [storable(key), inner]));
  });
}

/** A JSON value as the database will give it back. */
export function asStored(value: unknown): Json {
  return Json.parse(JSON.parse(storableJson(value)));
}
