/** Tables as rows that name their columns, so that each row can be read and cited by itself. */
import type { DefaultTreeAdapterTypes } from "parse5";

type Element = DefaultTreeAdapterTypes.Element;

/** More rows than this are data and no text. */
const ROWS_MAX = 500;
const SPAN_MAX = 20;

/** The text of a table's cells, and whether its first row names the columns. */
export function cellsOf(
  table: Element,
  textOf: (cell: Element) => string,
): { readonly rows: readonly (readonly string[])[]; readonly headed: boolean } {
  const lines = linesOf(table);
  const rows = lines.map((line) =>
    cellsIn(line).flatMap((cell) => {
      const span = Number(cell.attrs.find(({ name }) => name === "colspan")?.value ?? "1");
      const more = Number.isInteger(span) ? Math.min(SPAN_MAX, span) - 1 : 0;
      return [textOf(cell), ...Array.from({ length: Math.max(0, more) }, () => "")];
    }),
  );
  const [first] = lines;
  const headed =
    first !== undefined &&
    cellsIn(first).length > 1 &&
    (first.parentNode?.nodeName === "thead" ||
      cellsIn(first).every(({ tagName }) => tagName === "th"));
  return { rows, headed };
}

/** A list, an item a row: "Country: Norway · Days: 3 to 5". */
export function rowsOf(rows: readonly (readonly string[])[], headed: boolean): string {
  const [head = [], ...rest] = rows;
  const named = headed && rest.length > 0;
  const items = (named ? rest : rows).slice(0, ROWS_MAX).map((row) =>
    row
      .map((cell, at) => {
        const column = named ? (head[at] ?? "").trim() : "";
        const text = cell.trim();
        return text === "" || column === "" || column === text ? text : `${column}: ${text}`;
      })
      .filter((cell) => cell !== "")
      .join(" · "),
  );
  return `<ul>${items
    .filter((item) => item !== "")
    .map((item) => `<li>${escaped(item)}</li>`)
    .join("")}</ul>`;
}

function linesOf(table: Element): readonly Element[] {
  return elementsIn(table).flatMap((child) =>
    child.tagName === "tr" ? [child] : elementsIn(child).filter(({ tagName }) => tagName === "tr"),
  );
}

function cellsIn(line: Element): readonly Element[] {
  return elementsIn(line).filter(({ tagName }) => tagName === "td" || tagName === "th");
}

function elementsIn(parent: Element): readonly Element[] {
  return parent.childNodes.flatMap((node) => ("tagName" in node ? [node] : []));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
