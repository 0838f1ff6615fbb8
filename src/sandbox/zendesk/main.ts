import { parseArgs } from "node:util";
import { startSandboxZendesk } from "./index.ts";

/**
 * Starts the sandbox Zendesk alone: `--port P` (a free one otherwise), `--directory D` for its data. The first line
 * on standard output is JSON with `url`, `tokens` and `groups`; SIGINT or SIGTERM ends it.
 */
const { values } = parseArgs({
  options: {
    port: { type: "string" },
    directory: { type: "string", default: ".deskhand/zendesk" },
  },
});
const port = values.port === undefined ? 0 : Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write(`--port wants a number from 0 to 65535, not ${values.port}\n`);
  process.exit(1);
}
const zendesk = await startSandboxZendesk({
  directory: values.directory,
  port,
  now: () => new Date(),
});
const { url, tokens, groups, oauth } = zendesk;
process.stdout.write(`${JSON.stringify({ url, tokens, groups, oauth })}\n`);
process.stdout.write(`Agent page ${url}/agent, customer page ${url}/hc/requests\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void zendesk.close().then(() => process.exit(0)));
}
