/** Reads and writes the Markdown of README and docs. */

/** One link or picture of a page. */
interface Link {
  readonly target: string;
  readonly isPicture: boolean;
}

/** A word as it is typed. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** A table; what stands in a cell cannot end it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Every link and picture: Markdown's inline ones, definitions of named ones, and HTML pictures. Code is left out. */
export function linksIn(page: string): readonly Link[] {
  const text = withoutCode(page);
  const inline = [...text.matchAll(/(!?)\[(?:[^\][]|\[[^\]]*\])*\]\(([^)\s]+)\)/g)].map(
    ([, mark = "", target = ""]) => ({ target, isPicture: mark === "!" }),
  );
  const pictureInLink = [...text.matchAll(/\[!\[[^\]]*\]\(([^)\s]+)\)\]/g)].map(
    ([, target = ""]) => ({ target, isPicture: true }),
  );
  const named = [...text.matchAll(/^\[[^\]]+\]: *<?(\S+?)>?$/gm)].map(([, target = ""]) => ({
    target,
    isPicture: false,
  }));
  const html = [...text.matchAll(/<img\s[^>]*src="([^"]+)"/g)].map(([, target = ""]) => ({
    target,
    isPicture: true,
  }));
  return [...inline, ...pictureInLink, ...named, ...html];
}

/** Names of links that are used and defined nowhere: `[yes][f1]` without a line `[f1]: …`. */
export function undefinedNames(page: string): readonly string[] {
  const text = withoutCode(page);
  const defined = new Set(
    [...text.matchAll(/^\[([^\]]+)\]: /gm)].map(([, name = ""]) => name.toLowerCase()),
  );
  return [...text.matchAll(/\]\[([^\]]+)\]/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !defined.has(name.toLowerCase()));
}

/** The anchors GitHub gives the headings of a page. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutBlocks(page).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const words = anchorFrom(heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1"));
    const times = seen.get(words) ?? 0;
    seen.set(words, times + 1);
    anchors.add(times === 0 ? words : `${words}-${times}`);
  }
  return anchors;
}

/** The anchor GitHub gives the first heading with these words. */
export function anchorFrom(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

/** The lines of all tables. */
export function tableLines(page: string): readonly string[] {
  return withoutBlocks(page)
    .split("\n")
    .filter((line) => line.startsWith("|"));
}

function withoutBlocks(page: string): string {
  return page.replace(/^( *)```[\s\S]*?^\1```/gm, "");
}

function withoutCode(page: string): string {
  return withoutBlocks(page).replace(/`[^`\n]*`/g, "`code`");
}
