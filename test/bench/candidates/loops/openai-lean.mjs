/** The openai client over undici's pool. */
import OpenAI from "openai";
import { Pool } from "undici";
import { loopOver } from "../work.mjs";

export function openLoop(baseURL) {
  const pool = new Pool(new URL(baseURL).origin, { connections: 64 });
  /** The part of `fetch` that the client uses. */
  const leanFetch = async (url, { method, headers, body }) => {
    const answer = await pool.request({
      method,
      path: new URL(url).pathname,
      headers: Object.fromEntries(new Headers(headers)),
      body,
    });
    return new Response(await answer.body.text(), {
      status: answer.statusCode,
      headers: { "content-type": answer.headers["content-type"] },
    });
  };
  const client = new OpenAI({ apiKey: "any", baseURL, fetch: leanFetch });
  return loopOver((body) => client.chat.completions.create(body));
}
