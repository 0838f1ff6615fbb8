/** Questions about accounts elsewhere, each with what has to be opened there first. */

import { DEFAULT_MODEL } from "#config/language-model.ts";
import { appLink } from "#slack/setup/check-workspace.ts";
import { addressDomain, findMailProvider } from "./mail-providers.ts";
import type { PartQuestions } from "./question.ts";

const SLACK_STEPS: readonly string[] = [
  "Make the app: open this address, choose your workspace, confirm the manifest it shows.",
  "",
  `  ${appLink()}`,
  "",
  "Then, on the app's pages:",
  "  1. Install App → Install to Workspace. It shows the bot token (xoxb-…).",
  "  2. Basic Information → App-Level Tokens → Generate, scope connections:write. It shows the app token (xapp-…).",
  "  3. In Slack make two channels, best private, such as #approvals and #alerts, and type /invite @Deskhand in both.",
];

const ZENDESK_STEPS: readonly string[] = [
  "In Zendesk's Admin Center (https://YOUR-ACCOUNT.zendesk.com/admin):",
  "  1. People → Team members: add an agent for the bot, no admin and no light agent.",
  "  2. Apps and integrations → APIs → OAuth clients → Add OAuth client, twice, kind Confidential:",
  "       writer, authorized by the bot's own agent, scopes read write",
  "       reader, made by an admin, scope read",
  "     docs/zendesk.md, OAuth clients, has each step.",
];

/** The workspace, its app and its channels. */
export const SLACK: PartQuestions = {
  part: "slack",
  title: "Slack, where your team decides",
  wanted: {
    ask: "Connect your Slack",
    suggest: "yes",
    help: "Cards, alerts and buttons are in Slack. Without it the sandbox's Slack is used, and then no real channel can be connected.",
  },
  before: SLACK_STEPS,
  questions: [
    {
      field: "bot_token",
      ask: "Bot token",
      isSecret: true,
      help: "Begins with xoxb-. On the app's page under Install App.",
    },
    {
      field: "app_token",
      ask: "App token",
      isSecret: true,
      help: "Begins with xapp-. On the app's page under Basic Information, App-Level Tokens, with the scope connections:write.",
    },
    {
      field: "approvals_channel",
      ask: "Channel for cards",
      help: "Its name or its id (C0…, at the bottom of the channel's details). The app has to be in it: /invite @Deskhand.",
      suggest: () => "#approvals",
    },
    {
      field: "alerts_channel",
      ask: "Channel for alerts",
      help: "Where the team hears of what needs a person now. It may be the same channel as for cards.",
      suggest: () => "#alerts",
    },
    {
      field: "help_channels",
      ask: "Channels where customers or colleagues ask",
      isOptional: true,
      help: "Names or ids with commas between them. Leave it empty when no customer asks in Slack.",
    },
  ],
};

/** The account and our two identities in it. */
export const ZENDESK: PartQuestions = {
  part: "zendesk",
  title: "Zendesk",
  wanted: {
    ask: "Connect Zendesk",
    suggest: "no",
    help: "Tickets are read and answered there, and hand-overs become tickets. It can be added later by typing init again.",
  },
  before: ZENDESK_STEPS,
  questions: [
    {
      field: "url",
      ask: "Your account",
      help: "Its address, such as https://example.zendesk.com, or its first word.",
    },
    {
      field: "writer_client_id",
      ask: "Writer: client identifier",
      help: "Of the OAuth client that acts as the bot's own agent. What it writes carries the bot's name.",
      suggest: () => "deskhand_writer",
    },
    {
      field: "writer_client_secret",
      ask: "Writer: secret",
      isSecret: true,
      help: "Shown once when the client was made. Make a new one on the client's page if it is lost.",
    },
    {
      field: "writer_refresh_token",
      ask: "Writer: refresh token",
      isSecret: true,
      isOptional: true,
      help: "For a client that the bot's agent authorized in a browser; docs/zendesk.md says how. Leave it empty for client credentials.",
    },
    {
      field: "reader_client_id",
      ask: "Reader: client identifier",
      help: "Of the OAuth client that an admin made. It only reads.",
      suggest: () => "deskhand_reader",
    },
    {
      field: "reader_client_secret",
      ask: "Reader: secret",
      isSecret: true,
      help: "Shown once when the client was made.",
    },
    {
      field: "admin_token",
      ask: "Admin's access token, to make groups, fields and the webhook",
      isSecret: true,
      isOptional: true,
      help: "Used for this alone and written nowhere. With it, the groups Deskhand, Tier 2 and Sensitive, three ticket fields and a webhook are made where they are missing. Leave it empty when they are there, or to make them by hand.",
    },
  ],
};

/** One mailbox with a password. */
export const EMAIL: PartQuestions = {
  part: "email",
  title: "E-mail",
  wanted: {
    ask: "Connect a support mailbox",
    suggest: "no",
    help: "Mails are read over IMAP and answered over SMTP. What is in the mailbox now is left alone. It can be added later.",
  },
  after: async (field, typed) => {
    if (field !== "address") return [];
    const provider = await findMailProvider(typed["address"] ?? "");
    if (provider === null)
      return ["Make a password that only Deskhand uses, on your mail provider's pages."];
    return provider.onlyOAuth === true
      ? [
          `${provider.name} takes no passwords from programs: it wants an application with OAuth.`,
          "docs/email.md, “Microsoft 365”, has the steps. Type back and answer no; set MAIL_INBOXES afterwards.",
        ]
      : [`Your mail is at ${provider.name}. Make a password for Deskhand: ${provider.page}`];
  },
  questions: [
    {
      field: "address",
      ask: "The address customers write to",
      help: "Such as help@example.com. Answers come from it.",
    },
    {
      field: "imap",
      ask: "IMAP server",
      help: "Its name, or name:port where that is not 993.",
      suggest: async ({ address = "" }) =>
        (await findMailProvider(address))?.imap ?? `imap.${addressDomain(address)}`,
    },
    {
      field: "smtp",
      ask: "SMTP server",
      help: "Its name, or name:port where that is not 465, such as smtp.example.com:587.",
      suggest: async ({ address = "" }) =>
        (await findMailProvider(address))?.smtp ?? `smtp.${addressDomain(address)}`,
    },
    {
      field: "user",
      ask: "User name",
      help: "With which the mailbox is opened; usually the address.",
      suggest: ({ address = "" }) => address,
    },
    {
      field: "password",
      ask: "Password",
      isSecret: true,
      help: "An app password where the account has two-step verification.",
    },
  ],
};

/** The shop's API. */
export const SHOP: PartQuestions = {
  part: "shop",
  title: "Your shop",
  wanted: {
    ask: "Connect your shop's API",
    suggest: "no",
    help: "Orders, payments and refunds. The API has to answer as packages/sandbox/shop/openapi.yaml describes; without it the sample shop answers, whose orders are invented.",
  },
  questions: [
    {
      field: "url",
      ask: "Address of the API",
      help: "Such as https://api.example.com/deskhand.",
    },
    {
      field: "key",
      ask: "Key",
      isSecret: true,
      help: "Sent as “Authorization: Bearer KEY” with each call.",
    },
  ],
};

/** The service that writes the drafts. */
export const MODEL: PartQuestions = {
  part: "model",
  title: "The language model",
  wanted: {
    ask: "Connect a language model",
    suggest: "no",
    help: "Any service that speaks OpenAI's API. Without one built-in rehearsal rules write the drafts, and nothing is ever sent.",
  },
  before: ["A key for OpenAI is made at https://platform.openai.com/api-keys"],
  questions: [
    { field: "key", ask: "Key", isSecret: true, help: "Any text for a server without keys." },
    {
      field: "url",
      ask: "Address",
      isOptional: true,
      help: "Of another service than OpenAI, such as http://localhost:11434/v1.",
    },
    {
      field: "name",
      ask: "Model",
      help: "Its name at the service.",
      suggest: () => DEFAULT_MODEL,
    },
  ],
};
