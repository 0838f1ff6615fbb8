/** Fetching a file: which hosts are asked, with what, and how long and how much. */
import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { describe, test } from "node:test";
import { download } from "#zendesk/read/attachments.ts";
import type { OpenedFile } from "#core/contracts/channel.ts";
import { listen } from "#test/support/http-front.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
}

/** An account and a host of files that answer as told, and what each was asked. */
async function between(
  answers: {
    readonly account?: (files: string, elsewhere: string) => RequestListener;
    readonly files?: RequestListener;
  },
  run: (at: {
    readonly get: (path?: string, timeoutMs?: number, token?: string) => Promise<OpenedFile>;
    readonly account: Asked[];
    readonly files: Asked[];
    readonly elsewhere: Asked[];
    readonly filesUrl: string;
  }) => Promise<void>,
): Promise<void> {
  const asked = { account: [] as Asked[], files: [] as Asked[], elsewhere: [] as Asked[] };
  const open = (list: Asked[], answer: () => RequestListener) =>
    listen((request, response) => {
      const { url: path = "", headers } = request;
      list.push({ path, authorization: headers.authorization });
      answer()(request, response);
    });
  const ok: RequestListener = (_request, response) => response.end("bytes");
  const elsewhere = await open(asked.elsewhere, () => ok);
  const files = await open(asked.files, () => answers.files ?? ok);
  const send: RequestListener = (_request, response) =>
    response.writeHead(302, { location: `${files.url}/signed?s=1` }).end();
  const account = await open(
    asked.account,
    () => answers.account?.(files.url, elsewhere.url) ?? send,
  );
  try {
    await run({
      ...asked,
      filesUrl: files.url,
      get: (path = "/attachments/token/x", timeoutMs = PATIENCE_MS, token = "secret") =>
        download(
          {
            account: account.url,
            hosts: [new URL(files.url).host],
            token: async () => token,
            timeoutMs,
          },
          path.startsWith("http") ? path : `${account.url}${path}`,
          { bytesMax: 1_000, signal: new AbortController().signal },
        ),
    });
  } finally {
    for (const server of [account, files, elsewhere]) await server.close();
  }
}

const redirect =
  (to: (files: string, elsewhere: string) => string) =>
  (files: string, elsewhere: string): RequestListener =>
  (_request, response) =>
    response.writeHead(302, { location: to(files, elsewhere) }).end();

describe("fetching a file", () => {
  test("shows the token to the account alone, and to no host it redirects to", async () => {
    await between({}, async ({ get, account, files }) => {
      const opened = await get();
      assert.equal(opened.state === "open" && Buffer.from(opened.bytes).toString(), "bytes");
      assert.deepEqual(
        [account, files],
        [
          [{ path: "/attachments/token/x", authorization: "Bearer secret" }],
          [{ path: "/signed?s=1", authorization: undefined }],
        ],
      );
    });
  });

  test("asks no host it was not told of, neither first nor along the way", async () => {
    await between({ account: redirect((_files, elsewhere) => elsewhere) }, async (at) => {
      assert.equal((await at.get()).state, "refused");
      assert.deepEqual(at.elsewhere, []);
      assert.equal(at.account.length, 1);
    });
  });

  test("refuses addresses that only look like a host it knows, or are not encrypted", async () => {
    const addresses = [
      "https://evilzdusercontent.com/x",
      "https://zdusercontent.com.evil.test/x",
      "https://shop.zendesk.com.evil.test/x",
      "https://shop.zendesk.com@evil.test/x",
      "https://user:word@shop.zendesk.com/x",
      "http://shop.zendesk.com/x",
      "http://127.0.0.1:9/x",
      "http://169.254.169.254/latest/meta-data",
      "file:///etc/passwd",
      "nonsense",
    ];
    const options = {
      account: "https://shop.zendesk.com",
      hosts: ["zdusercontent.com"],
      token: async () => "secret",
      timeoutMs: PATIENCE_MS,
    };
    for (const address of addresses) {
      const limits = { bytesMax: 1, signal: new AbortController().signal };
      assert.equal((await download(options, address, limits)).state, "refused", address);
    }
  });

  test("stops at the size that was allowed, whatever the host said about it", async () => {
    const endless: RequestListener = (_request, response) => {
      const more = (): void => void response.write(Buffer.alloc(600), () => setImmediate(more));
      response.on("close", () => response.removeAllListeners());
      if (!response.destroyed) more();
    };
    await between({ files: endless }, async ({ get }) => {
      assert.equal((await get()).state, "refused");
    });
    const honest: RequestListener = (_request, response) =>
      response.writeHead(200, { "content-length": "5000" }).end(Buffer.alloc(5_000));
    await between({ files: honest }, async ({ get }) => {
      assert.equal((await get()).state, "refused");
    });
  });

  test("waits no longer than it may, and calls a host that is away by that name", async () => {
    await between({ files: () => undefined }, async ({ get }) => {
      await assert.rejects(get(undefined, 50), { code: "channel.unavailable" });
    });
    const broken: RequestListener = (_request, response) => response.writeHead(502).end("<html>");
    await between({ files: broken }, async ({ get }) => {
      await assert.rejects(get(), { code: "channel.unavailable" });
    });
    const closed: RequestListener = (_request, response) => response.writeHead(403).end();
    await between({ files: closed }, async ({ get }) => {
      const opened = await get();
      assert.match(opened.state === "refused" ? opened.reason : "", /keeps it private/);
    });
  });
});
