/** The file `endpoints.json`: addresses and sandbox credentials of a running Deskhand. */

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const Id = z.string();

/** Every address and sandbox credential, for people and programs that work with a running Deskhand. */
export const Endpoints = z.strictObject({
  ready: z.literal(true),
  app: z.strictObject({ url: z.string() }),
  chat: z.strictObject({ url: z.string(), identitySecret: z.string() }),
  slack: z
    .strictObject({
      url: z.string(),
      approvalsChannel: Id,
      alertsChannel: Id,
      helpChannel: Id,
      users: z.strictObject({ sam: Id, lea: Id, ned: Id, ann: Id }),
    })
    .nullable(),
  zendesk: z
    .strictObject({
      url: z.string(),
      tokens: z.strictObject({ admin: Id, bot: Id, dana: Id, lee: Id, ann: Id }),
      groups: z.strictObject({ bot: z.int(), tier2: z.int(), sensitive: z.int() }),
    })
    .nullable(),
  email: z
    .strictObject({
      address: z.string(),
      web: z.string(),
      smtp: z.strictObject({ host: z.string(), port: z.int() }),
      imap: z.strictObject({ host: z.string(), port: z.int(), user: z.string(), pass: z.string() }),
    })
    .nullable(),
  shop: z.strictObject({ url: z.string(), openapi: z.string(), key: z.string() }).nullable(),
  redis: z.strictObject({ url: z.string() }),
  database: z.strictObject({ kind: z.enum(["pglite", "postgres"]), url: z.string() }),
});
export type Endpoints = z.infer<typeof Endpoints>;

function fileIn(folder: string): string {
  return join(folder, "endpoints.json");
}

/** Removed before a start and on a clean stop: while the file exists, every address in it answers. */
export function removeEndpoints(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

/** Written whole under another name first, so that no reader sees half of it; readable by its owner only. */
export function writeEndpoints(folder: string, endpoints: Endpoints): void {
  const temporary = `${fileIn(folder)}.part`;
  writeFileSync(temporary, `${JSON.stringify(Endpoints.parse(endpoints), null, 2)}\n`, {
    mode: 0o600,
  });
  renameSync(temporary, fileIn(folder));
}

/** The same as a table for the terminal. Credentials stay in the file. */
export function addressTable(endpoints: Endpoints): string {
  const row = (name: string, url: string): [string, string] => [name, url];
  const rows: [string, string][] = [
    ["Start here", endpoints.app.url],
    ["Chat widget", `${endpoints.app.url}/chat`],
    // A Slack of one's own is found without an address.
    ...(endpoints.slack === null ? [] : [row("Approvals (Slack)", endpoints.slack.url)]),
    ["Approvals (console)", `${endpoints.app.url}/console`],
  ];
  if (endpoints.email !== null) rows.push(["Customers' mail", endpoints.email.web]);
  if (endpoints.zendesk !== null) rows.push(["Zendesk, agents", `${endpoints.zendesk.url}/agent`]);
  if (endpoints.shop !== null) rows.push(["Shop API", endpoints.shop.openapi]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, url]) => `  ${name.padEnd(width)}  ${url}`).join("\n");
}
