/** Reads the text of PDF files. */
import { getDocumentProxy } from "unpdf";
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import { fullDocument, type ReadDocument, tidied, Unreadable } from "./document.ts";

const PAGES_MAX = 1_000;
/** Fewer letters a page than this are a scan, whose page numbers alone are text. */
const LETTERS_A_PAGE_MIN = 8;
/** Letters this much taller than the body's begin a section. */
const HEADING_RATIO = 1.15;
const HEADING_CHARACTERS_MAX = 120;

const Item = z.object({
  str: z.string(),
  hasEOL: z.boolean().optional(),
  height: z.number(),
  width: z.number(),
  transform: z.array(z.number()).length(6),
});
type Item = z.infer<typeof Item>;

/** Reads a PDF with a text layer. Scripts in it are never run, nothing is fetched. Throws `Unreadable`. */
export async function readPdf(bytes: Uint8Array): Promise<ReadDocument> {
  const pdf = await opened(bytes);
  try {
    const remarks: string[] = [];
    const count = Math.min(pdf.numPages, PAGES_MAX);
    if (pdf.numPages > PAGES_MAX) remarks.push(`only its first ${PAGES_MAX} pages are read`);
    const pages: string[] = [];
    for (let number = 1; number <= count; number += 1)
      try {
        const page = await pdf.getPage(number);
        const { items } = await page.getTextContent();
        pages.push(pageText(items.flatMap((item) => Item.safeParse(item).data ?? [])));
        page.cleanup();
      } catch (error) {
        remarks.push(`page ${number} is damaged: ${reasonOf(error)}`);
      }
    const text = tidied(pages.join("\n\n").normalize("NFKC"));
    if ((text.match(/[\p{L}\p{N}]/gu) ?? []).length < LETTERS_A_PAGE_MIN * pages.length)
      throw new Unreadable(
        "it has no text, only pictures of it; it would have to be read by a scanner",
      );
    return fullDocument({ text, title: titleIn(text, await namedTitle(pdf)), remarks });
  } finally {
    await pdf.cleanup();
  }
}

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

async function opened(bytes: Uint8Array): Promise<Pdf> {
  try {
    // The library keeps the bytes, so it gets its own. Level 0 keeps its warnings off the standard output.
    return await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 });
  } catch (error) {
    if (error instanceof Error && error.name === "PasswordException")
      throw new Unreadable("it needs a password");
    throw new Unreadable(`it is damaged: ${reasonOf(error)}`);
  }
}

const Info = z.object({ info: z.object({ Title: z.string() }) });

async function namedTitle(pdf: Pdf): Promise<string> {
  const parsed = Info.safeParse(await pdf.getMetadata().catch(() => null));
  return parsed.success ? parsed.data.info.Title : "";
}

/** A document's own title stands on its first page. */
const FIRST_CHARACTERS = 3_000;

/**
 * Programs write whatever they like into a file's properties ("about:blank", "Microsoft Word - Document1"), so what is
 * named there is the title only where the document says it too; else its first heading is, or nothing.
 */
function titleIn(text: string, named: string): string {
  const plain = (words: string): string =>
    words
      .normalize("NFKC")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
      .trim();
  const title = plain(named);
  const begins = ` ${plain(text.slice(0, FIRST_CHARACTERS))} `;
  if (title !== "" && begins.includes(` ${title} `)) return named.trim();
  return /^## (?<heading>.+)$/m.exec(text)?.groups?.["heading"] ?? "";
}

interface Line {
  readonly text: string;
  readonly height: number;
  /** Where it begins and ends, from the left. */
  readonly x: number;
  readonly end: number;
}

/** The lines of a page in the order of its content, headings by the size of their letters. */
function pageText(items: readonly Item[]): string {
  const lines = textLines(items);
  const body = medianNumber(
    lines.flatMap(({ text, height }) => Array.from({ length: text.length }, () => height)),
  );
  return lines
    .map((line, index) => {
      const { text, height } = line;
      const isHeading = height > body * HEADING_RATIO && text.length <= HEADING_CHARACTERS_MAX;
      if (isHeading && /\p{L}/u.test(text)) return `\n## ${text}\n\n`;
      return isWrapped(line, lines[index + 1], lines) ? `${text} ` : `${text}\n`;
    })
    .join("")
    .replaceAll(/(?<=\p{Ll})-[ \n](?=\p{Ll})/gu, "");
}

/** Lines shorter than this are entries of a list, where nothing wraps. */
const PROSE_CHARACTERS_MIN = 25;

/** Whether a line ended because the next one's first word had no room beside it, before where its column's longest ends. */
function isWrapped(
  { text, height, x, end }: Line,
  next: Line | undefined,
  lines: readonly Line[],
): boolean {
  if (next === undefined || next.height !== height || text.length < PROSE_CHARACTERS_MIN)
    return false;
  if (/ · |[.!?:]$/u.test(text) || /^(?:\p{P}|\d+[.)])\s/u.test(next.text)) return false;
  const column = lines.filter((line) => Math.abs(line.x - x) < height);
  const word = ((next.text.indexOf(" ") + 1 || next.text.length) * (end - x)) / text.length;
  return end + word > Math.max(...column.map((line) => line.end));
}

function textLines(items: readonly Item[]): readonly Line[] {
  const lines: { parts: string[]; height: number; x: number; y: number; end: number }[] = [];
  let isNew = true;
  for (const item of items) {
    const [, , , , x = 0, y = 0] = item.transform;
    const last = lines.at(-1);
    const goesOn =
      last !== undefined && !isNew && Math.abs(y - last.y) < Math.max(1, item.height / 2);
    if (goesOn) {
      // A gap is a space, a wide one the next column of a table.
      const gap = x - last.end;
      if (gap > item.height * 2.5 && item.str.trim() !== "") last.parts.push(" · ");
      else if (gap > item.height * 0.15) last.parts.push(" ");
      last.parts.push(item.str);
      last.height = Math.max(last.height, item.height);
      last.end = x + item.width;
    } else if (item.str !== "")
      lines.push({ parts: [item.str], height: item.height, x, y, end: x + item.width });
    isNew = item.hasEOL === true;
  }
  return lines
    .map(({ parts, ...line }) => ({
      ...line,
      text: together(parts.join("").replaceAll(/\s+/g, " ").trim()),
    }))
    .filter(({ text }) => text !== "");
}

/** Letters that were set one by one: "H e r e  i s" is "Here is" where the gaps between words are wider. */
function together(line: string): string {
  const words = line.split(" ");
  const single = words.filter((word) => word.length === 1).length;
  return words.length >= 6 && single / words.length > 0.8 ? words.join("") : line;
}

function medianNumber(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}
