/** A help centre on the web, read politely and from nowhere else. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import { isOwnNetwork, publicFetch } from "#http/public-fetch.ts";
import { documentReader } from "#knowledge/documents/reading-thread.ts";
import { robotRules } from "#knowledge/sources/site-rules.ts";
import { readSite } from "#knowledge/sources/site-source.ts";
import { never } from "#test/knowledge/bench.ts";
import { page, site } from "./site.ts";

test("links are followed within the folder of the address, each page once, and what is left out has its reason", async (context) => {
  const { asked, read, url } = await site(context, {
    "/robots.txt": { body: "User-agent: *\nDisallow: /help/internal\n" },
    "/help/": page("Help", "Start here.", [
      "returns.html",
      "/help/returns.html#costs",
      "/shop",
      "https://elsewhere.test/help/",
      "/help/internal/wages",
      "/help/logo.png",
      "/help/?q=1",
      "moved",
      "away",
      "gone",
      "draft",
      "twin",
    ]),
    "/help/returns.html": page("Returns", "You have thirty days.", ["/help/"]),
    "/help/moved": { status: 301, headers: { location: "/help/new" } },
    "/help/new": page("New place", "It moved."),
    "/help/away": { status: 302, headers: { location: "http://169.254.169.254/latest/meta-data" } },
    "/help/draft": {
      ...page("Draft", "Not yet."),
      headers: { "content-type": "text/html", "x-robots-tag": "noindex" },
    },
    "/help/twin": page("Returns", "You have thirty days.", ["/help/"]),
  });
  const { pages, leftOut } = await read("/help/");
  assert.deepEqual(
    pages.map(({ id, title, url: at }) => [id, title, at]),
    [
      ["help/", "Help", `${url}/help/`],
      ["help/returns.html", "Returns", `${url}/help/returns.html`],
      ["help/new", "New place", `${url}/help/new`],
    ],
  );
  assert.deepEqual(
    leftOut.map(({ id, reason }) => `${id}: ${reason}`),
    [
      "help/internal/wages: the site's robots.txt forbids to read it",
      "help/away: it leads out of the help centre, to http://169.254.169.254/latest/meta-data",
      "help/gone: the site answers 404",
      "help/draft: it asks not to be found by machines",
      "help/twin: it says the same as help/returns.html",
    ],
  );
  assert.ok(!asked.some((path) => /shop|internal|png|q=1/.test(path)), asked.join());
});

test("a redirect to a sign-in is said as such, one to an article about signing in is followed", async (context) => {
  const { read } = await site(context, {
    "/help/": page("Help", "Start here.", ["one", "two", "three", "four"]),
    "/help/one": { status: 302, headers: { location: "/account/login?return_to=/help/one" } },
    "/help/two": { status: 302, headers: { location: "/help/sign_in/" } },
    "/help/three": { status: 301, headers: { location: "/help/sign-in-with-google" } },
    "/help/sign-in-with-google": page("Google", "Press the button."),
    "/help/four": { status: 301, headers: { location: "/help/login/lost-password" } },
    "/help/login/lost-password": page("Password", "Ask for a new one."),
  });
  const { pages, leftOut } = await read("/help/");
  assert.deepEqual(
    pages.map(({ title }) => title),
    ["Help", "Google", "Password"],
  );
  assert.deepEqual(
    leftOut.map(({ id, reason }) => `${id}: ${reason}`),
    [
      "help/one: it asks for a sign-in first, at /account/login?return_to=/help/one",
      "help/two: it asks for a sign-in first, at /help/sign_in/",
    ],
  );
});

test("a sitemap names the pages, also packed and in parts; unchanged pages are not sent again", async (context) => {
  const { asked, served, read, url } = await site(context, {});
  served["/robots.txt"] = { body: `Sitemap: ${url}/maps.xml\n` };
  served["/maps.xml"] = {
    body: `<sitemapindex><sitemap><loc>${url}/one.xml.gz</loc></sitemap></sitemapindex>`,
  };
  served["/one.xml.gz"] = {
    headers: { "content-encoding": "gzip" },
    body: gzipSync(
      `<urlset><url><loc>${url}/help/a</loc></url><url><loc>${url}/blog/b</loc></url><url><loc>https://other.test/help/c</loc></url></urlset>`,
    ),
  };
  const etag = '"1"';
  served["/help/a"] = {
    ...page("Fees", "Five dollars.", ["/help/unlisted"]),
    headers: { "content-type": "text/html", etag },
  };
  const first = await read("/help/");
  assert.deepEqual(
    first.pages.map(({ title }) => title),
    ["Fees"],
  );
  const copies = new Map(first.copies.map((copy) => [copy.page.id, copy]));
  asked.splice(0);
  const second = await read("/help/", { copies });
  assert.deepEqual(second.pages, first.pages);
  assert.deepEqual(asked, ["/robots.txt", "/maps.xml", "/one.xml.gz", "/help/a"]);
  served["/help/a"] = {
    ...page("Fees", "Nothing."),
    headers: { "content-type": "text/html", etag: '"2"' },
  };
  assert.match((await read("/help/", { copies })).pages[0]?.text ?? "", /Nothing/);
});

test("a site of the own network is refused unless the operator says so, by name, by number and after a redirect", async (context) => {
  const { read, url } = await site(context, { "/help/": page("Help", "Here.") });
  await assert.rejects(
    read("/help/", { isLocal: false }),
    /own network \(127\.0\.0\.1\), which is only read with --local/,
  );
  const options = { headers: {}, bytesMax: 1_000, timeoutMs: 5_000, isLocal: false, signal: never };
  await assert.rejects(
    publicFetch(new URL(url.replace("127.0.0.1", "localhost")), options),
    /own network/,
  );
  for (const own of [
    "10.1.2.3",
    "127.9.9.9",
    "169.254.169.254",
    "172.31.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "fd00::1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "fec0::1",
    "::10.0.0.1",
    "::ffff:0:10.0.0.1",
    "3fff:123::1",
    "5f00::1",
    "168.63.129.16",
    "no address",
  ])
    assert.equal(isOwnNetwork(own), true, own);
  for (const other of [
    "1.1.1.1",
    "::ffff:1.1.1.1",
    "::ffff:101:101",
    "93.184.216.34",
    "172.32.0.1",
    "2606:4700::1111",
  ])
    assert.equal(isOwnNetwork(other), false, other);
  for (const wrong of ["ftp://a.test/", "http://user:pass@a.test/", "nothing"])
    await assert.rejects(
      readSite(wrong, {
        reader: documentReader(),
        signal: never,
        progress: () => undefined,
        isLocal: true,
        copies: new Map(),
        now: new Date(),
      }),
      /no address of a web page/,
    );
});

test("a site that fails, forbids or answers without end is left as it was", async (context) => {
  const { served, read } = await site(context, { "/help/": page("Help", "Here.", ["bomb"]) });
  served["/help/bomb"] = {
    headers: { "content-type": "text/html", "content-encoding": "gzip" },
    body: gzipSync(Buffer.alloc(30_000_000)),
  };
  assert.match((await read("/help/")).leftOut[0]?.reason ?? "", /larger than 20 MB/);
  served["/robots.txt"] = { body: "User-agent: deskhand\nDisallow: /\n" };
  await assert.rejects(read("/help/"), /robots\.txt forbids/);
  served["/robots.txt"] = { status: 503 };
  await assert.rejects(read("/help/"), /robots\.txt cannot be read, so the site is left alone/);
  served["/robots.txt"] = { status: 404 };
  served["/help/"] = { status: 500 };
  await assert.rejects(read("/help/"), /the site answers 500/);
});

test("a page that a site does not give for a while stays as it was, one that is gone goes, and two addresses of one page give it once", async (context) => {
  const { served, read, url } = await site(context, {});
  const paths = ["a", "b", "c", "old"];
  served["/robots.txt"] = { body: `Sitemap: ${url}/s.xml\n` };
  served["/s.xml"] = {
    body: `<urlset>${paths.map((path) => `<url><loc>${url}/help/${path}</loc></url>`).join("")}</urlset>`,
  };
  for (const path of paths) served[`/help/${path}`] = page(path, `It is ${path}.`);
  const first = await read("/help/");
  assert.deepEqual(
    first.pages.map(({ id }) => id),
    ["help/a", "help/b", "help/c", "help/old"],
  );
  served["/help/a"] = { status: 429 };
  served["/help/b"] = { status: 503 };
  served["/help/c"] = { status: 404 };
  served["/help/old"] = { status: 301, headers: { location: "/help/a" } };
  const copies = new Map(first.copies.map((copy) => [copy.page.id, copy]));
  const { pages, leftOut } = await read("/help/", { copies });
  assert.deepEqual(
    pages.map(({ id }) => id),
    ["help/a", "help/b", "help/old"],
  );
  assert.deepEqual(
    leftOut.map(({ id, reason }) => `${id}: ${reason}`),
    [
      "help/a: the site answers 429; what was read before stays",
      "help/b: the site answers 503; what was read before stays",
      "help/c: the site answers 404",
      "help/old: the site answers 429; what was read before stays",
    ],
  );
  const moving = { location: "/help/a" };
  served["/help/b"] = { status: 301, headers: moving };
  let asked = 0;
  served["/help/a"] = {
    headers: { "content-type": "text/html" },
    get body() {
      asked += 1;
      return `<main><h1>a</h1><p>Asked ${asked} times.</p></main>`;
    },
  };
  assert.deepEqual(
    (await read("/help/")).pages.map(({ id }) => id),
    ["help/a"],
  );
});

test("what customers write to each other is no help page", async (context) => {
  const { read } = await site(context, {
    "/hc/en-us/": page("Help", "Start here.", ["articles/1", "community/posts/2"]),
    "/hc/en-us/articles/1": {
      headers: { "content-type": "text/html" },
      body: `<main><h1>Returns</h1><p>You have thirty days.</p><section class="comments"><p>It is 365 days.</p></section><div itemprop="comment">Or 400.</div></main>`,
    },
    "/hc/en-us/community/posts/2": page("A post", "Returns are accepted for a year."),
  });
  const { pages } = await read("/hc/en-us/");
  assert.deepEqual(
    pages.map(({ text }) => text.replaceAll(/\s+/g, " ")),
    [pages[0]?.text.replaceAll(/\s+/g, " "), "# Returns You have thirty days."],
  );
});

test("robots.txt is read as RFC 9309 says", () => {
  const may = (file: string, path: string) =>
    robotRules(file, "deskhand").mayRead(new URL(path, "https://a.test"));
  const file =
    "User-agent: other\nUser-agent: Deskhand # us\nDisallow: /a\nAllow: /a/b\nDisallow: /*.pdf$\nCrawl-delay: 2\n\nUser-agent: *\nDisallow: /\n";
  assert.deepEqual(
    ["/a", "/a/b/c", "/x.pdf", "/x.pdf?y", "/z"].map((path) => may(file, path)),
    [false, true, false, true, true],
  );
  assert.equal(robotRules(file, "deskhand").delaySeconds, 2);
  assert.equal(robotRules(file, "another").mayRead(new URL("https://a.test/z")), false);
  assert.equal(may("Disallow: /\nnonsense\n:::", "/a"), true);
  assert.equal(may("User-agent: *\nDisallow:\n", "/a"), true);
  // A line of no group ends none (2.2.4).
  const parted =
    "User-agent: deskhand\nSitemap: https://a.test/s.xml\nUser-agent: b\nDisallow: /\n";
  assert.equal(may(parted, "/a"), false);
  assert.equal(may("User-agent: *\nDisallow: /p\nAllow: /p\n", "/p"), true);
  assert.deepEqual(robotRules("Sitemap: https://a.test/s.xml", "deskhand").sitemaps, [
    "https://a.test/s.xml",
  ]);
});

test("a page or a sitemap made to take hours is left out, and the process goes on meanwhile", async (context) => {
  const { served, read, url } = await site(context, {
    "/help/": page("Help", "Here.", ["bad", "good"]),
    "/help/good": page("Good", "It is read."),
  });
  served["/help/bad"] = {
    headers: { "content-type": "text/html" },
    body: `${"<meta name=robots ".repeat(50_000)}${"<a ".repeat(300_000)}`,
  };
  const links = ["help/", "help/good"];
  assert.deepEqual(await readWithoutPause(), links);
  served["/robots.txt"] = {
    body: `${"#".repeat(400_000)}\u2028\nSitemap: ${url}/s.xml\n`,
  };
  served["/s.xml"] = {
    body: `<urlset><loc>${" ".repeat(1_000_000)}<loc>${url}/help/good</loc>${"<loc>".repeat(500_000)}`,
  };
  assert.deepEqual(await readWithoutPause(), ["help/good"]);

  /** The ids of the pages, read without much work of this thread, which answers everybody else. */
  async function readWithoutPause(): Promise<readonly string[]> {
    const before = process.threadCpuUsage();
    const { pages } = await read("/help/");
    const { user } = process.threadCpuUsage(before);
    assert.ok(user < 5_000_000, `${user / 1_000} ms of processor time`);
    return pages.map(({ id }) => id);
  }
});
