/**
 * A bare job around an agent loop: a BullMQ worker that writes six rows in two commits for each conversation.
 * `node bare-job.mjs openai-lean|agents-sdk MODEL_URL REDIS_URL DATABASE_URL`. Says "ready", works until it is killed.
 */
import { Worker } from "bullmq";
import pg from "pg";
import { loopOver, QUESTION } from "./harness.mjs";

const [, , kind, modelUrl, redisUrl, databaseUrl] = process.argv;

/** One conversation with the loop in question. */
async function converseWith() {
  const { default: OpenAI } = await import("openai");
  if (kind === "openai-lean") {
    const { Pool } = await import("undici");
    const pool = new Pool(new URL(modelUrl).origin, { connections: 64 });
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
    const client = new OpenAI({ apiKey: "any", baseURL: modelUrl, fetch: leanFetch });
    return loopOver((body) => client.chat.completions.create(body));
  }
  const { Agent, run, setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled, tool } =
    await import("@openai/agents");
  const { lookUp, SYSTEM, TOOL } = await import("./harness.mjs");
  setDefaultOpenAIClient(new OpenAI({ apiKey: "any", baseURL: modelUrl }));
  setOpenAIAPI("chat_completions");
  setTracingDisabled(true);
  const agent = new Agent({
    name: "helpdesk",
    instructions: SYSTEM,
    model: "fake",
    tools: [tool({ ...TOOL, strict: true, execute: async (input) => lookUp(input) })],
  });
  return async () => String((await run(agent, QUESTION)).finalOutput);
}

const database = new pg.Pool({ connectionString: databaseUrl, max: 10 });
const converse = await converseWith();

/** Three rows in one commit. */
async function write(conversation, step, text) {
  const client = await database.connect();
  try {
    await client.query("begin");
    for (let row = 0; row < 3; row += 1)
      await client.query({
        name: "write",
        text: "insert into bare_row (conversation, step, place, text) values ($1, $2, $3, $4)",
        values: [conversation, step, row, text],
      });
    await client.query("commit");
  } finally {
    client.release();
  }
}

const { hostname, port, pathname } = new URL(redisUrl);
new Worker(
  "bare",
  async ({ data }) => {
    await write(data.conversation, "read", QUESTION);
    await write(data.conversation, "answered", await converse());
  },
  {
    connection: { host: hostname, port: Number(port), db: Number(pathname.slice(1) || "0") },
    concurrency: 16,
  },
);
process.stdout.write("ready\n");
