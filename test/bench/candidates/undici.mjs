/** undici's pool, the fastest client for Node. */
import { Pool } from "undici";
import { loopOver, measure, URL_OF_MODEL } from "./harness.mjs";

const target = new URL(`${URL_OF_MODEL}/chat/completions`);
const pool = new Pool(target.origin, { connections: 64 });

async function complete(body) {
  const { body: answer } = await pool.request({
    method: "POST",
    path: target.pathname,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}

await measure(loopOver(complete));
