/** When two values of a system are the same. */

import { canonical } from "#core/values/canonical-json.ts";

/** A value that can be compared and sent: everything else has no meaning outside its record. */
export type Plain = string | number | boolean;

/** A value that can be sent, or null for lists, objects, nothing and numbers that cannot be told apart. */
export function plain(value: unknown): Plain | null {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  // Beyond this, two ids of a system are read as one number.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? null : value;
}

/**
 * True when two values are written the same: systems give an id as a number in one answer and as text in the next. Lists
 * and objects are never the same as anything, so that `["u1"]` does not pass for `u1`.
 */
export function isSame(one: unknown, other: unknown): boolean {
  const [first, second] = [plain(one), plain(other)];
  return first !== null && second !== null && String(first) === String(second);
}

/**
 * The same for any value of a record, lists and objects included. Amounts are written with and without their last zeros.
 */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (one === undefined || one === null) return other === undefined || other === null;
  if (isSame(one, other)) return true;
  const [first, second] = [decimal(one), decimal(other)];
  if (first !== null && second !== null) return first === second;
  return typeof one === "object" && canonical(one) === canonical(other ?? null);
}

/** "10.50" and 10.5 without the zeros at their end; null for what is no decimal number. */
function decimal(value: unknown): string | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^-?\d{1,15}\.\d{1,6}$|^-?\d{1,15}$/.test(text)) return null;
  // "007" is the name of something and no number.
  if (/^-?0\d/.test(text)) return null;
  return text.includes(".") ? text.replace(/(?:\.|(?<![.0]))0+$/, "") : text;
}

/**
 * True for the same address. Case is ignored for letters from A to Z alone: other letters have twins that become one
 * when they are made small, such as the sign for kelvin and the letter k.
 */
export function isSameAddress(one: unknown, address: string): boolean {
  return typeof one === "string" && smallLetters(one) === smallLetters(address);
}

/** Only the letters A to Z lose their case, since a database and JavaScript do not agree about others. */
export function smallLetters(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
