/** undici's pool, the fastest client for Node. */
import { Pool } from "undici";
import { loopOver } from "../work.mjs";

export function openLoop(modelUrl) {
  const target = new URL(`${modelUrl}/chat/completions`);
  const pool = new Pool(target.origin, { connections: 64 });
  return loopOver(async (body) => {
    const { body: answer } = await pool.request({
      method: "POST",
      path: target.pathname,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer.json();
  });
}
