/** Where a payload of Slack says that an answer or a file goes: to Slack, or nowhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { senderTo } from "#slack/api/web-api.ts";
import { listen } from "#test/support/http-front.ts";

test("an answer goes to Slack's own address alone, and follows no redirect away from it", async (context) => {
  const asked: string[] = [];
  const serve = async (status: number, location?: string): Promise<string> => {
    const { url, close } = await listen((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
    context.after(close);
    return url;
  };
  const [foreign, slack] = [await serve(200), await serve(200)];
  const leading = await serve(307, `${foreign}/led`);
  const letter = { type: "text/plain", body: "words", signal: AbortSignal.timeout(60_000) };
  const hooks = "https://hooks.slack.com";
  await senderTo(hooks, slack)(`${slack}/own`, letter);
  for (const address of [`${foreign}/other`, "no address", slack.replace("http:", "https:")])
    await assert.rejects(senderTo(hooks, slack)(address, letter));
  await assert.rejects(senderTo(hooks, undefined)(`${slack}/real`, letter));
  await assert.rejects(senderTo(hooks, leading)(`${leading}/away`, letter));
  assert.deepEqual(asked, ["/own", "/away"]);
});
