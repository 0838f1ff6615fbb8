/** Where lessons get texts of procedures and vectors of words from. */
import { DeskhandError } from "#core/values/errors.ts";
import type { QuestionVectors } from "#jobs/gaps/list-gaps.ts";
import { currentText, type ProcedureShelf } from "#jobs/procedures/shelf.ts";
import type { LessonTexts } from "./draft-change.ts";

/** The texts of procedures as they would be edited now; none where no procedures are known. */
export function procedureTexts(shelf: ProcedureShelf | null): LessonTexts["procedureText"] {
  return async (name) => {
    if (shelf === null) return null;
    try {
      return (await currentText(shelf, name)).text;
    } catch (error) {
      if (error instanceof DeskhandError && error.code === "input.invalid") return null;
      throw error;
    }
  };
}

const VECTOR_MS = 30_000;
/** Texts whose vectors are kept: a list is looked at again and again, and its texts rarely change. */
const KEPT_MAX = 1_000;

/** Computes vectors one after the other and keeps the latest, so that a page is not slow twice. */
export function vectorsBy(
  vectorOf: (text: string, signal: AbortSignal) => Promise<Float32Array | null>,
): QuestionVectors {
  const kept = new Map<string, Float32Array>();
  return async (texts) => {
    const all: (Float32Array | null)[] = [];
    for (const text of texts) {
      const vector = kept.get(text) ?? (await vectorOf(text, AbortSignal.timeout(VECTOR_MS)));
      if (vector !== null) kept.set(text, vector);
      if (kept.size > KEPT_MAX) kept.delete([...kept.keys()][0] ?? "");
      all.push(vector);
    }
    return all;
  };
}
