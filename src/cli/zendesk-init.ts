/** The command `init zendesk`. */

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { setVariables } from "#config/environment-file.ts";
import { protectedUrl, url, withSecretFiles } from "#config/secret.ts";
import { setUpAccount, type SetUpResult } from "#zendesk/setup/set-up.ts";
import { installSidebarApp, sidebarPackage } from "#zendesk/setup/sidebar-app.ts";
import { redirectAddress, SIGN_IN_PORT, signInWriter } from "#zendesk/setup/permissions.ts";
import { type CommandContext, needed } from "./command-parts.ts";

const Given = z.object({
  ZENDESK_URL: protectedUrl,
  ZENDESK_ADMIN_TOKEN: z.string().trim().min(1).optional(),
  DESKHAND_PUBLIC_URL: url,
  ZENDESK_FIELDS: z.string().optional(),
});

const Client = z.object({
  ZENDESK_URL: protectedUrl,
  ZENDESK_WRITER_CLIENT_ID: z.string().trim().min(1),
  ZENDESK_WRITER_CLIENT_SECRET: z.string().trim().min(1),
});

const Port = z.coerce.number().int().min(1_024).max(65_535);

/** How long the bot's agent has to sign in in the browser. */
const SIGN_IN_MS = 10 * 60_000;

interface Options {
  readonly signIn?: boolean;
  readonly port?: string;
  readonly apply?: boolean;
  readonly app?: string;
  readonly bot?: string;
}

/**
 * Adds `init zendesk`: what an account needs. Without an admin's token it prints a list to work through; with one it
 * reports what is missing, and with `--apply` creates it. It never opens the data.
 */
export function addZendeskInit(init: Command, { caller, print }: CommandContext): void {
  init
    .command("zendesk")
    .description("says or creates what Deskhand needs in a Zendesk account")
    .option("--bot <email>", "address of the bot's own agent, which must exist")
    .option("--sign-in", "let the bot's agent authorize the writer's client in a browser here")
    .option("--port <number>", "the port of this machine that the sign-in comes back to")
    .option("--apply", "create what is missing, with the admin token in ZENDESK_ADMIN_TOKEN")
    .option("--app <file>", "write the app that shows the card beside a ticket to this zip file")
    .action(async (options: Options) => {
      const { environment, folder } = needed(caller);
      if (options.signIn) return print(await signedIn(environment, options, print));
      if (options.app !== undefined) {
        const file = resolve(folder, options.app);
        return print(await appPackage(environment, file, options.apply === true));
      }
      print(await screenFor(environment, options));
    });
}

/** Signs the bot's agent in, and says what to set. */
async function signedIn(
  environment: NodeJS.ProcessEnv,
  options: Options,
  say: (line: string) => void,
): Promise<string> {
  const given = parsedWith(Client, environment);
  const port = Port.safeParse(options.port ?? SIGN_IN_PORT);
  if (!port.success) throw new Error("--port: is no number from 1024 to 65535");
  const { refreshToken, email } = await signInWriter({
    url: given.ZENDESK_URL,
    clientId: given.ZENDESK_WRITER_CLIENT_ID,
    clientSecret: given.ZENDESK_WRITER_CLIENT_SECRET,
    port: port.data,
    waitMs: SIGN_IN_MS,
    clock: { now: () => new Date() },
    show: (page) =>
      [
        `The client's redirect URLs have to contain ${redirectAddress(port.data)}`,
        "Sign in to Zendesk as the bot's own agent and open, on this machine, within ten minutes:",
        `  ${page}`,
      ].forEach(say),
  });
  return [
    `Signed in as ${email}. Set this (it is a secret, and works once: Deskhand keeps its successors)`,
    `  ZENDESK_WRITER_REFRESH_TOKEN=${refreshToken}`,
  ].join("\n");
}

/** Writes the app's package; with `--apply` and an admin's token it is uploaded as well. */
async function appPackage(
  environment: NodeJS.ProcessEnv,
  file: string,
  apply: boolean,
): Promise<string> {
  const given = parsedWith(Given, environment);
  const { ZENDESK_URL: account, ZENDESK_ADMIN_TOKEN: token, DESKHAND_PUBLIC_URL } = given;
  const archive = await sidebarPackage(DESKHAND_PUBLIC_URL);
  writeFileSync(file, archive);
  const lines = [`The app for the ticket sidebar is in ${file}`];
  if (token === undefined || !apply) return [...lines, ...APP_BY_HAND].join("\n");
  const { installation, key } = await installSidebarApp({ url: account, token }, archive);
  return [
    ...lines,
    "It was uploaded and is installed in the account. Set these, and start Deskhand again",
    `  ZENDESK_APP_INSTALLATION=${installation}`,
    `  ZENDESK_APP_PEM=${key}`,
  ].join("\n");
}

const APP_BY_HAND = [
  "To upload it by hand: Admin Center, Apps and integrations, Zendesk Support apps, Upload private app; then install it.",
  "With an admin's access token in ZENDESK_ADMIN_TOKEN, --apply uploads and installs it instead, also over one that is there, and shows what to set.",
];

const REASONS: Readonly<Record<string, string>> = {
  invalid_type: "is missing",
  invalid_format: "is no address of the web",
};

function parsedWith<Schema extends z.ZodObject>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): z.output<Schema> {
  const { set, problems } = withSecretFiles(setVariables(environment), Object.keys(schema.shape));
  const parsed = schema.safeParse(set);
  if (parsed.success && problems.length === 0) return parsed.data;
  const issues = (parsed.error?.issues ?? []).map(
    ({ path, code, message }) => `${path.join(".")}: ${REASONS[code ?? ""] ?? message}`,
  );
  throw new Error([...problems, ...issues].join("\n"));
}

async function screenFor(environment: NodeJS.ProcessEnv, options: Options): Promise<string> {
  const given = parsedWith(Given, environment);
  const { ZENDESK_URL, ZENDESK_ADMIN_TOKEN, DESKHAND_PUBLIC_URL } = given;
  const heading = `What Deskhand needs at ${ZENDESK_URL}`;
  if (ZENDESK_ADMIN_TOKEN === undefined) {
    if (options.apply === true)
      throw new Error("ZENDESK_ADMIN_TOKEN: is missing; --apply needs an admin's access token");
    return [heading, ...listByHand(DESKHAND_PUBLIC_URL), ...CLIENTS].join("\n");
  }
  if (options.bot === undefined)
    throw new Error("--bot: is missing; say the address of the bot's own agent");
  const result = await setUpAccount({
    url: ZENDESK_URL,
    adminToken: ZENDESK_ADMIN_TOKEN,
    publicUrl: DESKHAND_PUBLIC_URL,
    botEmail: options.bot,
    hasFields: given.ZENDESK_FIELDS !== undefined,
    apply: options.apply === true,
    clock: { now: () => new Date() },
  });
  return [heading, "", ...resultLines(result, options), ...CLIENTS].join("\n");
}

function resultLines({ steps, variables }: SetUpResult, options: Options): readonly string[] {
  const width = Math.max(...steps.map(({ state }) => state.length));
  const lines = steps.map(({ what, state }) => `  ${state.padEnd(width)}  ${what}`);
  const set = variables.map(([name, value]) => `  ${name}=${value}`);
  const isMissing = steps.some(({ state }) => state.startsWith("would"));
  return [
    ...lines,
    ...(set.length === 0
      ? []
      : ["", "Set these (the secret is one: keep it as you keep passwords)", ...set]),
    ...(isMissing && options.apply !== true ? ["", "Nothing was changed. --apply makes it."] : []),
  ];
}

/** No API makes them for another person, and their secrets are shown once. */
const CLIENTS = [
  "",
  "By hand: two OAuth clients (Admin Center, Apps and integrations, APIs, OAuth clients), both confidential",
  "  writer  authorized by the bot's own agent   scopes: read write   ZENDESK_WRITER_CLIENT_ID, ZENDESK_WRITER_CLIENT_SECRET",
  `          its redirect URL is ${redirectAddress()}; \`init zendesk --sign-in\` then gives ZENDESK_WRITER_REFRESH_TOKEN`,
  "  reader  made by an admin                    scopes: read         ZENDESK_READER_CLIENT_ID, ZENDESK_READER_CLIENT_SECRET",
  "",
  "By hand: the trigger “Notify requester and CCs of comment update” is active, with the condition Tags, contain none of, deskhand_linked",
  "",
  "For the card beside each ticket: npm run -s deskhand -- init zendesk --app deskhand-app.zip",
  "",
  "Then: npm run -s deskhand -- doctor. docs/zendesk.md has each step at length.",
];

function listByHand(publicUrl: string): readonly string[] {
  const endpoint = `${publicUrl.replace(/(?<!\/)\/+$/, "")}/webhooks/zendesk`;
  return [
    "",
    "  1. An agent for the bot, no admin and no light agent",
    "  2. Groups: Deskhand (with the bot in it), Tier 2, Sensitive",
    "  3. Ticket fields (text): Deskhand intent, Deskhand language, Deskhand reason for escalation; their ids go into ZENDESK_FIELDS",
    `  4. A webhook, POST and JSON, to ${endpoint}`,
    "  5. The webhook subscribed to the ticket events named in docs/zendesk.md",
    "",
    "With an admin's access token in ZENDESK_ADMIN_TOKEN and --bot ADDRESS this looks what is missing; --apply makes 2 to 5.",
  ];
}
