/**
 * `DESKHAND_ZENDESK_RECORDING=FOLDER node --import ./test/zendesk/spec/record.ts …`: every call a sandbox Zendesk in
 * this process or its children answers becomes a line of JSON in FOLDER, one file a process.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { EXCHANGES } from "#sandbox/zendesk/http/api.ts";

const folder = process.env["DESKHAND_ZENDESK_RECORDING"];
if (folder !== undefined && folder !== "") {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${process.pid}.jsonl`);
  // Written at once: a test that kills its process must not take the last calls with it.
  EXCHANGES.subscribe((exchange) => appendFileSync(file, `${JSON.stringify(exchange)}\n`));
}
