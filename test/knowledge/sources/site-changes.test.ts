/** What a site does not say for a while is kept, and what it took back goes. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { documentReader } from "#knowledge/documents/reading-thread.ts";
import { readSite, type SiteReading } from "#knowledge/sources/site-source.ts";
import { never } from "#test/knowledge/bench.ts";

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const page = (title: string, text: string, headers = {}, head = ""): Answer => ({
  headers: { "content-type": "text/html; charset=utf-8", ...headers },
  body: `<html><head>${head}</head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>`,
});

async function site(context: TestContext) {
  const served: Record<string, Answer> = { "/robots.txt": { status: 404 } };
  const server = createServer((request, response) => {
    const { status = 200, headers = {}, body = "" } = served[request.url ?? ""] ?? { status: 404 };
    const since = Date.parse(request.headers["if-modified-since"] ?? "");
    const isSame = status === 200 && Date.parse(headers["last-modified"] ?? "") <= since;
    response.writeHead(isSame ? 304 : status, headers).end(isSame ? "" : body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const reader = documentReader();
  context.after(async () => {
    server.close();
    await reader.close();
  });
  const url = `http://127.0.0.1:${port}`;
  const read = (given: Partial<SiteReading> = {}) =>
    readSite(`${url}/help/`, {
      reader,
      signal: never,
      progress: () => undefined,
      isLocal: true,
      copies: new Map(),
      now: new Date(),
      pauseMs: 0,
      ...given,
    });
  const map = (...paths: readonly string[]): Answer => ({
    body: `<urlset>${paths.map((path) => `<url><loc>${url}${path}</loc></url>`).join("")}</urlset>`,
  });
  return { url, served, read, map };
}

test("one sitemap of several that is away for a moment takes no pages with it", async (context) => {
  const { url, served, read, map } = await site(context);
  served["/sitemap.xml"] = {
    body: `<sitemapindex>${["a", "b", "c", "d"].map((name) => `<sitemap><loc>${url}/${name}.xml</loc></sitemap>`).join("")}</sitemapindex>`,
  };
  for (const name of ["a", "b", "c", "d"]) {
    const paths = [1, 2, 3].map((at) => `/help/${name}${at}`);
    for (const path of paths) served[path] = page(path, `What ${path} says.`);
    served[`/${name}.xml`] = map(...paths);
  }
  const first = await read();
  assert.equal(first.pages.length, 12);
  served["/d.xml"] = { status: 503 };
  const copies = new Map(first.copies.map((copy) => [copy.page.id, copy]));
  const second = await read({ copies }).catch((error: unknown) => String(error));
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
  const { pages } = await read();
  assert.deepEqual(
    pages.map(({ title }) => title),
    ["Help", "Returns"],
  );
});

test("a page that now leads to an older one is no page any more", async (context) => {
  const { served, read, map } = await site(context);
  served["/sitemap.xml"] = map("/help/returns", "/help/old-returns");
  served["/help/returns"] = page("Returns", "You have 30 days.", {
    "last-modified": "Mon, 02 Nov 2026 10:00:00 GMT",
  });
  served["/help/old-returns"] = page("Returns before", "You have 14 days.", {
    "last-modified": "Tue, 03 Nov 2026 10:00:00 GMT",
  });
  const first = await read();
  served["/help/old-returns"] = { status: 301, headers: { location: "/help/returns" } };
  const copies = new Map(first.copies.map((copy) => [copy.page.id, copy]));
  const { pages } = await read({ copies });
  assert.deepEqual(
    pages.map(({ text }) => /\d+ days/.exec(text)?.[0]),
    ["30 days"],
  );
});

test("a page for no machine by the other word for it is left out", async (context) => {
  const { served, read, map } = await site(context);
  served["/sitemap.xml"] = map("/help/one", "/help/two", "/help/three", "/help/four");
  served["/help/one"] = page("One", "For all.");
  served["/help/two"] = page("Two", "For no machine.", {}, '<meta name="robots" content="none">');
  served["/help/three"] = page("Three", "For no machine either.", { "x-robots-tag": "none" });
  const preview = { "x-robots-tag": "max-image-preview:  none, max-video-preview=none, nofollow" };
  served["/help/four"] = page("Four", "For all, without pictures.", preview);
  const { pages } = await read();
  assert.deepEqual(
    pages.map(({ title }) => title),
    ["One", "Four"],
  );
});
