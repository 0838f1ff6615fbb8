/** Small pieces that every kind of text is put together with. */
import type { Drafted } from "./text-row.ts";

/** Paragraphs, with nothing where one is empty. */
export function lines(...paragraphs: readonly string[]): string {
  return paragraphs.filter((paragraph) => paragraph !== "").join("\n");
}

/** What is made so many times, counted in whole times. */
export function times<Item>(count: number, make: () => Item): readonly Item[] {
  return Array.from({ length: Math.round(count) }, make);
}

/** A row without the members that do not apply to it. */
export function drafted(
  row: {
    [Key in keyof Drafted]: Drafted[Key] | undefined;
  } & Pick<Drafted, "family" | "kind" | "lang" | "text">,
): Drafted {
  const { family, kind, lang, text, segment, payload } = row;
  return {
    family,
    kind,
    lang,
    text,
    ...(segment === undefined ? {} : { segment }),
    ...(payload === undefined ? {} : { payload }),
  };
}
