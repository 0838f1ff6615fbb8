/** Measures the masks of texts that are kept: of what was planted in generated texts, how much is left. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { personalMasker } from "#jobs/masks/anonymize.ts";
import {
  addressOf,
  cardOf,
  type Dice,
  diceOf,
  ibanOf,
  LANGUAGES,
  mailOf,
  orderOf,
  personOf,
  phoneOf,
  tokenOf,
  type Language,
} from "./masks/values.ts";

/** The texts whose templates were there while the masks were built, and those written afterwards by another author. */
const SETS = {
  built: { file: "templates.yaml", seed: 20, texts: 500 },
  unseen: { file: "unseen.yaml", seed: 77, texts: 220 },
} as const;
export type MaskSet = keyof typeof SETS;

/** A text with the personal data that was planted in it. */
export interface PlantedText {
  readonly language: Language;
  readonly text: string;
  /** By slot of the template: what stands there. */
  readonly planted: readonly (readonly [slot: string, value: string])[];
  /** Who wrote, where that is known of the conversation; empty in every second text. */
  readonly writer: string;
  /** The template without its slots: none of it is personal. */
  readonly around: string;
}

const Templates = z.record(z.enum(LANGUAGES), z.array(z.string().min(1)).min(1));

/** The texts of a set, the same each time. */
export function textsOf(set: MaskSet): readonly PlantedText[] {
  const { file, seed, texts } = SETS[set];
  const path = join(import.meta.dirname, "masks", file);
  const templates = Templates.parse(parse(readFileSync(path, "utf8")));
  const all = LANGUAGES.flatMap((language) =>
    (templates[language] ?? []).map((template) => ({ language, template })),
  );
  return Array.from({ length: texts }, (_, place) => {
    const one = all[place % all.length];
    if (one === undefined) throw new Error(`${path} has no template`);
    return planted(one, diceOf(seed * 100_003 + place * 7_919), place % 2 === 0);
  });
}

function planted(
  { language, template }: { readonly language: Language; readonly template: string },
  dice: Dice,
  isKnown: boolean,
): PlantedText {
  const values = valuesFor(dice, language);
  const used: (readonly [string, string])[] = [];
  const text = template.replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
    const value = values[slot];
    if (value === undefined) throw new Error(`there is nothing for {${slot}}`);
    used.push([slot, value]);
    return value;
  });
  const writer = isKnown ? (values["name"] ?? "") : "";
  return { language, text, planted: used, writer, around: template.replaceAll(/\{\w+\}/g, " ") };
}

function valuesFor(dice: Dice, language: Language): Readonly<Record<string, string>> {
  const writer = personOf(dice, language);
  const other = personOf(dice, language);
  return {
    name: writer.full,
    first: writer.first,
    last: writer.last,
    other: other.full,
    otherfirst: other.first,
    otherlast: other.last,
    address: addressOf(dice, language),
    phone: phoneOf(dice, language),
    iban: ibanOf(dice),
    card: cardOf(dice),
    token: tokenOf(dice),
    order: orderOf(dice),
    mail: mailOf(dice, writer.first, writer.last),
  };
}

/** What of a planted value can still be read. */
interface Leftover {
  readonly language: Language;
  readonly slot: string;
  readonly left: string;
  readonly masked: string;
}

/** How much of what was planted is left, and how much of what was not personal is gone. */
export interface MaskFigures {
  readonly set: MaskSet;
  readonly texts: number;
  readonly values: number;
  /** Values of which a part can still be read. */
  readonly left: number;
  readonly leftBySlot: Readonly<Record<string, number>>;
  /** Texts in which anything is left. */
  readonly textsWithLeft: number;
  /** The share of words around the planted values that is still there. */
  readonly kept: number;
  readonly leftovers: readonly Leftover[];
}

function maskOfCandidate(writer: string): (text: string) => string {
  return personalMasker({ messages: [], cards: [], effects: [], names: [writer] });
}

/** Masks each text of a set as a candidate is masked, and looks for what was planted. */
export function measureMasks(
  set: MaskSet,
  maskOf: (writer: string) => (text: string) => string = maskOfCandidate,
): MaskFigures {
  const texts = textsOf(set);
  const leftovers: Leftover[] = [];
  let [values, words, kept, textsWithLeft] = [0, 0, 0, 0];
  for (const { language, text, planted: inside, writer, around } of texts) {
    const masked = maskOf(writer)(text);
    const left = inside.flatMap(([slot, value]) =>
      partsOf(slot, value)
        .filter((part) => isIn(masked, part))
        .slice(0, 1)
        .map((part): Leftover => ({ language, slot, left: part, masked })),
    );
    leftovers.push(...left);
    values += inside.length;
    textsWithLeft += left.length > 0 ? 1 : 0;
    const ordinary = around.match(/\p{L}{2,}/gu) ?? [];
    words += ordinary.length;
    kept += ordinary.filter((word) => masked.includes(word)).length;
  }
  const leftBySlot: Record<string, number> = {};
  for (const { slot } of leftovers) leftBySlot[slot] = (leftBySlot[slot] ?? 0) + 1;
  return {
    set,
    texts: texts.length,
    values,
    left: leftovers.length,
    leftBySlot,
    textsWithLeft,
    kept: kept / words,
    leftovers,
  };
}

const STREET_SIGNS =
  /^(?:rue|avenue|calle|via|corso|piazza|plaza|street|road|lane|close|court|terrace|flat|apt|ave|kerkstraat|rua|avenida|das|des|del|san|sok|cad|mah|bis|allée|avda|laan|van|den|haag|двор|кв|ул)$/iu;

/** The parts of a value by which it would be known again: each word of a name, each run of digits, each word of a street. */
function partsOf(slot: string, value: string): readonly string[] {
  if (/^(?:name|first|last|other|otherfirst|otherlast)$/.test(slot))
    return value.split(/[ -]/).filter((part) => part.length > 1);
  if (slot === "address")
    return value.split(/[\s,./]+/).filter((part) => part.length > 2 && !STREET_SIGNS.test(part));
  if (slot === "mail") return [value, value.split(/[ @]/)[0] ?? value];
  if (slot === "token") return [value.slice(0, 12), value.slice(-8)];
  const runs = value.match(/[\dA-Z]{3,}/g) ?? [value];
  return [value, ...runs.filter((run) => /\d{3}/.test(run))];
}

/** Whole words of scripts with spaces; anything of the others. */
function isIn(text: string, part: string): boolean {
  const at = text.indexOf(part);
  if (at < 0) return false;
  const beside = `${text.charAt(at - 1)}${text.charAt(at + part.length)}`;
  return (
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(part) ||
    !/[\p{L}\p{N}]{2}/u.test(beside)
  );
}

/** Measures the whole promise with both sets. Broken when anything is left of the set the masks were built with. */
export function masksPromise() {
  const sets = (["built", "unseen"] as const).map((set) => measureMasks(set));
  const ok = sets.every(({ set, left }) => set !== "built" || left === 0);
  return { figures: { sets }, lines: sets.map(textOf), ok };
}

function textOf({
  set,
  texts,
  values,
  left,
  textsWithLeft,
  kept,
  leftBySlot,
  leftovers,
}: MaskFigures): string {
  const share = `${((100 * (values - left)) / values).toFixed(2)} %`;
  return [
    `${set}: ${texts} texts, ${values} planted values, ${left} left in ${textsWithLeft} texts (${share} masked); ${(100 * kept).toFixed(1)} % of the other words are kept`,
    ...Object.entries(leftBySlot).map(([slot, count]) => `  ${slot}: ${count} left`),
    ...leftovers
      .slice(0, 10)
      .map(
        (one) =>
          `  ${one.language} ${one.slot} "${one.left}" in: ${one.masked.replaceAll("\n", " / ")}`,
      ),
  ].join("\n");
}
