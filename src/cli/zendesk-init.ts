/** The command `init zendesk`. */

import type { Command } from "commander";
import { z } from "zod";
import { setVariables } from "#config/environment-file.ts";
import { setUpAccount, type SetUpResult } from "#zendesk/setup/set-up.ts";
import { type CommandContext, needed } from "./command-parts.ts";

const url = z.url({ protocol: /^https?$/ });
const Given = z.object({
  ZENDESK_URL: url,
  ZENDESK_ADMIN_TOKEN: z.string().trim().min(1).optional(),
  DESKHAND_PUBLIC_URL: url,
});

interface Options {
  readonly apply?: boolean;
  readonly trigger?: boolean;
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
    .option("--apply", "create what is missing, with the admin token in ZENDESK_ADMIN_TOKEN")
    .option("--trigger", "let a trigger call the webhook instead of subscribing it to events")
    .action(async (options: Options) => {
      print(await screenFor(needed(caller).environment, options));
    });
}

async function screenFor(environment: NodeJS.ProcessEnv, options: Options): Promise<string> {
  const parsed = Given.safeParse(setVariables(environment));
  if (!parsed.success)
    throw new Error(
      parsed.error.issues
        .map(({ path, code }) =>
          code === "invalid_type"
            ? `${path.join(".")}: is missing`
            : `${path.join(".")}: is no address of the web`,
        )
        .join("\n"),
    );
  const { ZENDESK_URL, ZENDESK_ADMIN_TOKEN, DESKHAND_PUBLIC_URL } = parsed.data;
  const heading = `What Deskhand needs at ${ZENDESK_URL}`;
  if (ZENDESK_ADMIN_TOKEN === undefined) {
    if (options.apply === true)
      throw new Error("ZENDESK_ADMIN_TOKEN: is missing; --apply needs an admin's access token");
    return [heading, ...listByHand(DESKHAND_PUBLIC_URL, options), ...CLIENTS].join("\n");
  }
  if (options.bot === undefined)
    throw new Error("--bot: is missing; say the address of the bot's own agent");
  const result = await setUpAccount({
    url: ZENDESK_URL,
    adminToken: ZENDESK_ADMIN_TOKEN,
    publicUrl: DESKHAND_PUBLIC_URL,
    botEmail: options.bot,
    byTrigger: options.trigger === true,
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
  "  writer  authorized by the bot's own agent   scopes: read write   ZENDESK_WRITER_CLIENT_ID, ZENDESK_WRITER_CLIENT_SECRET, ZENDESK_WRITER_REFRESH_TOKEN",
  "  reader  made by an admin                    scopes: read         ZENDESK_READER_CLIENT_ID, ZENDESK_READER_CLIENT_SECRET",
  "",
  "By hand: the trigger “Notify requester and CCs of comment update” is active, with the condition Tags, contain none of, deskhand_linked",
  "",
  "Then: npm run -s deskhand -- doctor. docs/zendesk.md has each step at length.",
];

function listByHand(publicUrl: string, { trigger }: Options): readonly string[] {
  const endpoint = `${publicUrl.replace(/(?<!\/)\/+$/, "")}/webhooks/zendesk`;
  return [
    "",
    "  1. An agent for the bot, no admin and no light agent",
    "  2. Groups: Deskhand (with the bot in it), Tier 2, Sensitive",
    "  3. Ticket fields (text): Deskhand intent, Deskhand language, Deskhand reason for escalation",
    `  4. A webhook, POST and JSON, to ${endpoint}`,
    ...(trigger === true
      ? [
          "  5. A trigger that calls it, with the condition “Current user is not” the bot's agent and the body",
          '     {"ticket_id":"{{ticket.id}}","updated_at":"{{ticket.updated_at_with_timestamp}}"}',
        ]
      : ["  5. The webhook subscribed to the ticket events named in docs/zendesk.md"]),
    "",
    "With an admin's access token in ZENDESK_ADMIN_TOKEN and --bot ADDRESS this looks what is missing; --apply makes 2 to 5.",
  ];
}
