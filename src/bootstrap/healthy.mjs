/** The health check of a container: exits with 0 while the process beside it lives, with 1 otherwise. */

/** As the program reads it: an empty one counts as not set, and an engine of containers passes quotes of a file on. */
const set = (name) => process.env[name]?.trim().replace(/^(['"`])(.*)\1$/u, "$2");

const port = set("DESKHAND_PORT") || "4747";
const host = set("DESKHAND_HOST") || "127.0.0.1";
// An address for all of them is none to call.
const called = ["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host;
const address = called.includes(":") ? `[${called}]` : called;
try {
  const answer = await fetch(`http://${address}:${port}/health/live`, {
    signal: AbortSignal.timeout(4_000),
  });
  process.exit(answer.ok ? 0 : 1);
} catch {
  process.exit(1);
}
