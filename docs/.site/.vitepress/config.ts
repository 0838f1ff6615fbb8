/** The site of docs/, as VitePress builds it: `npm run docs -- site`. Its sidebar is the list in docs/README.md. */
import { cpSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { DefaultTheme, MarkdownRenderer, Plugin, UserConfig } from "vitepress";
import { llmsText } from "../../../test/docs/llms.ts";
import { anchorFrom } from "../../../test/docs/markdown.ts";
import {
  siteAddress,
  siteLink,
  sitePages,
  siteSections,
  type SiteLine,
} from "../../../test/docs/site-map.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** The repository's address, without a slash at its end; unknown unless the command was told it. */
const REPOSITORY = process.env["DOCS_REPOSITORY"];

const sections = siteSections(read);
const pages = sitePages(sections);
const { description } = JSON.parse(read("package.json"));
const tops = [...pages].filter((page) => !page.startsWith("docs/"));

function sidebarItem({ text, file, anchor, lines }: SiteLine): DefaultTheme.SidebarItem {
  return {
    text,
    ...(file !== null && { link: siteAddress(file, anchor) }),
    ...(lines.length > 0 && { items: lines.map(sidebarItem) }),
    // A folder of pages is closed until it is needed.
    ...(file !== null && lines.length > 0 && { collapsed: true }),
  };
}

/** Where the repository shows a file; an error, which ends the build, when there is none. */
function repositoryAddress(page: string, file: string, anchor: string): string | null {
  const found = statSync(join(ROOT, file), { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`${page} links to ${file}, which does not exist`);
  const kind = found.isDirectory() ? "tree" : "blob";
  return REPOSITORY === undefined ? null : `${REPOSITORY}/${kind}/HEAD/${file}${anchor}`;
}

/** Leads links from where the files lie to where the site has them. Without a repository, its files are only named. */
function followLinks(md: MarkdownRenderer): void {
  md.core.ruler.push("site_links", ({ tokens, env }) => {
    const page = relative(ROOT, env.realPath ?? env.path);
    for (const { children } of tokens) {
      let isNamed = false;
      for (const token of children ?? []) {
        if (token.type === "link_open") {
          const link = siteLink(page, token.attrGet("href") ?? "", pages);
          const address =
            "address" in link ? link.address : repositoryAddress(page, link.file, link.anchor);
          isNamed = address === null;
          if (address === null && "file" in link) token.attrs = [["title", link.file]];
          else token.attrSet("href", address ?? "");
        }
        if (isNamed && token.type.startsWith("link_")) token.tag = "span";
      }
    }
  });
}

/** Hands the text of a diagram to the theme, which draws it; all other code is shown as it is. */
function drawDiagrams(md: MarkdownRenderer): void {
  const showCode = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info = "", content = "" } = tokens[index] ?? {};
    if (info === "mermaid") return `<Diagram code="${md.utils.escapeHtml(content)}" />`;
    return showCode?.(tokens, index, ...rest) ?? "";
  };
}

/** Vue is beside this folder's package.json, where the pages above it do not look: it is left to where the build runs. */
const vueBesideBuild: Plugin = {
  name: "vue-beside-build",
  enforce: "pre",
  resolveId: (id, _importer, { ssr }) =>
    ssr === true && /^vue(?:$|\/)/.test(id) ? { id, external: true } : null,
};

const config: UserConfig<DefaultTheme.Config> = {
  title: "Deskhand",
  description,
  lang: "en",
  srcDir: ROOT,
  srcExclude: ["!(docs)/**/*.md", `!(${tops.join("|").replaceAll(".md", "")}).md`],
  rewrites: (page) => page.replace(/README\.md$/, "index.md"),
  outDir: "dist",
  cacheDir: "node_modules/.cache",
  markdown: {
    anchor: { slugify: anchorFrom },
    config: (md) => {
      followLinks(md);
      drawDiagrams(md);
    },
  },
  themeConfig: {
    sidebar: sections.map(({ title, lines }) => ({ text: title, items: lines.map(sidebarItem) })),
    nav: [{ text: "Which page do I need?", link: siteAddress("docs/README.md") }],
    outline: [2, 3],
    search: { provider: "local" },
    ...(REPOSITORY !== undefined && {
      socialLinks: [{ icon: "github", link: REPOSITORY }],
    }),
  },
  vite: { plugins: [vueBesideBuild] },
  /** Pages also lie there as the Markdown they are, for whoever follows llms.txt. */
  buildEnd: ({ outDir }) => {
    for (const page of pages) cpSync(join(ROOT, page), join(outDir, page));
    writeFileSync(join(outDir, "llms.txt"), llmsText(description, sections));
  },
};

export default config;
