import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import express from "express";
import { widgetRoutes } from "#server/widget/bundle-route.ts";
import { listen } from "#test/support/http-front.ts";

/** What the script makes of a text, with elements that know no more than what was put into them. */
function linksShown(script: string, text: string): readonly string[] {
  const made: { href?: string; append: () => void; setAttribute: () => void }[] = [];
  const createElement = () => {
    const element = { href: "", append: () => {}, setAttribute: () => {} };
    made.push(element);
    return element;
  };
  const inside = script.slice(
    script.indexOf("const BIDI_CONTROLS"),
    script.indexOf("const ENGLISH"),
  );
  vm.runInNewContext(`${inside}\nlinkedNodes(text, "opens in a new tab");`, {
    document: { createElement },
    URL,
    text,
  });
  return made.flatMap(({ href }) => (href === undefined || href === "" ? [] : [href]));
}

test("the widget links to the hosts of the policy in force, and a change is seen at once", async (context) => {
  let hosts: readonly string[] = ["ourshop.test"];
  const app = express().use(
    "/widget.js",
    widgetRoutes(() => hosts),
  );
  const { url, close } = await listen(app);
  context.after(close);
  const load = (etag = "") =>
    fetch(`${url}/widget.js`, {
      headers: { "If-None-Match": etag, "Cache-Control": "max-age=0" },
    });

  const words = [
    "https://ourshop.test/help.",
    "https://help.ourshop.test/",
    "https://[dead:beef::cafe]/pay",
    "https://'.evil.com/x",
    "http://[fe80::a:b]/login?u=ann",
    "https://ann@ourshop.test/",
  ].join(" ");
  const first = await load();
  const etag = first.headers.get("etag") ?? "";
  assert.deepEqual(linksShown(await first.text(), words), ["https://ourshop.test/help"]);
  assert.match(first.headers.get("cache-control") ?? "", /no-cache/);
  assert.equal((await load(etag)).status, 304);

  hosts = ["help.ourshop.test"];
  const second = await load(etag);
  assert.equal(second.status, 200);
  assert.deepEqual(linksShown(await second.text(), words), ["https://help.ourshop.test/"]);
  hosts = [];
  assert.deepEqual(linksShown(await (await load()).text(), words), []);
});
