/** What writers see in the end is looked for where they wrote. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { closed, listen } from "#test/support/loopback.ts";
import { noMessages } from "./messages.ts";

test("a chat that was accepted and has no page fails the look where every chat has one", async (context) => {
  const server = createServer(({ method }, response) => {
    response.writeHead(method === "POST" ? 200 : 404).end("{}");
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  context.after(() => closed(server));
  const door = { urls: () => [url], token: async () => "a token" };
  const strict = noMessages({ ...door, hasEveryPage: true });
  const lenient = noMessages({ ...door, hasEveryPage: false });
  for (const messages of [strict, lenient]) await messages.chat("u1", "gone", "Hello?");
  await assert.rejects(strict.shownInChats(), /there is no chat gone/);
  assert.deepEqual(await lenient.shownInChats(), []);
});
