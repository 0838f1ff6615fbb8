/** Mail addresses in headers: the sender's, those of a list, and which of them are ours. */

import { headerValues, type Head } from "./headers.ts";

/** Who a mail says it is from. */
export type Sender =
  /** Exactly one From field with exactly one address in ASCII: the only form that can be verified or answered. */
  | { readonly kind: "single"; readonly address: string }
  | { readonly kind: "unclear"; readonly reason: string };

/** Of an address header; what is longer is cut, which only makes its last address unusable. */
const VALUE_LENGTH_MAX = 20_000;
/** Dot-atom local part and a host name; quoted local parts are legal (RFC 5321 section 4.1.2), but not in use. */
const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,10}[A-Za-z0-9-]{1,63}$/;

/** Some readers end a value or a line at these, others read on. */
// oxlint-disable-next-line no-control-regex -- these are the characters it is about
const UNREADABLE = /[\u0000-\u0008\u000a-\u001f\u007f]/;
/** An encoded word (RFC 2047) must not stand in an address; some programs decode it all the same. */
const ENCODED_WORD = /=\?[^?]*\?[bq]\?/i;

/** Reads the sender; two From fields, two addresses or letters beyond ASCII make it unclear, since readers disagree. */
export function namedSender(head: Head): Sender {
  const values = headerValues(head, "from");
  const [value] = values;
  if (value === undefined) return { kind: "unclear", reason: "the mail names no sender" };
  if (values.length > 1)
    return { kind: "unclear", reason: "the mail has more than one From header" };
  if (UNREADABLE.test(value))
    return { kind: "unclear", reason: "the From header has control characters in it" };
  const [named, ...others] = specsIn(value);
  if (named === undefined || others.length > 0)
    return { kind: "unclear", reason: "the From header does not name exactly one address" };
  if (isGroup(value)) return { kind: "unclear", reason: "the From header names a group" };
  const address = plainAddress(named);
  if (address === null)
    return { kind: "unclear", reason: "the From address is not a plain ASCII address" };
  return { kind: "single", address };
}

/** The address of the one sender it names; null where that is unclear. */
export function senderAddress(head: Head): string | null {
  const sender = namedSender(head);
  return sender.kind === "single" ? sender.address : null;
}

/** The address in lower case when it is a plain ASCII one, else null. */
export function plainAddress(text: string): string | null {
  return text.length <= 254 && ADDRESS.test(text) && !ENCODED_WORD.test(text)
    ? text.toLowerCase()
    : null;
}

/** The address of a value that names exactly one and a plain one, else null. */
export function onlyAddressIn(value: string): string | null {
  const [named, ...others] = specsIn(value);
  return named === undefined || others.length > 0 ? null : plainAddress(named);
}

/** The plain addresses of a list, in lower case; what is none is left out. */
export function plainAddresses(value: string): readonly string[] {
  return specsIn(value).flatMap((spec) => plainAddress(spec) ?? []);
}

/** Whatever in a value has the form of an address, in lower case: for fields that programs write in forms of their own. */
export function addressesIn(value: string): readonly string[] {
  const found = value
    .slice(0, 4_000)
    .toLowerCase()
    .match(/[^\s<>,;:"()@]{1,80}@[\w.-]{1,253}/g);
  return found ?? [];
}

/** The host part of a plain address. */
export function addressDomain(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

/**
 * The addresses of a list (RFC 5322 section 3.4), as they are written. A comma inside a display name that should have
 * been quoted does not start a new entry, as long as what stands before it holds no address.
 */
function specsIn(value: string): readonly string[] {
  return addressEntries(value.slice(0, VALUE_LENGTH_MAX))
    .filter(({ angle, text }) => angle !== null || text.includes("@"))
    .map(({ angle, text }) => (angle ?? text).trim());
}

/** A group (RFC 6854) has a colon behind its name; some readers show the name alone, others the members. */
function isGroup(value: string): boolean {
  return addressEntries(value.slice(0, VALUE_LENGTH_MAX)).some(({ colon }) => colon);
}

interface ReaderState {
  /** Everything outside angle brackets and comments; quotes removed. */
  text: string;
  angle: string | null;
  /** A colon stands outside quotes, brackets and comments. */
  colon: boolean;
  inAngle: boolean;
  inQuote: boolean;
  commentDepth: number;
}

/** One pass over the characters, so that no input can make it slow. */
function addressEntries(
  value: string,
): readonly Readonly<Pick<ReaderState, "text" | "angle" | "colon">>[] {
  const entries: ReaderState[] = [];
  let state = emptyState();
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    if (separates(state, character)) {
      entries.push(state);
      state = emptyState();
    } else if (character === "\\" && (state.inQuote || state.commentDepth > 0)) {
      at += 1;
      if (state.inQuote) state.text += value.charAt(at);
    } else readCharacter(state, character);
  }
  if (state.text.trim() !== "" || state.angle !== null) entries.push(state);
  return entries;
}

/** Commas part entries, semicolons end groups (RFC 6854); inside quotes, brackets and comments they are text. */
function separates({ inQuote, inAngle, commentDepth }: ReaderState, character: string): boolean {
  return (character === "," || character === ";") && !inQuote && !inAngle && commentDepth === 0;
}

function emptyState(): ReaderState {
  return { text: "", angle: null, colon: false, inAngle: false, inQuote: false, commentDepth: 0 };
}

function readCharacter(state: ReaderState, character: string): void {
  if (state.commentDepth > 0) {
    if (character === "(") state.commentDepth += 1;
    if (character === ")") state.commentDepth -= 1;
  } else if (character === '"' && !state.inAngle) state.inQuote = !state.inQuote;
  else if (state.inQuote) state.text += character;
  else takePlain(state, character);
}

function takePlain(state: ReaderState, character: string): void {
  if (character === "(") state.commentDepth = 1;
  else if (character === "<") {
    // A second bracket in one entry joins the first, so the result is no plain address and the sender is unclear.
    state.angle = state.angle === null ? "" : `${state.angle}<`;
    state.inAngle = true;
  } else if (character === ">") state.inAngle = false;
  else if (state.inAngle) state.angle = `${state.angle ?? ""}${character}`;
  else {
    if (character === ":") state.colon = true;
    state.text += character;
  }
}

/** One inbox of ours with all the addresses under which mail reaches it, in lower case; its own comes first. */
export interface OwnInbox {
  readonly names: readonly [string, ...(readonly string[])];
  /** False where the provider does not deliver mail to `name+anything@`. */
  readonly plusAddressing: boolean;
  /** The name its mail is shown under; the address alone when absent. */
  readonly displayName?: string | undefined;
}

/** The inbox of ours with this address. */
export function inboxAt(address: string, inboxes: readonly OwnInbox[]): OwnInbox | undefined {
  return inboxes.find(({ names }) => names.includes(address));
}

/** Where servers write to whom they delivered; only above the first Received, since the rest was there before. */
const ENVELOPE_FIELDS = ["x-original-to", "envelope-to", "delivered-to"];

/**
 * Which address of this inbox a mail was written to, for its answer to come from there. To and Cc say it unless they name
 * none or several; then what the server noted decides. It is always one of ours, never one a sender chooses.
 */
export function addressedInbox(head: Head, { names }: OwnInbox): string {
  const written = ownAddressesIn(headerValues(head, "to", "cc"), names);
  const [first, ...others] = written;
  if (first !== undefined && others.length === 0) return first;
  const received = head.fields.findIndex(({ name }) => name === "received");
  const ours = { ...head, fields: head.fields.slice(0, received === -1 ? undefined : received) };
  const delivered = ownAddressesIn(headerValues(ours, ...ENVELOPE_FIELDS), names);
  return (
    delivered.find((name) => first === undefined || written.includes(name)) ?? first ?? names[0]
  );
}

/** The names that these address headers hold, with a plus part or without, each once. */
export function ownAddressesIn(
  values: readonly string[],
  names: readonly string[],
): readonly string[] {
  const found = values
    .flatMap((value) => plainAddresses(value))
    .flatMap(
      (address) => [address, withoutPlus(address)].find((name) => names.includes(name)) ?? [],
    );
  return [...new Set(found)];
}

function withoutPlus(address: string): string {
  return address.replace(/^([^+]*)\+[^@]*@/, "$1@");
}
