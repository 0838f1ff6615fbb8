/** What changes something is taken from our own pages alone, and what the sandbox shows under our own names alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Router } from "express";
import { addressOnThisMachine } from "#server/http/app.ts";
import { requireOwnHost } from "#sandbox/start-page/routes.ts";
import { requireOwnForm, requireOwnPage } from "#server/pages/own-origin.ts";
import { postStatus } from "./pages-bench.ts";
import { served } from "./served.ts";

const OWN = "https://desk.example.com";
const JSON_BODY = { "content-type": "application/json" };

let server: Awaited<ReturnType<typeof served>>;
before(async () => {
  const own = () => OWN;
  const routes = Router();
  for (const [path, guard] of [
    ["/page", requireOwnPage(own)],
    ["/form", requireOwnForm(own)],
    ["/host", requireOwnHost(own)],
  ] as const)
    routes.post(path, guard, (_request, response) => void response.json({ done: true }));
  server = await served("/", routes);
});
after(() => server.close());

const status = (path: string, headers: Readonly<Record<string, string>>) =>
  postStatus(`${server.url}${path}`, headers);

for (const path of ["/page", "/form"])
  test(`${path} is taken from our own origin, by either header, and from no other site`, async () => {
    const sent = (headers: Readonly<Record<string, string>>) =>
      status(path, { ...JSON_BODY, ...headers });
    assert.equal(await sent({ "sec-fetch-site": "same-origin" }), 200);
    assert.equal(await sent({ origin: OWN }), 200);
    for (const site of ["cross-site", "same-site", "none"])
      assert.equal(await sent({ "sec-fetch-site": site, origin: OWN }), 403, site);
    for (const origin of ["https://evil.test", "null", "http://desk.example.com"])
      assert.equal(await sent({ origin }), 403, origin);
  });

test("a page's script sends JSON, and a form says where it comes from", async () => {
  assert.equal(await status("/page", { "content-type": "text/plain" }), 415);
  assert.equal(await status("/page", JSON_BODY), 200, "no browser, so no session to misuse");
  assert.equal(await status("/form", JSON_BODY), 403);
});

test("a name that was pointed at this machine is not ours", async () => {
  for (const host of ["desk.example.com", "localhost:3000", "127.0.0.1", "[::1]:80"])
    assert.equal(await status("/host", { host }), 200, host);
  assert.equal(await status("/host", { host: "evil.test" }), 403);
});

test("listening for all addresses, it is opened on this machine's own", () => {
  const shown = ["127.0.0.1", "0.0.0.0", "::", "10.0.0.7"].map((host) =>
    addressOnThisMachine(host, 4747),
  );
  assert.deepEqual(shown, [
    "http://127.0.0.1:4747",
    "http://127.0.0.1:4747",
    "http://[::1]:4747",
    "http://10.0.0.7:4747",
  ]);
});
