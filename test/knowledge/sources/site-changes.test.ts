/** What a site does not say for a while is kept, and what it took back goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { page, site } from "./site.ts";

const sitemap = (url: string, ...paths: readonly string[]) => ({
  body: `<urlset>${paths.map((path) => `<url><loc>${url}${path}</loc></url>`).join("")}</urlset>`,
});

test("one sitemap of several that is away for a moment takes no pages with it", async (context) => {
  const { url, served, read } = await site(context);
  served["/sitemap.xml"] = {
    body: `<sitemapindex>${["a", "b", "c", "d"].map((name) => `<sitemap><loc>${url}/${name}.xml</loc></sitemap>`).join("")}</sitemapindex>`,
  };
  for (const name of ["a", "b", "c", "d"]) {
    const paths = [1, 2, 3].map((at) => `/help/${name}${at}`);
    for (const path of paths) served[path] = page(path, `What ${path} says.`);
    served[`/${name}.xml`] = sitemap(url, ...paths);
  }
  const first = await read("/help/");
  assert.equal(first.pages.length, 12);
  served["/d.xml"] = { status: 503 };
  const copies = new Map(first.copies.map((copy) => [copy.page.id, copy]));
  const second = await read("/help/", { copies }).catch((error: unknown) => String(error));
  assert.ok(
    typeof second === "string" || second.pages.length === 12,
    typeof second === "string"
      ? second
      : `${second.pages.length} pages, ${second.leftOut.length} left out`,
  );
});

test("a sitemap that nobody named may answer what it likes: links lead through the site", async (context) => {
  const { served, read } = await site(context);
  served["/sitemap.xml"] = { status: 500 };
  served["/help/"] = page("Help", 'See <a href="/help/returns">returns</a>.');
  served["/help/returns"] = page("Returns", "You have 30 days.");
  const { pages } = await read("/help/");
  assert.deepEqual(
    pages.map(({ title }) => title),
    ["Help", "Returns"],
  );
});

test("a page that now leads to an older one is no page any more", async (context) => {
  const { url, served, read } = await site(context);
  served["/sitemap.xml"] = sitemap(url, "/help/returns", "/help/old-returns");
  served["/help/returns"] = page("Returns", "You have 30 days.", [], {
    headers: { "last-modified": "Mon, 02 Nov 2026 10:00:00 GMT" },
  });
  served["/help/old-returns"] = page("Returns before", "You have 14 days.", [], {
    headers: { "last-modified": "Tue, 03 Nov 2026 10:00:00 GMT" },
  });
  const first = await read("/help/");
  served["/help/old-returns"] = { status: 301, headers: { location: "/help/returns" } };
  const copies = new Map(first.copies.map((copy) => [copy.page.id, copy]));
  const { pages } = await read("/help/", { copies });
  assert.deepEqual(
    pages.map(({ text }) => /\d+ days/.exec(text)?.[0]),
    ["30 days"],
  );
});

test("a page for no machine by the other word for it is left out", async (context) => {
  const { url, served, read } = await site(context);
  served["/sitemap.xml"] = sitemap(url, "/help/one", "/help/two", "/help/three", "/help/four");
  served["/help/one"] = page("One", "For all.");
  served["/help/two"] = page("Two", "For no machine.", [], {
    head: '<meta name="robots" content="none">',
  });
  served["/help/three"] = page("Three", "For no machine either.", [], {
    headers: { "x-robots-tag": "none" },
  });
  const headers = { "x-robots-tag": "max-image-preview:  none, max-video-preview=none, nofollow" };
  served["/help/four"] = page("Four", "For all, without pictures.", [], { headers });
  const { pages } = await read("/help/");
  assert.deepEqual(
    pages.map(({ title }) => title),
    ["One", "Four"],
  );
});
