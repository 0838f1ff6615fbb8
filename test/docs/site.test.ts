/** The site's sidebar, links and `llms.txt`, read without building it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { llmsText } from "./llms.ts";
import { ROOT } from "./made-pages.ts";
import { anchorFrom, anchorsOf } from "./markdown.ts";
import { siteAddress, siteLink, sitePages, siteSections } from "./site-map.ts";
import { SITE } from "./site.ts";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

const Item = z.object({
  text: z.string().min(1),
  link: z.string().optional(),
  get items(): z.ZodDefault<z.ZodArray<typeof Item>> {
    return z.array(Item).default([]);
  },
});

/** What the site's configuration gives VitePress, as far as the sidebar goes. */
const Config = z.object({
  title: z.literal("Deskhand"),
  themeConfig: z.object({ sidebar: z.array(Item), search: z.object({ provider: z.string() }) }),
});

/** Every line of the sidebar, from top to bottom. */
function linksIn(items: readonly z.infer<typeof Item>[]): readonly string[] {
  return items.flatMap(({ link, items: below }) => [
    ...(link === undefined ? [] : [link]),
    ...linksIn(below),
  ]);
}

describe("the site", async () => {
  const loaded: unknown = await import(pathToFileURL(join(SITE, ".vitepress/config.ts")).href);
  const { default: config } = z.object({ default: Config }).parse(loaded);
  const links = linksIn(config.themeConfig.sidebar);

  test("has each page of docs in its sidebar once, in the six sections of the map", () => {
    const pages = ["docs", "docs/decisions", "docs/runbooks"].flatMap((folder) =>
      readdirSync(join(ROOT, folder))
        .filter((name) => name.endsWith(".md"))
        .map((name) => `${folder}/${name}`),
    );
    assert.ok(pages.length > 80);
    const listed = links.filter((link) => link.startsWith("/docs/") && !link.includes("#"));
    assert.deepEqual(
      listed.toSorted(),
      pages
        .filter((page) => page !== "docs/README.md")
        .map((page) => siteAddress(page))
        .toSorted(),
    );
    assert.deepEqual(
      config.themeConfig.sidebar.map(({ text }) => text),
      ["Start", "For leads", "For engineers", "Concepts", "Reference", "Contribute"],
    );
  });

  test("is searched on the reader's own machine", () => {
    assert.equal(config.themeConfig.search.provider, "local");
  });

  test("leads to places that its pages have", () => {
    const places = links.filter((link) => link.includes("#"));
    assert.ok(places.length > 3);
    for (const place of places) {
      const [page = "", anchor = ""] = place.split("#");
      assert.ok(anchorsOf(read(`${page.slice(1)}.md`)).has(anchor), place);
    }
  });

  test("names headings as GitHub does, so that a link fits both", () => {
    assert.equal(anchorFrom("Shadow: 2 of `3` – ready?"), "shadow-2-of-3--ready");
  });

  test("is listed for programs that read: each line of the sidebar, as a file of the repository", () => {
    const text = llmsText("What it is.", siteSections(read));
    assert.match(text, /^# Deskhand\n\n> What it is\.\n\n## Start\n\n- \[Set up your own desk\]/);
    const files = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, file = ""]) => file);
    assert.deepEqual(
      files.map((file) => siteAddress(...splitAtAnchor(file))),
      links,
    );
  });
});

describe("a link of a page", () => {
  const pages = sitePages(siteSections(read));

  test("leads to the site's page, wherever the file lies", () => {
    const address = (page: string, target: string) => siteLink(page, target, pages);
    assert.deepEqual(address("docs/policy.md", "slack.md#cards"), { address: "/docs/slack#cards" });
    assert.deepEqual(address("docs/runbooks/log-full.md", "../README.md"), { address: "/docs/" });
    assert.deepEqual(address("docs/README.md", "../README.md"), { address: "/" });
    assert.deepEqual(address("README.md", "CONTRIBUTING.md"), { address: "/CONTRIBUTING" });
    assert.deepEqual(address("README.md", "https://example.com"), {
      address: "https://example.com",
    });
    assert.deepEqual(address("README.md", "#below"), { address: "#below" });
  });

  test("leads to the repository when the site has no such page", () => {
    assert.deepEqual(siteLink("docs/policy.md", "../src/policy/decide.ts", pages), {
      file: "src/policy/decide.ts",
      anchor: "",
    });
  });
});

function splitAtAnchor(target: string): [file: string, anchor: string] {
  const [file = ""] = target.split("#");
  return [file, target.slice(file.length)];
}
