/** What a question of `deskhand init` is made of. */

import type { Answers, PartName } from "./answers.ts";

/** What was typed so far for one part, by field. */
export type Typed = Readonly<Partial<Record<string, string>>>;

/** One line a person answers. */
export interface Question {
  readonly field: string;
  readonly ask: string;
  /** Shown after "?". */
  readonly help: string;
  readonly isSecret?: true;
  /** True when an empty line means "none". */
  readonly isOptional?: true;
  /** What an empty line means, after this part's lines and the parts before; null where something has to be typed. */
  readonly suggest?: (typed: Typed, earlier: Answers) => Promise<string | null> | string | null;
}

/** A part of the set-up, which counts as one question in "3 of 10". */
export interface PartQuestions {
  readonly part: PartName;
  readonly title: string;
  /** For a part that may be left out: the question whether it is wanted, and whether yes is suggested. */
  readonly wanted?: { readonly ask: string; readonly suggest: "yes" | "no"; readonly help: string };
  /** What to open and do before the answers can be given. */
  readonly before?: readonly string[];
  /** The same when it depends on an answer: shown behind the field it names. */
  readonly after?: (field: string, typed: Typed) => Promise<readonly string[]>;
  readonly questions: readonly Question[];
}
