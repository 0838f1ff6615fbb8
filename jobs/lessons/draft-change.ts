/** Drafts the change that a lesson proposes, from the teammates' words and by code: no model is asked. */
import type { Store } from "#store/db/database.ts";
import { draftPage } from "./draft-page.ts";
import { draftRule, draftTone } from "./draft-policy.ts";
import { draftProcedure } from "./draft-procedure.ts";
import type { Lesson } from "./find-lessons.ts";

/** A text as it is and as it would be. */
export interface DraftedChange {
  readonly place: "page" | "procedure" | "policy";
  /** The page's slug or the procedure's name; empty for a new one, and for the policy. */
  readonly name: string;
  readonly title: string;
  /** Empty for a new text. */
  readonly before: string;
  /** The same as before where nothing could be drafted; the notes say why. */
  readonly after: string;
  /** What a lead should know before they accept it, each a sentence. */
  readonly notes: readonly string[];
  /** The rule's new greatest amount in minor units where that is the change; "denied" where it would deny. */
  readonly ruleChange?: { readonly upTo: number } | "denied";
}

/** Where the texts are that lessons are about. */
export interface LessonTexts {
  readonly store: Store;
  /** The policy in force as it is written; null where it is not stored. */
  readonly policyText: () => Promise<string | null>;
  /** A procedure's text as it would be edited now; null where there is none of this name. */
  readonly procedureText: (name: string) => Promise<string | null>;
}

/** The drafted change. Nothing is stored by it. */
export async function draftChange(texts: LessonTexts, lesson: Lesson): Promise<DraftedChange> {
  switch (lesson.change) {
    case "page":
      return texts.store.run((transaction) => draftPage(transaction, lesson));
    case "procedure":
      return draftProcedure(texts, lesson);
    case "tone":
      return draftTone(await texts.policyText(), lesson);
    case "rule": {
      const text = await texts.policyText();
      return texts.store.run((transaction) => draftRule(transaction, text, lesson));
    }
    default:
      throw new Error(`unknown change ${String(lesson.change satisfies never)}`);
  }
}
