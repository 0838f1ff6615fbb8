/** HTTP requests of tests, which have to succeed. */
import assert from "node:assert/strict";

/** One request that has to succeed; gives the parsed answer. */
export async function ask(
  url: string,
  {
    body,
    headers = {},
    method,
  }: { body?: unknown; headers?: Record<string, string>; method?: string } = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.ok(
    response.ok,
    `${method ?? ""} ${url} answered ${response.status}: ${text.slice(0, 300)}`,
  );
  return text === "" ? null : JSON.parse(text);
}
