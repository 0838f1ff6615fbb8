/**
 * A bare job around an agent loop: a BullMQ worker that writes six rows in two commits for each conversation.
 * `node bare-job.mjs LOOP MODEL_URL REDIS_URL DATABASE_URL`. Says "ready", works until it is killed.
 */
import { Worker } from "bullmq";
import pg from "pg";
import { QUESTION } from "./work.mjs";

const [, , loop, modelUrl, redisUrl, databaseUrl] = process.argv;
const { openLoop } = await import(`./loops/${loop}.mjs`);
const converse = openLoop(modelUrl);
const database = new pg.Pool({ connectionString: databaseUrl, max: 10 });

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
    concurrency: 64,
  },
);
process.stdout.write("ready\n");
