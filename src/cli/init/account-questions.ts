/**
 * What a question of `deskhand init` is made of, and those about accounts elsewhere, with what has to be opened there
 * first and what is known about providers of mailboxes.
 */
import { resolveMx } from "node:dns/promises";
import type { Environment } from "#config/environment.ts";
import { DEFAULT_MODEL } from "#config/language-model.ts";
import { appLink } from "#slack/setup/check-workspace.ts";
import type { Answers, PartName } from "./answers.ts";

/** What was typed so far for one part, by field. */
export type Typed = Readonly<Partial<Record<string, string>>>;

/** One line a person answers. */
export interface Question {
  readonly ask: string;
  /** Shown after "?". */
  readonly help: string;
  readonly isSecret?: true;
  /** The variable that keeps the answer; none where it is written nowhere, or into the policy. */
  readonly variable?: keyof Environment;
  /** The same for the port behind a server's name. */
  readonly port?: keyof Environment;
  /** True: asked only when a try has advised its variable. */
  readonly isAdvised?: true;
  /** What an empty line means, after this part's lines and the parts before; null where something has to be typed. */
  readonly suggest?: (typed: Typed, earlier: Answers) => Promise<string | null> | string | null;
}

/** A part of the set-up, which counts as one question in "3 of 10". */
export interface PartQuestions {
  readonly part: PartName;
  readonly title: string;
  /** The page about it, named above its variables. */
  readonly page?: string;
  /** For a part that may be left out: the question whether it is wanted, and whether yes is suggested. */
  readonly wanted?: { readonly ask: string; readonly suggest: "yes" | "no"; readonly help: string };
  /** What to open and do before the answers can be given. */
  readonly before?: readonly string[];
  /** The same when it depends on an answer: shown behind the field it names. */
  readonly after?: (field: string, typed: Typed) => Promise<readonly string[]>;
  /** By the field that each is about, in their order. */
  readonly questions: Readonly<Record<string, Question>>;
}

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
  page: "docs/slack.md",
  wanted: {
    ask: "Connect your Slack",
    suggest: "yes",
    help: "Cards, alerts and buttons are in Slack. Without it the sandbox's Slack is used, and then no real channel can be connected.",
  },
  before: SLACK_STEPS,
  questions: {
    bot_token: {
      variable: "SLACK_BOT_TOKEN",
      ask: "Bot token",
      isSecret: true,
      help: "Begins with xoxb-. On the app's page under Install App.",
    },
    app_token: {
      variable: "SLACK_APP_TOKEN",
      ask: "App token",
      isSecret: true,
      help: "Begins with xapp-. On the app's page under Basic Information, App-Level Tokens, with the scope connections:write.",
    },
    approvals_channel: {
      variable: "SLACK_APPROVALS_CHANNEL",
      ask: "Channel for cards",
      help: "Its name or its id (C0…, at the bottom of the channel's details). The app has to be in it: /invite @Deskhand.",
      suggest: () => "#approvals",
    },
    alerts_channel: {
      variable: "SLACK_ALERTS_CHANNEL",
      ask: "Channel for alerts",
      help: "Where the team hears of what needs a person now. It may be the same channel as for cards.",
      suggest: () => "#alerts",
    },
    help_channels: {
      variable: "SLACK_HELP_CHANNELS",
      ask: "Channels where customers or colleagues ask",
      help: "Names or ids with commas between them. Leave it empty when no customer asks in Slack.",
    },
  },
};

/** The account and our two identities in it. */
export const ZENDESK: PartQuestions = {
  part: "zendesk",
  title: "Zendesk",
  page: "docs/zendesk.md",
  wanted: {
    ask: "Connect Zendesk",
    suggest: "no",
    help: "Tickets are read and answered there, and hand-overs become tickets. It can be added later by typing init again.",
  },
  before: ZENDESK_STEPS,
  questions: {
    url: {
      variable: "ZENDESK_URL",
      ask: "Your account",
      help: "Its address, such as https://example.zendesk.com, or its first word.",
    },
    writer_client_id: {
      variable: "ZENDESK_WRITER_CLIENT_ID",
      ask: "Writer: client identifier",
      help: "Of the OAuth client that acts as the bot's own agent. What it writes carries the bot's name.",
      suggest: () => "deskhand_writer",
    },
    writer_client_secret: {
      variable: "ZENDESK_WRITER_CLIENT_SECRET",
      ask: "Writer: secret",
      isSecret: true,
      help: "Shown once when the client was made. Make a new one on the client's page if it is lost.",
    },
    writer_refresh_token: {
      variable: "ZENDESK_WRITER_REFRESH_TOKEN",
      ask: "Writer: refresh token",
      isSecret: true,
      help: "`deskhand init zendesk --sign-in`, in another terminal, lets the bot's agent authorize the client in a browser, and prints it.",
    },
    reader_client_id: {
      variable: "ZENDESK_READER_CLIENT_ID",
      ask: "Reader: client identifier",
      help: "Of the OAuth client that an admin made. It only reads.",
      suggest: () => "deskhand_reader",
    },
    reader_client_secret: {
      variable: "ZENDESK_READER_CLIENT_SECRET",
      ask: "Reader: secret",
      isSecret: true,
      help: "Shown once when the client was made.",
    },
    admin_token: {
      ask: "Admin's access token, to make groups, fields and the webhook",
      isSecret: true,
      help: "Used for this alone and written nowhere. With it, the groups Deskhand, Tier 2 and Sensitive, three ticket fields and a webhook are made where they are missing. Leave it empty when they are there, or to make them by hand.",
    },
  },
};

/** One mailbox with a password. */
export const EMAIL: PartQuestions = {
  part: "email",
  title: "E-mail",
  page: "docs/email.md",
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
  questions: {
    address: {
      variable: "SUPPORT_ADDRESS",
      ask: "The address customers write to",
      help: "Such as help@example.com. Answers come from it.",
    },
    imap: {
      variable: "IMAP_HOST",
      port: "IMAP_PORT",
      ask: "IMAP server",
      help: "Its name, or name:port where that is not 993.",
      suggest: async ({ address = "" }) =>
        (await findMailProvider(address))?.imap ?? `imap.${addressDomain(address)}`,
    },
    smtp: {
      variable: "SMTP_HOST",
      port: "SMTP_PORT",
      ask: "SMTP server",
      help: "Its name, or name:port where that is not 465, such as smtp.example.com:587.",
      suggest: async ({ address = "" }) =>
        (await findMailProvider(address))?.smtp ?? `smtp.${addressDomain(address)}`,
    },
    user: {
      variable: "IMAP_USER",
      ask: "User name",
      help: "With which the mailbox is opened; usually the address.",
      suggest: ({ address = "" }) => address,
    },
    password: {
      variable: "IMAP_PASS",
      ask: "Password",
      isSecret: true,
      help: "An app password where the account has two-step verification.",
    },
  },
};

/** The shop's API. */
export const SHOP: PartQuestions = {
  part: "shop",
  title: "Your shop",
  page: "docs/connect-your-shop.md",
  wanted: {
    ask: "Connect your shop's API",
    suggest: "no",
    help: "Orders, payments and refunds. The API has to answer as packages/sandbox/shop/openapi.yaml describes. For Stripe, WooCommerce, Shopify and any other, say no and connect it in TOOLS (docs/connect-your-shop.md); until then the sample shop answers, whose orders are invented.",
  },
  questions: {
    url: {
      variable: "SHOP_URL",
      ask: "Address of the API",
      help: "Such as https://api.example.com/deskhand.",
    },
    key: {
      variable: "SHOP_KEY",
      ask: "Key",
      isSecret: true,
      help: "Sent as “Authorization: Bearer KEY” with each call.",
    },
  },
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
  questions: {
    key: {
      variable: "OPENAI_API_KEY",
      ask: "Key",
      isSecret: true,
      help: "Any text for a server without keys.",
    },
    url: {
      variable: "OPENAI_BASE_URL",
      ask: "Address",
      help: "Of another service than OpenAI, such as http://localhost:11434/v1.",
    },
    name: {
      variable: "DESKHAND_MODEL",
      ask: "Model",
      help: "Its name at the service.",
      suggest: () => DEFAULT_MODEL,
    },
    embeddings: {
      variable: "EMBEDDINGS",
      ask: "Search of the help pages by meaning",
      help: "By the service's model, which reads the pages and the questions put to them, in any language; builtin, which is weaker and knows English; or off.",
      // Not every other service has this model.
      suggest: ({ url = "" }) => (url === "" ? "openai:text-embedding-3-small:512" : "builtin"),
    },
    price: {
      variable: "DESKHAND_MODEL_PRICE",
      ask: "Price",
      isAdvised: true,
      help: "US dollars per million tokens of input, kept input and output, such as 1,0.1,5; 0,0,0 for a server of your own.",
    },
  },
};

/** Servers of a provider, and the page on which a password for programs is made. */
interface MailProvider {
  readonly name: string;
  readonly imap: string;
  readonly smtp: string;
  readonly page: string;
  /** True where an ordinary or app password is refused, so that only OAuth works. */
  readonly onlyOAuth?: true;
}

const GOOGLE: MailProvider = {
  name: "Google",
  imap: "imap.gmail.com",
  smtp: "smtp.gmail.com",
  page: "https://myaccount.google.com/apppasswords",
};
const MICROSOFT: MailProvider = {
  name: "Microsoft 365",
  imap: "outlook.office365.com",
  smtp: "smtp.office365.com:587",
  page: "https://entra.microsoft.com",
  onlyOAuth: true,
};

/** Domains of the mail servers that take mail for a provider's customers. */
const BY_MAIL_SERVER: readonly (readonly [string, MailProvider])[] = [
  ["google.com", GOOGLE],
  ["googlemail.com", GOOGLE],
  ["outlook.com", MICROSOFT],
];

const BY_DOMAIN: Readonly<Record<string, MailProvider>> = {
  "gmail.com": GOOGLE,
  "googlemail.com": GOOGLE,
  "outlook.com": MICROSOFT,
  "hotmail.com": MICROSOFT,
};

const LOOK_UP_MS = 3_000;

/** The provider of an address, by its domain or by where mail to it goes; null when neither is known. Never throws. */
async function findMailProvider(address: string): Promise<MailProvider | null> {
  const domain = addressDomain(address);
  const known = BY_DOMAIN[domain];
  if (known !== undefined) return known;
  const timeout = new Promise<never[]>((resolve) => {
    setTimeout(() => resolve([]), LOOK_UP_MS).unref();
  });
  const servers = await Promise.race([resolveMx(domain).catch(() => []), timeout]);
  const names = servers.map(({ exchange }) => exchange.toLowerCase());
  const found = BY_MAIL_SERVER.find(([end]) =>
    names.some((name) => name === end || name.endsWith(`.${end}`)),
  );
  return found?.[1] ?? null;
}

/** The part behind the @, in small letters. */
function addressDomain(address: string): string {
  return (address.split("@")[1] ?? "").toLowerCase();
}
