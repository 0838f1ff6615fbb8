/** Screens tool results before the model reads them. */
import { canonical } from "#core/values/canonical-json.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import { passagesOf } from "#tools/search-faq.ts";

/** A tool's result after the guard has read it. */
export type Screened =
  | { readonly kind: "passed"; readonly result: unknown; readonly caution: boolean }
  | { readonly kind: "withheld"; readonly reasons: readonly string[] };

/**
 * Scores tool results, because records and help pages can hold third-party text. A suspicious passage is dropped alone;
 * any other suspicious result is withheld whole.
 */
export function screen(guard: InputGuard, tool: string, result: unknown): Screened {
  const passages = passagesOf(result);
  if (passages === null) return screenWhole(guard, tool, result);
  const verdicts = passages.map((passage) => ({
    passage,
    ...guard.inspectText(`${passage.title}\n${passage.text}`, `help page ${passage.id}`),
  }));
  return {
    kind: "passed",
    result: {
      passages: verdicts.filter(({ verdict }) => verdict !== "block").map(({ passage }) => passage),
    },
    caution: verdicts.some(({ verdict }) => verdict !== "allow"),
  };
}

function screenWhole(guard: InputGuard, tool: string, result: unknown): Screened {
  const { verdict, reasons } = guard.inspectText(canonical(result), `tool ${tool}`);
  return verdict === "block"
    ? { kind: "withheld", reasons }
    : { kind: "passed", result, caution: verdict === "caution" };
}
