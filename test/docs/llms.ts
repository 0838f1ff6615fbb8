/** The site's `llms.txt`: its pages for a program that reads, each as the Markdown file that lies beside the page. */
import type { SiteLine, SiteSection } from "./site-map.ts";

/** The file's text; links lead from the site's first folder. */
export function llmsText(summary: string, sections: readonly SiteSection[]): string {
  const parts = sections.map(
    ({ title, lines }) => `## ${title}\n\n${lines.flatMap((line) => listed(line)).join("\n")}\n`,
  );
  return [`# Deskhand\n\n> ${summary}\n`, ...parts].join("\n");
}

/** What stands below words alone is named with them. */
function listed({ text, file, anchor, lines }: SiteLine, above = ""): readonly string[] {
  const below = lines.flatMap((line) => listed(line, file === null ? `${text}: ` : ""));
  return file === null ? below : [`- [${above}${text}](${file}${anchor})`, ...below];
}
