/** Small words and texts for people, made the same everywhere. */
import { dayText } from "./moment.ts";

/** "1 page", "1,200 pages"; `many` where the plural is not the word with an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A share from 0 to 1 in whole per cent: "41 %". */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The text without line breaks and without more than one space in a row. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** At most so many characters, the last of which says that there is more. */
export function shortened(text: string, max: number): string {
  return text.length <= max
    ? text
    : `${text
        .slice(0, max - 1)
        .toWellFormed()
        .trimEnd()}…`;
}

/** Rows of cells as lines, each column as wide as its widest cell. */
export function inColumns(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => line.trimEnd())
    .join("\n");
}

/** A pattern for a regular expression, with any flags, that stands for this text alone. */
export function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** A year that no page is of, so that the year is always told: an old page is to look old. */
const LONG_AGO = new Date(0);

/** What a help page is called where people read what an answer rests on: "Refunds, as of 14 Sep 2026 (https://…)", as far as each is known. */
export function pageName({
  title,
  url,
  updated,
}: {
  readonly title: string;
  readonly url: string;
  readonly updated?: string | undefined;
}): string {
  const dated = updated === undefined ? title : `${title}, as of ${dayText(updated, LONG_AGO)}`;
  return url === "" ? dated : `${dated} (${url})`;
}
