/** Masks whatever leads to a person in texts that are kept beyond their conversation and read by many. */

import { type KnownPerson, maskerOfKnownAddresses, namesOf } from "./anonymize.ts";
import { maskAddresses } from "./addresses.ts";
import { maskNames } from "./names.ts";
import { maskExact, maskNumbers } from "./numbers.ts";

/**
 * The masker of one conversation. What has a form that nothing else has goes first, then addresses, those of its actions
 * and those told by their structure, then every other number, and names last, known ones and those told by where they
 * stand. It rather removes a product's name than leave a person's.
 */
export function personalMasker(person: KnownPerson): (text: string) => string {
  const withoutKnown = maskerOfKnownAddresses(person);
  const known = namesOf(person);
  return (text) =>
    maskNames(maskNumbers(maskAddresses(withoutKnown(maskExact(text)))), known).replaceAll(
      /\[(number|phone)\](?:[ ,/-]{0,2}\[\1\])+/gu,
      "[$1]",
    );
}
