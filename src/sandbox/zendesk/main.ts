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
  giveUp(`--port wants a number from 0 to 65535, not ${values.port}`);
}
const { directory } = values;
const started = startSandboxZendesk({ directory, port, now: () => new Date() });
const zendesk = await started.catch((error: unknown) =>
  giveUp(`cannot start on port ${port}: ${error instanceof Error ? error.message : String(error)}`),
);
const { url, tokens, groups, oauth } = zendesk;
process.stdout.write(`${JSON.stringify({ url, tokens, groups, oauth })}\n`);
process.stdout.write(`Agent page ${url}/agent, customer page ${url}/hc/requests\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void zendesk.close().then(() => process.exit(0)));
}

function giveUp(reason: string): never {
  process.stderr.write(`sandbox zendesk: ${reason}\n`);
  process.exit(1);
}
