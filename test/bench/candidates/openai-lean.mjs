/** The openai client over undici's pool. */
import OpenAI from "openai";
import { Pool } from "undici";
import { loopOver, measure, URL_OF_MODEL } from "./harness.mjs";

const pool = new Pool(new URL(URL_OF_MODEL).origin, { connections: 64 });

/** The part of `fetch` that the client uses. */
export async function leanFetch(url, { method, headers, body }) {
  const {
    statusCode,
    headers: answered,
    body: answer,
  } = await pool.request({
    method,
    path: new URL(url).pathname,
    headers: Object.fromEntries(new Headers(headers)),
    body,
  });
  return new Response(await answer.text(), {
    status: statusCode,
    headers: { "content-type": answered["content-type"] },
  });
}

const client = new OpenAI({ apiKey: "any", baseURL: URL_OF_MODEL, fetch: leanFetch });

await measure(loopOver((body) => client.chat.completions.create(body)));
