/**
 * What a process of a test gets of this one's environment: where programs are, and where compiled modules are kept,
 * without which each of them would compile the same ten megabytes again. Nothing else that configures Deskhand.
 */
export const BARE_ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  PATH: process.env["PATH"],
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
  // A developer's own file of variables would make each test start another Deskhand.
  DESKHAND_ENV_FILE: "/dev/null",
};

/** While the calls of the sandbox Zendesk are recorded, those of its own processes are too. */
export function recorderForChildren(): Record<string, string | undefined> {
  const { DESKHAND_ZENDESK_RECORDING, NODE_OPTIONS } = process.env;
  return DESKHAND_ZENDESK_RECORDING === undefined
    ? {}
    : { DESKHAND_ZENDESK_RECORDING, NODE_OPTIONS };
}
