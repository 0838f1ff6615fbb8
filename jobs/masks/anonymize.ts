/** Removes personal data from texts of a conversation that are kept beyond it. */

import { ChangeAddressArguments } from "#core/values/action.ts";
import { mask } from "#guard/mask-secrets.ts";
import type { Message } from "#core/values/message.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { literally } from "#core/values/words.ts";
import { maskAddresses } from "./addresses.ts";
import { maskNames } from "./names.ts";
import { maskExact, maskNumbers } from "./numbers.ts";

/** What a conversation says of its customer: names in messages and cards, addresses in actions. */
export interface KnownPerson {
  readonly messages: readonly Message[];
  readonly cards?: readonly Approval[];
  readonly effects?: readonly Effect[];
  /** Further names that are known, such as from the shop's records. */
  readonly names?: readonly string[];
}

const EMAIL = /(?:(?<![\w.+-])[\w.+-]+|[\w.+-]{1,64})@[\w-]+(?:\.[\w-]+)+/g;

/** Nine digits and more; order numbers and dates have fewer. */
const PHONE = /(?<![\w.-])\+?\d(?:[ ()/.-]{0,2}\d){8,14}(?![\w-])/g;

/** "12 Orchard Lane, Springfield, OR 97477" and "Lindenstraße 5, 10969 Berlin", up to the end of the line. */
const STREET_WORDS =
  "street|st|road|rd|lane|ln|avenue|ave|drive|dr|court|ct|square|boulevard|blvd|way|place|terrace|view|close";
const STREETS: readonly RegExp[] = [
  new RegExp(
    `\\b\\d{1,5}[a-z]?,? (?:[\\p{L}'.-]+ ){1,4}(?:${STREET_WORDS})\\b\\.?(?:,[^\\n?!]*)?`,
    "giu",
  ),
  /\b[\p{L}-]*(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee) \d{1,4}[a-z]?(?:,[^\n?!]*)?/giu,
];

/** Numbers of orders, customers and parcels: four digits and more, or six among capitals. "WH-1000XM4" is a product. */
const REFERENCE =
  /(?<![\p{L}\p{N}.,-])(?:#?\d{4,}|(?=(?:[A-Z-]*\d){6})[A-Z\d-]+)(?![\p{L}\p{N}])/gu;

/**
 * Removes from a text what identifies its author: secrets, names, e-mail and postal addresses, telephone numbers, and
 * numbers that lead to a person: what is kept is read by many. Rules find what is known of this conversation and what has a recognizable shape, not everything, so a person reads a case
 * before it is kept.
 */
export function masker(person: KnownPerson): (text: string) => string {
  const names = requesterNames(person);
  const withoutAddresses = maskerOfKnownAddresses(person);
  return (text) => {
    const withoutKnown = withoutAddresses(mask(text));
    const withoutShapes = STREETS.reduce(
      (rest, street) => rest.replace(street, "[address]"),
      withoutKnown.replace(EMAIL, "[e-mail]"),
    ).replace(PHONE, "[phone]");
    return names
      .reduce((rest, name) => rest.replace(wholeWord(name), "[name]"), withoutShapes)
      .replaceAll(REFERENCE, "[number]");
  };
}

/** Removes the addresses that actions of the conversation hold, also when they are written on several lines. */
function maskerOfKnownAddresses(person: KnownPerson): (text: string) => string {
  const addresses = addressesIn(person);
  return (text) =>
    addresses.reduce(
      (rest, address) => rest.replace(patternAcrossLines(address), "[address]"),
      text,
    );
}

/**
 * The masker of one conversation. What has a form that nothing else has goes first, then addresses, those of its actions
 * and those told by their structure, then every other number, and names last, known ones and those told by where they
 * stand. It rather removes a product's name than leave a person's.
 */
export function personalMasker(person: KnownPerson): (text: string) => string {
  const withoutKnown = maskerOfKnownAddresses(person);
  const known = requesterNames(person);
  return (text) =>
    maskNames(maskNumbers(maskAddresses(withoutKnown(maskExact(text)))), known).replaceAll(
      /\[(number|phone)\](?:[ ,/-]{0,2}\[\1\])+/gu,
      "[$1]",
    );
}

/** The requester's names: as they gave them, and as the shop has them. Each word alone, longest first. */
function requesterNames({ messages, cards = [], names = [] }: KnownPerson): readonly string[] {
  const given = messages
    .filter(({ author }) => author.kind === "requester")
    .map(({ author }) => author.name);
  const words = [...given, ...names, ...cards.map(({ card }) => card.requester.name)]
    .filter((name) => !/^(?:unknown|customer)$/i.test(name))
    .flatMap((name) => name.match(/[\p{L}\p{M}'’-]{2,}/gu) ?? []);
  return [...new Set(words)].toSorted((a, b) => b.length - a.length);
}

function addressesIn({ effects = [], cards = [] }: KnownPerson): readonly string[] {
  const actions = [
    ...effects.map(({ action }) => action),
    ...cards.flatMap(({ proposal }) => (proposal?.actions ?? []).map(({ action }) => action)),
  ];
  return actions.flatMap((action) => {
    const change = ChangeAddressArguments.safeParse(action.arguments);
    return change.success ? [change.data.address] : [];
  });
}

function wholeWord(word: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${literally(word)}(?![\\p{L}\\p{N}])`, "giu");
}

/** An address is stored on one line and may have been written on several. */
function patternAcrossLines(address: string): RegExp {
  const words = address.match(/[\p{L}\p{N}'’.-]+/gu) ?? [];
  return new RegExp(words.map(literally).join("[\\s,]+"), "giu");
}
