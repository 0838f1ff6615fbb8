/** Texts of a document as a tool carries them: plain, short, and none that speaks to the model. */
import { withoutInvisible } from "#text/normalize.ts";

/**
 * Why a text must not reach the model, or null when it may. It is handed in, because the rules that know instructions
 * are the input guard's.
 */
export type InspectText = (text: string) => string | null;

/** What a text of a field is cut to; a sentence of a hundred characters costs a model some 25 tokens. */
export const FIELD_TEXT_MAX = 120;
export const OPERATION_TEXT_MAX = 300;
/** Characters of a long text that are looked at; what comes after reaches no model. */
const READ_MAX = 4_000;
const NAME_MAX = 100;

/** Cuts texts and leaves out those that are refused. */
export class Texts {
  readonly #inspect: InspectText;
  readonly #remark: (says: string) => void;
  /** Documents say the same again and again. */
  readonly #inspected = new Map<string, string | null>();

  constructor(inspect: InspectText, remark: (says: string) => void) {
    this.#inspect = inspect;
    this.#remark = remark;
  }

  /** The first sentences of a description. Empty when it is refused. */
  description(text: string, max: number): string {
    const plain = plainText(text);
    if (plain === "" || this.#isRefused(plain, "A description")) return "";
    return firstSentences(plain, max);
  }

  /** A name or an allowed value that has to stay as it is; null when it is refused, too long or not printable. */
  exact(text: string): string | null {
    if (text.length > NAME_MAX || withoutInvisible(text) !== text || hasControls(text)) {
      this.#remark(`A name or value is too long or has hidden characters, so it was left out.`);
      return null;
    }
    return text.includes(" ") && this.#isRefused(text, "A name or value") ? null : text;
  }

  #isRefused(text: string, what: string): boolean {
    const known = this.#inspected.get(text);
    const reason = known === undefined ? this.#inspect(text) : known;
    this.#inspected.set(text, reason);
    if (reason !== null) this.#remark(`${what} was left out: ${reason}.`);
    return reason !== null;
  }
}

/** The text without markup, on one line. */
function plainText(text: string): string {
  return withoutInvisible(text.slice(0, READ_MAX))
    .replaceAll(/<[^<>]{0,200}>/g, " ")
    .replaceAll(/!?\[([^[\]]{0,200})\]\([^()]{0,400}\)/g, "$1")
    .replaceAll(/[`*#|\\]+/g, " ")
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim();
}

function hasControls(text: string): boolean {
  return /[\p{Cc}\p{Cf}]/u.test(text);
}

/** As many whole sentences as fit, or the first one cut at a word. */
function firstSentences(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1);
  const end = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("! "), cut.lastIndexOf("? "));
  if (end > max / 4) return cut.slice(0, end + 1);
  const word = cut.lastIndexOf(" ");
  return `${cut.slice(0, word > max / 2 ? word : undefined).trimEnd()}…`;
}
