/** Who may read the metrics, and where. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createApp, listen } from "#server/http/app.ts";
import { metricsRoute } from "#server/http/health.ts";
import { silentLog } from "#test/store/bench.ts";

const TOKEN = "a-token-of-the-operator";
const OFFERED = {
  contentType: "text/plain; version=0.0.4; charset=utf-8",
  text: async () => "a 1\n",
};

test("with a token, the metrics are for who sends it; a port of its own without one answers everybody", async (context) => {
  const routes = { "/token": { token: TOKEN }, "/open": "open" } as const;
  const app = createApp({
    log: silentLog,
    frames: [],
    mounted: Object.entries(routes).map(([path, access]) => [path, metricsRoute(OFFERED, access)]),
  });
  const listening = await listen(app, { host: "127.0.0.1", port: 0 });
  context.after(() => listening.close());
  const asked = (path: string, authorization?: string): Promise<Response> =>
    fetch(
      `${listening.url}${path}`,
      authorization === undefined ? {} : { headers: { authorization } },
    );
  for (const refused of [undefined, "", `Bearer ${TOKEN}x`, TOKEN, "Bearer "]) {
    const answer = await asked("/token", refused);
    assert.equal(answer.status, 401, refused);
    assert.doesNotMatch(await answer.text(), /a 1/);
  }
  for (const answer of [await asked("/token", `Bearer ${TOKEN}`), await asked("/open")]) {
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), OFFERED.contentType);
    assert.equal(await answer.text(), "a 1\n");
  }
});
