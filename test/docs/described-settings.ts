/** Every environment variable as people read about it: made from the schema, which alone says what is valid. */
import { z } from "zod";
import { type Environment, Environment as Schema } from "#config/environment.ts";
import { DEFAULT_MODEL } from "#config/language-model.ts";
import { Secret } from "#config/secret.ts";

type Name = keyof Environment;

/** One variable, described for people. */
export interface Setting {
  readonly name: Name;
  readonly purpose: string;
  /** The words or numbers it may be; null where the example shows it. */
  readonly choice: string | null;
  /** The value that holds when it is not set; null when there is none. */
  readonly fallback: string | null;
  /** A value that is accepted. */
  readonly example: string;
  /** Whether its value never appears in logs and messages. */
  readonly isSecret: boolean;
}

/** Who looks at a variable: every team, those with the part it belongs to, or hardly anyone. */
type Use = "needed" | "by need" | "rarely";

/** Variables that are read together. */
export interface SettingsPart {
  readonly use: Use;
  readonly title: string;
  readonly about: string;
  readonly settings: readonly Setting[];
}

interface Part {
  readonly use: Use;
  readonly title: string;
  readonly about: string;
  /** Each variable with a value that is accepted. */
  readonly examples: Readonly<Partial<Record<Name, string>>>;
}

/** The parts in the order in which people read them. A test finds variables that are in none of them. */
const PARTS: readonly Part[] = [
  {
    use: "needed",
    title: "Needed",
    about:
      "With one mailbox, a shop and Slack. For [Zendesk](#zendesk) or the [chat](#chat) instead of mail, leave out the mailbox. `TOOLS` takes the place of `SHOP_URL` and `SHOP_KEY` ([connect your systems](connect-your-shop.md)).",
    examples: {
      DESKHAND_POLICY: "deskhand.policy.yaml",
      DESKHAND_PUBLIC_URL: "https://desk.example.com",
      DATABASE_URL: "postgresql://deskhand:…@db.example/deskhand",
      REDIS_URL: "rediss://cache.example:6379",
      OPENAI_API_KEY: "…",
      DESKHAND_MODEL: DEFAULT_MODEL,
      SLACK_BOT_TOKEN: "xoxb-…",
      SLACK_APP_TOKEN: "xapp-…",
      SLACK_APPROVALS_CHANNEL: "C0123ABC",
      SLACK_ALERTS_CHANNEL: "C0124ABC",
      SUPPORT_ADDRESS: "support@shop.example",
      IMAP_HOST: "imap.shop.example",
      IMAP_USER: "support@shop.example",
      IMAP_PASS: "…",
      SMTP_HOST: "smtp.shop.example",
      SHOP_URL: "https://shop.example/api",
      SHOP_KEY: "…",
      TOOLS: "tools",
    },
  },
  {
    use: "by need",
    title: "Zendesk",
    about:
      "See [zendesk.md](zendesk.md). `init zendesk` makes webhook, groups and fields, with an admin's token in `ZENDESK_ADMIN_TOKEN`.",
    examples: {
      ZENDESK_URL: "https://your-account.zendesk.com",
      ZENDESK_WRITER_CLIENT_ID: "deskhand_writer",
      ZENDESK_WRITER_CLIENT_SECRET: "…",
      ZENDESK_READER_CLIENT_ID: "deskhand_reader",
      ZENDESK_READER_CLIENT_SECRET: "…",
      ZENDESK_WEBHOOK_SECRET: "…",
      ZENDESK_GROUP_BOT: "360001",
      ZENDESK_GROUP_TIER2: "360002",
      ZENDESK_GROUP_SENSITIVE: "360003",
      ZENDESK_SENDER_AUTHENTICATION: "on",
      ZENDESK_TRUSTED_FORMS: "4713",
      ZENDESK_BRANDS: "360001=ourshop,360002=outlet",
      ZENDESK_FIELDS: "intent=360001,language=360002,reason=360003",
    },
  },
  {
    use: "by need",
    title: "Mail",
    about: "See [email.md](email.md#connecting-a-mailbox).",
    examples: {
      MAIL_INBOXES: "inboxes.yaml",
      IMAP_PORT: "993",
      SMTP_PORT: "465",
      SMTP_USER: "support@shop.example",
      SMTP_PASS: "…",
      MAIL_FROM_NAME: "Acme Support",
      MAIL_ALIASES: "help@shop.example,sales@shop.example",
      MAIL_AUTHSERV_ID: "mx.shop.example",
      MAIL_SECOND_WITNESS: "on",
      DESKHAND_URGENT_EMAIL: "duty@shop.example",
    },
  },
  {
    use: "by need",
    title: "Chat",
    about: "See [chat.md](chat.md).",
    examples: {
      CHAT_IDENTITY_SECRET: "at-least-32-characters-of-your-own",
      CHAT_IDENTITY_KEYS: "chat-keys.pem",
      CHAT_ORIGINS: "https://shop.example,https://www.shop.example",
    },
  },
  {
    use: "by need",
    title: "Slack",
    about: "See [slack.md](slack.md).",
    examples: {
      SLACK_SIGNING_SECRET: "first,second",
      SLACK_CLIENT_ID: "1234567890.1234567890",
      SLACK_CLIENT_SECRET: "a secret of the app",
      SLACK_HELP_CHANNELS: "C0125ABC,C0126ABC",
      SLACK_PLACES: "money=C0127ABC,german=C0128ABC",
      SLACK_WORKFLOWS: "B0129ABC",
      SLACK_ORGANISATION: "on",
    },
  },
  {
    use: "by need",
    title: "Language model",
    about: "See [models.md](models.md), and [answers.md](answers.md) for the verifier.",
    examples: {
      OPENAI_BASE_URL: "https://models.example/v1",
      DESKHAND_MODEL_PRICE: "0.25,0.025,2",
      DESKHAND_MODEL_PICTURES: "on",
      DESKHAND_VERIFIER_MODEL: "gpt-6-luna",
      DESKHAND_VERIFIER_URL: "https://models.example/v1",
      DESKHAND_VERIFIER_KEY: "…",
      DESKHAND_VERIFIER_PRICE: "0.1,0.01,0.5",
      EMBEDDINGS: "openai:text-embedding-3-small:512",
    },
  },
  {
    use: "by need",
    title: "Address, storage and processes",
    about:
      "See [operating.md](operating.md), [retention.md](retention.md) and [metrics.md](metrics.md).",
    examples: {
      DESKHAND_HOST: "127.0.0.1",
      DESKHAND_PORT: "4747",
      DESKHAND_PROXIES: "1",
      HTTPS_PROXY: "http://proxy.example:3128",
      NO_PROXY: "shop.example,10.0.0.0/8",
      DESKHAND_DATA: ".deskhand",
      DESKHAND_ROLE: "all",
      DESKHAND_WEBHOOK_LOCAL: "http://127.0.0.1:9000",
      DESKHAND_BLOBS: "/srv/deskhand/mails",
      S3_ENDPOINT: "https://storage.example",
      S3_REGION: "eu-central-1",
      S3_ACCESS_KEY_ID: "AKIA…",
      S3_SECRET_ACCESS_KEY: "…",
      DESKHAND_KEEP_CONTENT_DAYS: "90",
      DESKHAND_KEEP_AUDIT_MONTHS: "24",
      DESKHAND_HEALTH_TOKEN: "at-least-16-characters",
      DESKHAND_METRICS_PORT: "9464",
      DESKHAND_METRICS_TOKEN: "at-least-16-characters",
      DESKHAND_LOG: "warn",
    },
  },
  {
    use: "rarely",
    title: "Rarely",
    about: "",
    examples: {
      DESKHAND_PROCEDURES: "procedures",
      DESKHAND_ENV_FILE: "/etc/deskhand/env",
      SLACK_CONNECT_TRUSTED: "T0456DEF=customer.example",
      SLACK_MESSAGES_PER_MINUTE: "60",
      SLACK_API_URL: "https://slack.example/api/",
      ZENDESK_WRITER_REFRESH_TOKEN: "…",
      ZENDESK_READER_REFRESH_TOKEN: "…",
      ZENDESK_APP_INSTALLATION: "4714",
      ZENDESK_APP_PEM: "MIIBIjANBgkq…",
      ZENDESK_MACROS: "on",
      ZENDESK_PROGRAMS: "4711,4712",
      ZENDESK_AUTOMATIC_RULES: "360009,Night shift",
      MAIL_TRUSTED_HOPS: "1",
      MAIL_PLUS_ADDRESSING: "on",
      CHAT_IDENTITY_AUDIENCE: "deskhand",
      CHAT_IDENTITY_ISSUER: "https://shop.example",
      CHAT_IDENTITY_HOURS_MAX: "24",
      DESKHAND_MODEL_API: "responses",
      DESKHAND_MODEL_EFFORT: "low",
      DESKHAND_VERIFIER_SECONDS: "30",
      DESKHAND_GUARD_OPINION_URL: "https://models.example/v1/moderations",
      DESKHAND_GUARD_OPINION_KEY: "…",
      DESKHAND_GUARD_OPINION_MODEL: "a-small-model",
      DESKHAND_GUARD_OPINION_PRICE: "0.1,0.01,0.5",
      S3_ENCRYPTION: "aws:kms",
      DESKHAND_LEASE_SECONDS: "30",
      DESKHAND_METRICS_HOST: "127.0.0.1",
      DESKHAND_DRAIN_SECONDS: "5",
      DESKHAND_SPANS_FILE: "/var/log/deskhand/spans.jsonl",
    },
  },
];

/** What the schema says about one variable, as JSON Schema has it; what a function checks is not in there. */
const Described = z.object({
  description: z.string(),
  default: z.union([z.string(), z.number()]).optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
type Described = z.infer<typeof Described>;

/** Every part with its variables. Throws for a variable without a purpose. */
export function settingsParts(): readonly SettingsPart[] {
  const { properties } = z
    .object({ properties: z.record(z.string(), z.unknown()) })
    .parse(z.toJSONSchema(Schema, { io: "output", unrepresentable: "any" }));
  return PARTS.map(({ examples, ...part }) => {
    const settings = inOrder(examples).map((name) =>
      settingFrom(name, examples[name] ?? "", Described.parse(properties[name])),
    );
    return { ...part, settings };
  });
}

/** In the order in which the part names them. */
function inOrder(examples: Part["examples"]): readonly Name[] {
  const order = Object.keys(examples);
  return Schema.keyof()
    .options.filter((name) => order.includes(name))
    .toSorted((one, other) => order.indexOf(one) - order.indexOf(other));
}

function settingFrom(name: Name, example: string, described: Described): Setting {
  return {
    name,
    purpose: described.description,
    choice: choiceFrom(described),
    fallback: described.default === undefined ? null : String(described.default),
    example,
    isSecret: Schema.shape[name].safeParse(example).data instanceof Secret,
  };
}

/** Bounds of a number that only say what a computer can count. */
const COUNTABLE = Number.MAX_SAFE_INTEGER;

/** Every port there is, which nobody has to be told. */
const PORT_MAX = 65_535;

function choiceFrom({ enum: words, minimum, maximum }: Described): string | null {
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(", ");
  if (minimum === undefined || maximum === undefined) return null;
  const isBound = minimum > -COUNTABLE && maximum < COUNTABLE && maximum !== PORT_MAX;
  return isBound ? `${minimum} to ${maximum}` : null;
}
