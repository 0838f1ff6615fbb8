/** One text of the guard's own collection, as a line of its files. */

/** What a text is; the names are those of the guard's reports. */
type TextKind = "benign" | "hard-benign" | "direct" | "indirect" | "jailbreak" | "obfuscated";

/** Where the text stands, when it is not the body of a message. */
export type TextSegment =
  | "quoted"
  | "hidden"
  | "signature"
  | "attachment"
  | "forwarded"
  | "page"
  | "result"
  | "note";

export interface TextRow {
  readonly id: string;
  readonly kind: TextKind;
  /** ISO 639-1. */
  readonly lang: string;
  readonly text: string;
  readonly segment?: TextSegment;
  readonly split: "train" | "test";
  /** The hostile words within a text that is otherwise honest. */
  readonly payload?: string;
}

/** A row before it is numbered. `family` is how it was put together and begins its id. */
export type Drafted = Omit<TextRow, "id" | "split"> & { readonly family: string };
