/**
 * Room: reads what the operator configures. `readConfig` in this file reads the environment.
 * In: environment variables, the command line's role, the inboxes file, the policy file, files of secrets.
 * Out: one frozen `Config`, or one `config.invalid` that names every problem.
 * May touch: the environment and these files; no database, no vendor.
 */
import { join, resolve } from "node:path";
import { z } from "zod";
import { counted } from "#core/values/words.ts";
import { invalidConfig, schemaProblems, settingProblem } from "#core/values/errors.ts";
import { setVariables, type Variables, withWritten } from "./environment-file.ts";
import {
  port,
  secret,
  text,
  url,
  whole,
  systemSettings,
  Secret,
  withSecretFiles,
} from "./secret.ts";
import type { ConfiguredInbox } from "./mail-inboxes.ts";
import {
  CHAT_VARIABLES,
  chatSecretProblems,
  origins,
  SLACK_VARIABLES,
  slackTransportProblems,
  signInProblems,
  ZENDESK_VARIABLES,
} from "./channels.ts";
import { HEALTH_VARIABLES, PROCESS_ROLES } from "./process-roles.ts";
import { MODEL_VARIABLES, modelProblems, WITHOUT_KEYS } from "./language-model.ts";
import { configuredInboxes, MAIL_SERVERS, MAIL_VARIABLES } from "./mail.ts";
import { chosenProceduresFolder, toolsFoldersIn } from "./policy-file.ts";
import { REDIS_VARIABLES, STORAGE_VARIABLES, storageProblems } from "./storage.ts";

/** What searches by meaning: the words of the setting. */
export const EMBEDDINGS = /^(?:builtin|off|openai:[\w./-]{1,100}(?::[1-9]\d{0,4})?)$/;

/**
 * Every variable Deskhand reads, with its purpose. An empty one counts as not set. `docs/settings.md` and `.env.example`
 * are made from it by `npm run docs`.
 */
export const Environment = z.object({
  DESKHAND_DATA: text.default(".deskhand").describe("folder for all data"),
  DESKHAND_ENV_FILE: text.optional().describe("file with further variables; `.env` unless set"),
  DESKHAND_PORT: port.default(4747).describe("port of pages and API; 0 takes a free one"),
  DESKHAND_HOST: text.default("127.0.0.1").describe("address to listen on"),
  DESKHAND_PUBLIC_URL: url
    .optional()
    .describe("address under which people reach Deskhand, for links"),
  HTTPS_PROXY: url
    .refine(hasReadableLogin, "has a % in its user or password that must be written as %25")
    .optional()
    .describe("HTTP proxy on the way to every server outside, for HTTPS, Slack's socket and mail"),
  NO_PROXY: text
    .optional()
    .describe("names, addresses and networks reached without the proxy, comma-separated"),
  DESKHAND_POLICY: text.optional().describe("path of the policy file"),
  DESKHAND_PROCEDURES: text
    .optional()
    .describe("folder of procedures; `procedures` beside the policy file unless set"),
  TOOLS: text.optional().describe("folders with your own systems, comma-separated"),
  DESKHAND_LOG: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("warn")
    .describe("the least important lines that are logged"),
  DESKHAND_SPANS_FILE: text
    .optional()
    .describe("file that gets each turn as OpenTelemetry spans, one OTLP request a line"),
  DESKHAND_ROLE: z
    .enum(PROCESS_ROLES)
    .default("all")
    .describe(
      "what this process does: everything, HTTP, turns, or connections to channels and desk",
    ),
  ...STORAGE_VARIABLES,
  DESKHAND_LEASE_SECONDS: whole(2, 600)
    .default(30)
    .describe("after so long another worker continues what a dead one had"),
  DESKHAND_KEEP_CONTENT_DAYS: whole(1, 3_650)
    .default(90)
    .describe("days for which mails, messages, traces and cards keep their text"),
  DESKHAND_KEEP_AUDIT_MONTHS: whole(1, 240)
    .default(24)
    .describe("months for which the audit is kept"),
  DESKHAND_CRASH_AT: text
    .optional()
    .describe("for fault tests only: ends the process at this point"),
  DESKHAND_CLOCK_SHIFT_SECONDS: z.coerce
    .number()
    .int()
    .default(0)
    .describe("for fault tests only: shifts the clock of this process"),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: "must be postgresql://user:password@host/name" })
    .optional()
    .describe(
      "PostgreSQL 15 or newer; embedded unless set, for trying out; waits 5 s, or `?connect_timeout=`",
    ),
  ...REDIS_VARIABLES,
  EMBEDDINGS: text
    .regex(EMBEDDINGS, "it has to be builtin, off, or openai: and a model")
    .default("builtin")
    .describe(
      "search by meaning: `openai:MODEL:DIMENSIONS`, weaker `builtin` (English), or `off` (150 MB less)",
    ),
  CHAT_IDENTITY_SECRET: secret
    .optional()
    .describe("secret with which the shop signs its customers' tokens; made here unless set"),
  ...MODEL_VARIABLES,
  ...HEALTH_VARIABLES,
  ...CHAT_VARIABLES,
  ...SLACK_VARIABLES,
  ...ZENDESK_VARIABLES,
  ...MAIL_SERVERS,
  ...MAIL_VARIABLES,
  DESKHAND_URGENT_EMAIL: z
    .email()
    .optional()
    .describe("address that is mailed about delicate messages, beside the alert"),
  DESKHAND_WEBHOOK_LOCAL: origins
    .optional()
    .describe("origins in your own network that webhooks may be sent to, comma-separated"),
  SHOP_URL: url.optional().describe("shop that answers like the sample shop's OpenAPI document"),
  SHOP_KEY: secret.optional().describe("the shop's bearer key"),
});
export type Environment = z.infer<typeof Environment>;

/** Variables that only make sense together: if one of them is set, all of `needed` must be. */
const TOGETHER: readonly {
  readonly needed: readonly (keyof Environment)[];
  readonly more?: readonly string[];
  /** If this one is set, the group is not checked. */
  readonly unless?: keyof Environment;
  /** What is said behind it. */
  readonly hint?: string;
}[] = [
  {
    needed: ["SLACK_BOT_TOKEN", "SLACK_APPROVALS_CHANNEL", "SLACK_ALERTS_CHANNEL"],
    more: Object.keys(SLACK_VARIABLES),
  },
  {
    needed: [
      "ZENDESK_URL",
      "ZENDESK_WEBHOOK_SECRET",
      "ZENDESK_GROUP_BOT",
      "ZENDESK_GROUP_TIER2",
      "ZENDESK_GROUP_SENSITIVE",
    ],
    more: Object.keys(ZENDESK_VARIABLES),
  },
  {
    needed: ["IMAP_HOST", "IMAP_USER", "IMAP_PASS", "SMTP_HOST", "SUPPORT_ADDRESS"],
    more: Object.keys({ ...MAIL_SERVERS, ...MAIL_VARIABLES }),
    unless: "MAIL_INBOXES",
  },
  { needed: ["ZENDESK_APP_INSTALLATION", "ZENDESK_APP_PEM"] },
  { needed: ["SHOP_URL", "SHOP_KEY"] },
  { needed: ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"] },
  { needed: ["DESKHAND_GUARD_OPINION_URL", "DESKHAND_GUARD_OPINION_KEY"] },
  { needed: ["OPENAI_API_KEY"], more: ["OPENAI_BASE_URL"], hint: WITHOUT_KEYS },
];

/** The configuration: parsed once, frozen, with secrets that do not print. */
export interface Config {
  readonly environment: Environment;
  readonly dataFolder: string;
  readonly policyFile: string;
  readonly isSandboxPolicy: boolean;
  /** The folder of procedures, which need not be there; null where none is to be read. */
  readonly proceduresFolder: string | null;
  /** The folders with the tools of your own systems; none where none is set. */
  readonly toolsFolders: readonly string[];
  /** Addresses and secrets that the connections of those tools name. */
  readonly systemSettings: ReturnType<typeof systemSettings>;
  /** The mailboxes to read and to answer from; none while the sandbox's mail is used. */
  readonly inboxes: readonly ConfiguredInbox[];
  /** Parts that are real, because their variables are set. */
  readonly real: {
    readonly slack: boolean;
    readonly zendesk: boolean;
    readonly email: boolean;
    readonly shop: boolean;
    readonly model: boolean;
  };
}

/**
 * Reads the environment. One `config.invalid` names every problem, so that all can be fixed at once. Secrets are never
 * part of a message.
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const { set, files, problems: fileProblems } = withSecretFiles(setVariables(environment), NAMES);
  const parsed = Environment.safeParse(set, { error: settingProblem });
  const mail = configuredInboxes(set);
  const problems = [
    ...new Set(
      schemaProblems(parsed.error).map((problem) => withWritten(problem, set, Environment.shape)),
    ),
    ...TOGETHER.flatMap((group) => missingFrom(group, set)),
    ...signInProblems(set),
    ...modelProblems(set),
    ...chatSecretProblems(set),
    ...conflicts(set),
    ...slackTransportProblems(set),
    ...partialRoleProblems(set),
    ...storageProblems(set),
    ...mail.problems,
    ...fileProblems,
    ...formerProblems(files),
  ];
  if (!parsed.success || problems.length > 0)
    throw invalidConfig(
      `The configuration has ${counted(problems.length, "problem")}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
  const data = withFormerValues(parsed.data, files);
  return Object.freeze({
    environment: Object.freeze(data),
    dataFolder: resolve(data.DESKHAND_DATA),
    policyFile: data.DESKHAND_POLICY ?? join(import.meta.dirname, "../policy/files/sandbox.yaml"),
    isSandboxPolicy: data.DESKHAND_POLICY === undefined,
    proceduresFolder: chosenProceduresFolder(data.DESKHAND_PROCEDURES, data.DESKHAND_POLICY),
    toolsFolders: Object.freeze(toolsFoldersIn(data.TOOLS ?? "")),
    systemSettings: systemSettings(environment),
    inboxes: Object.freeze(mail.inboxes),
    real: Object.freeze({
      slack: data.SLACK_BOT_TOKEN !== undefined,
      zendesk: data.ZENDESK_URL !== undefined,
      email: mail.inboxes.length > 0,
      shop: data.SHOP_URL !== undefined,
      model: data.OPENAI_API_KEY !== undefined,
    }),
  });
}

/** The data folder that is set, also where another setting is wrong. */
export function dataFolderIn(environment: NodeJS.ProcessEnv, folder: string): string {
  return resolve(
    folder,
    Environment.shape.DESKHAND_DATA.parse(setVariables(environment)["DESKHAND_DATA"]),
  );
}

const NAMES = Environment.keyof().options;

/** Percent-encoding that every library of ours can read. */
function hasReadableLogin(address: string): boolean {
  try {
    const { username, password } = new URL(address);
    return decodeURIComponent(username + password) !== null;
  } catch {
    return false;
  }
}

/**
 * The way out that is set, and the file of further authorities, also where another setting is wrong; without what is
 * wrong itself.
 */
export function wayOutIn(
  environment: NodeJS.ProcessEnv,
): readonly [
  proxy: string | undefined,
  noProxy: string | undefined,
  authorities: string | undefined,
] {
  const { set } = withSecretFiles(setVariables(environment), ["HTTPS_PROXY"]);
  const { HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS } = set;
  const { data } = Environment.shape.HTTPS_PROXY.safeParse(HTTPS_PROXY);
  return [data, NO_PROXY, NODE_EXTRA_CA_CERTS];
}

/** Each secret with the further values that its file names. */
function withFormerValues(
  data: Environment,
  files: ReadonlyMap<string, readonly string[]>,
): Environment {
  const more = NAMES.flatMap((name) => {
    const [, ...former] = files.get(name) ?? [];
    const value: unknown = data[name];
    return value instanceof Secret && former.length > 0
      ? [[name, new Secret(value.reveal(), ...former)] as const]
      : [];
  });
  return { ...data, ...Object.fromEntries(more) };
}

/** One line for each file whose further values its variable could not have. */
function formerProblems(files: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return NAMES.filter((name) =>
    files
      .get(name)
      ?.slice(1)
      .some((value) => !Environment.shape[name].safeParse(value).success),
  ).map((name) => `${name}_FILE: has a further line that ${name} could not be`);
}

function missingFrom(
  { needed, more = [], unless, hint = "" }: (typeof TOGETHER)[number],
  set: Variables,
): string[] {
  if (unless !== undefined && set[unless] !== undefined) return [];
  const given = [...new Set([...needed, ...more])].filter((name) => set[name] !== undefined);
  if (given.length === 0) return [];
  return needed
    .filter((name) => set[name] === undefined)
    .map((name) => `${name}: is missing, and ${given.join(", ")} needs it${hint}`);
}

/**
 * The environment with the role from the command line, which overrides the variable, so one unit file can start several
 * processes. More than one argument is a `config.invalid`.
 */
export function environmentWith(
  environment: NodeJS.ProcessEnv,
  argv: readonly string[],
): NodeJS.ProcessEnv {
  const [role, ...more] = argv;
  if (more.length > 0)
    throw invalidConfig(
      `One word at most may follow, the role of this process; there are ${argv.length}: ${argv.join(" ")}`,
    );
  return role === undefined ? environment : { ...environment, DESKHAND_ROLE: role };
}

/** With a real channel connected, the sandbox's customers stay out of the real team's queue. */
export function isRealSetup({ real }: Pick<Config, "real">): boolean {
  return real.zendesk || real.email || real.slack;
}

/** True while no real customer, team or shop could be reached. */
export function isOnlySamples(config: Config): boolean {
  return !isRealSetup(config) && !config.real.shop;
}

/**
 * Whether who opens the start page is signed in as a sample teammate or customer: never beside systems of one's own,
 * whose records a signed-in one would read and change.
 */
export function signsEverybodyIn(config: Config): boolean {
  return showsSamples(config) && config.toolsFolders.length === 0;
}

/**
 * Whether the start page shows the samples' mails and cards, and sends such mails: not where visitors of one's own site
 * may chat, and beside systems or chat keys of one's own on this machine alone.
 */
export function showsSamples(config: Config): boolean {
  const { environment, toolsFolders } = config;
  const { CHAT_ORIGINS: origins = [], DESKHAND_PUBLIC_URL, DESKHAND_PROXIES } = environment;
  const { CHAT_IDENTITY_SECRET, CHAT_IDENTITY_KEYS } = environment;
  const keys = [CHAT_IDENTITY_SECRET, CHAT_IDENTITY_KEYS].filter((key) => key !== undefined);
  const hasOwn = toolsFolders.length + keys.length > 0;
  const isReached =
    !opensParts(config) || DESKHAND_PUBLIC_URL !== undefined || DESKHAND_PROXIES > 0;
  const isOnSite = origins.some((origin) => isReached || !LOCAL.has(new URL(origin).hostname));
  return isOnlySamples(config) && !isOnSite && !(hasOwn && isReached);
}

const LOCAL: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]", "::1"]);

/** Whether people can open the pages of embedded parts. Those answer on this machine alone, which a container is not. */
export function opensParts({ environment }: Config): boolean {
  return LOCAL.has(environment.DESKHAND_HOST);
}

/**
 * A real customer must never meet the open sandbox: in its Slack any user may press Approve, its DNS vouches for any
 * sender, and its policy answers without approval.
 */
function conflicts(set: Variables): string[] {
  const has = (name: string): boolean => set[name] !== undefined;
  const realCustomers =
    has("ZENDESK_URL") || has("IMAP_HOST") || has("MAIL_INBOXES") || has("SHOP_URL");
  const found: readonly (readonly [isProblem: boolean, words: string])[] = [
    [
      realCustomers && !has("SLACK_BOT_TOKEN") && !has("ZENDESK_APP_PEM"),
      "SLACK_BOT_TOKEN: is missing, and so is ZENDESK_APP_PEM: the team decides in one of the two. A real channel or shop does not start together with the sandbox's Slack, where every user may approve",
    ],
    [
      (realCustomers || has("SLACK_BOT_TOKEN")) && !has("DESKHAND_POLICY"),
      "DESKHAND_POLICY: is missing; the sandbox's policy is not for real people",
    ],
    [
      isTooLong(set["DESKHAND_DATA"] ?? ""),
      `DESKHAND_DATA: the path is too long; the socket for commands in it may have ${SOCKET_BYTES_MAX} bytes`,
    ],
  ];
  return found.flatMap(([isProblem, words]) => (isProblem ? [words] : []));
}

/** What a process with a partial role shares with the others, and why it cannot bring its own. */
const SHARED: Readonly<Record<string, string>> = {
  DATABASE_URL: "the embedded database belongs to one process",
  REDIS_URL: "a Redis of its own would notify no other process",
  DESKHAND_BLOBS: "raw mails that one process keeps must be found by the others",
  SLACK_BOT_TOKEN: "the sandbox's Slack belongs to the process that started it",
  SHOP_URL:
    "the sample shop belongs to the process that started it, and no TOOLS name systems of your own",
};

/** Your own systems stand in the place of a shop, and the card beside the ticket in the place of Slack. */
const INSTEAD: Readonly<Record<string, string>> = {
  SHOP_URL: "TOOLS",
  SLACK_BOT_TOKEN: "ZENDESK_APP_PEM",
};

/**
 * Problems of a process with a partial role: it starts no embedded part, since each process would have its own and
 * believe it shared.
 */
function partialRoleProblems(set: Variables): string[] {
  const role = set["DESKHAND_ROLE"]?.trim() ?? "all";
  if (!["web", "worker", "channels"].includes(role)) return [];
  const isMet = (name: string): boolean =>
    [name, INSTEAD[name] ?? name].some((one) => set[one] !== undefined);
  return Object.entries(SHARED).flatMap(([name, reason]) =>
    !isMet(name) ? [`${name}: is missing, and the role ${role} needs it; ${reason}`] : [],
  );
}

/** Unix sockets store their path in a field of 108 bytes with a trailing zero (`sun_path`, unix(7)). */
const SOCKET_BYTES_MAX = 107;

function isTooLong(dataFolder: string): boolean {
  return Buffer.byteLength(join(resolve(dataFolder.trim()), "control.sock")) > SOCKET_BYTES_MAX;
}
