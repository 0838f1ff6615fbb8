/** A help centre on the web, for tests: a site that answers by path, and the reading of it. */
import type { TestContext } from "node:test";
import { documentReader } from "#knowledge/documents/reading-thread.ts";
import { readSite, type SiteReading } from "#knowledge/sources/site-source.ts";
import { never } from "#test/knowledge/bench.ts";
import { listen } from "#test/support/http-front.ts";

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export function page(
  title: string,
  text: string,
  links: readonly string[] = [],
  { headers = {}, head = "" }: Pick<Answer, "headers"> & { readonly head?: string } = {},
): Answer {
  const more = links.map((link) => `<a href="${link}">more</a>`).join("");
  return {
    headers: { "content-type": "text/html; charset=utf-8", ...headers },
    body: `<html><head>${head}</head><body><main><h1>${title}</h1><p>${text}</p>${more}</main></body></html>`,
  };
}

/** The site, what it was asked for, and what it says from now on. */
export async function site(context: TestContext, answers: Readonly<Record<string, Answer>> = {}) {
  const asked: string[] = [];
  const served: Record<string, Answer> = { "/robots.txt": { status: 404 }, ...answers };
  const { url, close } = await listen((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const { status = 200, headers = {}, body = "" } = served[path] ?? { status: 404 };
    const since = Date.parse(request.headers["if-modified-since"] ?? "");
    const isSame =
      status === 200 &&
      (Date.parse(headers["last-modified"] ?? "") <= since ||
        (headers["etag"] !== undefined && request.headers["if-none-match"] === headers["etag"]));
    response.writeHead(isSame ? 304 : status, headers).end(isSame ? "" : body);
  });
  const reader = documentReader();
  context.after(async () => {
    await close();
    await reader.close();
  });
  const read = (path: string, given: Partial<SiteReading> = {}) =>
    readSite(`${url}${path}`, {
      reader,
      signal: never,
      progress: () => undefined,
      isLocal: true,
      copies: new Map(),
      now: new Date(),
      pauseMs: 0,
      ...given,
    });
  return { url, asked, served, read };
}
