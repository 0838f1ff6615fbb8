/** The floor: node:http with keep-alive and nothing else. */
import { Agent, request } from "node:http";
import { loopOver } from "../work.mjs";

export function openLoop(modelUrl) {
  const agent = new Agent({ keepAlive: true });
  const target = new URL(`${modelUrl}/chat/completions`);
  const complete = (body) =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        target,
        { method: "POST", agent, headers: { "content-type": "application/json" } },
        (incoming) => {
          const chunks = [];
          incoming.on("data", (chunk) => chunks.push(chunk));
          incoming.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString("utf8"))));
          incoming.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(JSON.stringify(body));
    });
  return loopOver(complete);
}
