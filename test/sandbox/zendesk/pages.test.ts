import assert from "node:assert/strict";
import { test } from "node:test";
import { annAsks, commentsOf, type Trial, trial, update } from "./client.ts";

/** Sends a form as a browser would and tells where it leads. */
async function submit(
  desk: Trial,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly location: string; readonly cookie: string }> {
  const response = await fetch(`${desk.zendesk.url}${path}`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers,
    redirect: "manual",
  });
  const location = response.headers.get("location") ?? "";
  return { status: response.status, location, cookie: response.headers.get("set-cookie") ?? "" };
}

async function page(desk: Trial, path: string, cookie = ""): Promise<string> {
  return (await fetch(`${desk.zendesk.url}${path}`, { headers: { cookie } })).text();
}

test("what customers and teammates write is shown as text, never as markup", async (context) => {
  const desk = await trial(context);
  const attack = `<script>alert(1)</script><img src=x onerror="a('b')"> javascript:alert(1) https://x.test/"onclick="y`;
  const id = await annAsks(desk, attack);
  await update(desk, "bot", id, {
    comment: { html_body: `<p>${attack}</p>`, public: false },
    tags: ['"><b>'],
  });
  for (const path of ["/agent", `/agent/tickets/${id}`, "/hc/requests", `/hc/requests/${id}`]) {
    const text = await page(desk, path);
    assert.ok(text.includes("&lt;script&gt;alert(1)&lt;/script&gt;"), path);
    assert.doesNotMatch(text, /<script>alert|<img|<b>"|href="javascript|"onclick/u);
  }
  const shown = await fetch(`${desk.zendesk.url}/agent/tickets/${id}`);
  assert.match(
    shown.headers.get("content-security-policy") ?? "",
    /default-src 'none'.*script-src 'self'/u,
  );
});

test("the style and the scripts that a page names are there", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  desk.zendesk.setAppPage(`${desk.zendesk.url}/app`);
  const named = (await page(desk, `/agent/tickets/${id}`)).matchAll(
    /(?:src|stylesheet" href)="([^"]+)"/gu,
  );
  const found = await Promise.all(
    [...named].map(async ([, path = ""]) => {
      const response = await fetch(`${desk.zendesk.url}${path}`);
      return `${path} ${response.status} ${response.headers.get("content-type")?.split(";")[0]}`;
    }),
  );
  assert.deepEqual(found, [
    "/assets/style.css 200 text/css",
    "/agent/desk.css 200 text/css",
    "/agent/app-around.js 200 text/javascript",
    "/agent/live.js 200 text/javascript",
  ]);
});

test("an article is shown as the markup that it is", async (context) => {
  const desk = await trial(context);
  const text = await page(desk, "/hc/en-us/articles/4830000003-shelves");
  const [, title, body] = /<main[^>]*>\s*<h1>([^<]+)<\/h1>([^]*)<\/main>/u.exec(text) ?? [];
  assert.ok(title);
  assert.match(body ?? "", /<p>[^<]+<\/p>/u);
});

test("a form sent by a page of another site is refused, and act-as leads to our own pages only", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const fields = { kind: "reply", body: "from elsewhere" };
  const foreign = await submit(desk, `/agent/tickets/${id}/comment`, fields, {
    "sec-fetch-site": "cross-site",
  });
  assert.equal(foreign.status, 403);
  assert.equal((await commentsOf(desk, id)).length, 1);
  const switched = await fetch(`${desk.zendesk.url}/_sandbox/faults`, {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site" },
  });
  assert.equal(switched.status, 403);
  const away = await submit(desk, "/agent/act-as", {
    side: "agent",
    persona: "lee",
    back: "//evil.test/",
  });
  assert.equal(away.location, "/agent");
});

test("a file's link leads to the web, and settings that are none are refused", async (context) => {
  const desk = await trial(context);
  const before = (await desk.control("PUT", "/settings", {})).body;
  for (const wrong of [{ contentUrl: "javascript:alert(1)" }, { contentUrl: "files" }, [], null]) {
    const { status } = await desk.control("PUT", "/settings", wrong);
    assert.equal(status, 400, JSON.stringify(wrong));
  }
  assert.deepEqual((await desk.control("PUT", "/settings", {})).body, before);
  const elsewhere = await desk.control("PUT", "/settings", { contentUrl: "http://files.test" });
  assert.equal(elsewhere.status, 200);
});
