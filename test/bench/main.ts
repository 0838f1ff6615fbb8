/** `npm run bench [-- --json]`: what a conversation costs. */
import { countJobs } from "./job-counts.ts";

const counts = await countJobs({
  conversations: Number(process.env["N"] ?? 300),
  atOnce: 16,
  workers: 2,
});
process.stdout.write(`${JSON.stringify(counts, null, 1)}\n`);
