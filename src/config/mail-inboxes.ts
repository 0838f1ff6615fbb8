/** Reads the inboxes file (`MAIL_INBOXES`): its schema, the checks across its settings, and the inboxes it describes. */
import { settingsText, type Variables } from "./environment-file.ts";
import { dirname, resolve } from "node:path";
import type { MailEndpoint } from "#email/login/sign-in.ts";
import { reasonOf } from "#core/values/errors.ts";
import { problemLines, readYaml } from "#policy/yaml.ts";
import type { Problem } from "#policy/schema.ts";
import {
  protectedUrl,
  text,
  Secret,
  secretSource,
  SecretReference,
  type SecretSource,
} from "./secret.ts";
import { z } from "zod";

/** One mailbox from the environment or the file. */
export interface ConfiguredInbox {
  readonly address: string;
  readonly aliases: readonly string[];
  /** What customers see as the sender of its answers; the address alone when undefined. */
  readonly name: string | undefined;
  /** The folder that is read, or its special use, such as `\\All`. */
  readonly folder: string;
  readonly brand: string;
  /** Never assumed: where `name+anything@` does not arrive, customers' answers to it would be lost. */
  readonly plusAddressing: boolean;
  readonly imap: MailEndpoint & ConfiguredSignIn;
  readonly smtp: MailEndpoint & ConfiguredSignIn;
  /** The sign-in at Microsoft Graph, by which is sent in place of SMTP; undefined where it is not. */
  readonly graph?: { readonly user: string; readonly oauth: ConfiguredOAuth } | undefined;
}

/** How the mailbox is signed in to. */
export type ConfiguredSignIn =
  | { readonly user: string; readonly password: SecretSource }
  | { readonly user: string; readonly oauth: ConfiguredOAuth };

/** An application that gets its tokens by OAuth. Without a refresh token it signs in as itself. */
export interface ConfiguredOAuth {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: SecretSource | null;
  readonly refreshToken: SecretSource | null;
  readonly scope: string | null;
}

/** Inboxes, and what keeps others from being read. */
export interface ConfiguredServers {
  readonly inboxes: readonly ConfiguredInbox[];
  /** One line each. */
  readonly problems: readonly string[];
}

/** Hosts, ports and token endpoint for an entry that names its provider. */
const PROVIDERS = {
  google: {
    imap: { host: "imap.gmail.com", port: 993 },
    smtp: { host: "smtp.gmail.com", port: 465 },
    tokenUrl: () => "https://oauth2.googleapis.com/token",
  },
  microsoft: {
    imap: { host: "outlook.office365.com", port: 993 },
    smtp: { host: "smtp.office365.com", port: 587 },
    tokenUrl: (tenant: string) => `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
  },
} as const;

const host = z.string().regex(/^[\w.:-]{1,253}$/, "must be a host name or an address");
const server = {
  host,
  port: z.int().min(1).max(65_535).optional(),
  tls: z.enum(["implicit", "starttls", "none"]).optional(),
};

const OAuth = z.strictObject({
  client_id: text,
  client_secret: SecretReference.optional(),
  refresh_token: SecretReference.optional(),
  /** Microsoft's directory: its id or one of its domains. */
  tenant: z
    .string()
    .regex(/^[\w.-]{1,253}$/, "must be an id or a domain")
    .optional(),
  token_url: protectedUrl.optional(),
  scope: text.optional(),
});

/** A name that mail programs show; no address, which readers could take for the real one. */
export const displayName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Cf}<>@]*$/u, "must be a name without @, < and >");

const Entry = z.strictObject({
  address: z.email(),
  aliases: z.array(z.email()).max(100).default([]),
  name: displayName.optional(),
  /** Of the mailbox; or a special use (RFC 6154), whose folder has another name in each language. */
  folder: text
    .max(200)
    .regex(/^(?!\\)|^\\(?:All|Archive)$/, "must be the name of a folder, \\All or \\Archive")
    .refine(
      (name) => name !== "Sent",
      "must be another folder: Sent is read as your team's answers",
    )
    .default("INBOX"),
  brand: text.default("default"),
  plus_addressing: z.boolean().optional(),
  provider: z.enum(["google", "microsoft"]).optional(),
  user: text.optional(),
  imap: z.strictObject({ ...server, user: text.optional() }).optional(),
  smtp: z
    .strictObject({ ...server, user: text.optional(), password: SecretReference.optional() })
    .optional(),
  send_by: z.enum(["smtp", "graph"]).default("smtp"),
  password: SecretReference.optional(),
  oauth: OAuth.optional(),
});
/** One inbox as the file describes it. */
type InboxEntry = z.infer<typeof Entry>;

const INBOXES_MAX = 50;

/** The whole file. Strict everywhere: a misspelt key is an error, never ignored. */
const InboxesFile = z.strictObject({
  inboxes: z.array(Entry).min(1, "has no entry").max(INBOXES_MAX),
});
type InboxesFile = z.infer<typeof InboxesFile>;

/** What one field alone does not show: settings that require or exclude others, and addresses listed twice. */
function problemsIn({ inboxes }: InboxesFile): readonly Problem[] {
  return [
    ...inboxes.flatMap((entry, index) =>
      entryComplaints(entry).flatMap(([isProblem, path, reason]) => {
        const within = path === "" ? [] : path.split(".");
        return isProblem ? [{ path: ["inboxes", index, ...within], reason }] : [];
      }),
    ),
    ...duplicateProblems(inboxes),
  ];
}

type Complaint = readonly [isProblem: boolean, path: string, reason: string];

const NO_PROVIDER = "is missing, and no provider stands for it";

function entryComplaints(entry: InboxEntry): readonly Complaint[] {
  const { provider, imap, smtp, password, oauth } = entry;
  const isTwoWays = (password === undefined) === (oauth === undefined);
  const isClear = imap?.tls === "none" || smtp?.tls === "none";
  const isMicrosoft = provider === "microsoft";
  const isApplication = isMicrosoft && oauth?.refresh_token === undefined;
  const noPassword = "Microsoft 365 takes no passwords for IMAP; use oauth";
  const noGraph = "graph is for provider microsoft, with an application that signs in as itself";
  return [
    [provider === undefined && imap === undefined, "imap", NO_PROVIDER],
    [provider === undefined && smtp === undefined, "smtp", NO_PROVIDER],
    [isTwoWays, "", "needs either password or oauth, one of the two"],
    [isMicrosoft && password !== undefined, "password", noPassword],
    [oauth !== undefined && isClear, "oauth", "is not sent without TLS"],
    [entry.send_by === "graph" && !isApplication, "send_by", noGraph],
    ...(oauth === undefined ? [] : oauthComplaints(provider, oauth)),
  ];
}

function oauthComplaints(
  provider: InboxEntry["provider"],
  { client_secret, refresh_token, tenant, token_url, scope }: NonNullable<InboxEntry["oauth"]>,
): readonly Complaint[] {
  const isMicrosoft = provider === "microsoft";
  const isKnown = provider !== undefined;
  const isAlone = refresh_token === undefined;
  const twice = "is known for a provider; leave one of the two out";
  const noRefresh = "is missing; Google gives mailboxes no token without one";
  const noSecret = "is missing, and there is no refresh_token either";
  const noScope = "is missing; without a refresh_token nothing else says what the token is for";
  return [
    [isMicrosoft && tenant === undefined, "oauth.tenant", "is missing: the directory's id"],
    [!isMicrosoft && tenant !== undefined, "oauth.tenant", "is for provider microsoft only"],
    [!isKnown && token_url === undefined, "oauth.token_url", NO_PROVIDER],
    [isKnown && token_url !== undefined, "oauth.token_url", twice],
    [provider === "google" && isAlone, "oauth.refresh_token", noRefresh],
    [isAlone && client_secret === undefined, "oauth.client_secret", noSecret],
    [!isKnown && isAlone && scope === undefined, "oauth.scope", noScope],
  ];
}

/** Every address belongs to one inbox, and every mailbox is read once. */
function duplicateProblems(inboxes: readonly InboxEntry[]): readonly Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  const look = (name: string, path: readonly PropertyKey[], reason: string): void => {
    if (seen.has(name)) problems.push({ path, reason });
    seen.add(name);
  };
  for (const [index, entry] of inboxes.entries()) {
    const { address, aliases, provider, imap, user } = entry;
    const twice = "stands there twice; each address belongs to one inbox";
    look(address.toLowerCase(), ["inboxes", index, "address"], twice);
    for (const [at, alias] of aliases.entries())
      look(alias.toLowerCase(), ["inboxes", index, "aliases", at], twice);
    const place = imap?.host ?? provider ?? "";
    look(
      `${place} ${imap?.port ?? ""} ${(imap?.user ?? user ?? address).toLowerCase()}`,
      ["inboxes", index],
      "is the mailbox of an entry above; put its address among that entry's aliases",
    );
  }
  return problems;
}

/** The inboxes of a file. Reads the files of secrets once, to report missing ones. */
export function inboxesIn(path: string, environment: Variables): ConfiguredServers {
  let written: string;
  try {
    written = settingsText(path);
  } catch (error) {
    return { inboxes: [], problems: [`${path} cannot be read: ${reasonOf(error)}`] };
  }
  const read = readYaml(written, { schema: InboxesFile, more: problemsIn });
  if (read.kind === "invalid") return { inboxes: [], problems: problemLines(path, read.problems) };
  const problems: string[] = [];
  const folder = (file: string): string => resolve(dirname(path), file);
  const inboxes = read.document.inboxes.map((entry, index) =>
    configuredInbox(entry, (reference, setting) => {
      const found = secretSource(reference, { environment, folder });
      if ("source" in found) return found.source;
      const at = ["inboxes", index, ...setting];
      problems.push(
        `${path}:${read.lineOf(at)} inboxes[${index}].${setting.join(".")}: ${found.reason}`,
      );
      return () => new Secret("");
    }),
  );
  return { inboxes, problems };
}

/** Finds a secret, or notes what is wrong with it. */
type Reveal = (reference: SecretReference, setting: readonly string[]) => SecretSource;

function configuredInbox(entry: InboxEntry, reveal: Reveal): ConfiguredInbox {
  const { address, aliases, name, folder, brand, provider, imap, smtp, user = address } = entry;
  // Both providers deliver it; Exchange Online does unless an administrator turned it off.
  const { plus_addressing: plusAddressing = provider !== undefined } = entry;
  const known = provider === undefined ? null : PROVIDERS[provider];
  const shared = sharedSignIn(entry, reveal);
  const own = smtp?.password;
  const sending = own === undefined ? shared : { password: reveal(own, ["smtp", "password"]) };
  const isGraph = entry.send_by === "graph" && "oauth" in shared;
  return {
    address,
    aliases,
    name,
    folder,
    brand,
    plusAddressing,
    imap: { ...mailEndpoint(imap ?? known?.imap, 993), user: userIn(imap, user), ...shared },
    smtp: { ...mailEndpoint(smtp ?? known?.smtp, 465), user: userIn(smtp, user), ...sending },
    graph: isGraph ? { user, oauth: { ...shared.oauth, scope: GRAPH_SCOPE } } : undefined,
  };
}

function userIn(server: InboxEntry["imap"], user: string): string {
  return server?.user ?? user;
}

/**
 * The sign-in of both servers, unless sending has its own password. The schema ensures that one of the two is there.
 */
function sharedSignIn(
  { provider, password, oauth }: InboxEntry,
  reveal: Reveal,
): { readonly password: SecretSource } | { readonly oauth: ConfiguredOAuth } {
  if (oauth === undefined)
    return {
      password: password === undefined ? () => new Secret("") : reveal(password, ["password"]),
    };
  const { client_id, client_secret, refresh_token, tenant = "", token_url = "", scope } = oauth;
  const tokenUrl = provider === undefined ? token_url : PROVIDERS[provider].tokenUrl(tenant);
  return {
    oauth: {
      tokenUrl,
      clientId: client_id,
      clientSecret:
        client_secret === undefined ? null : reveal(client_secret, ["oauth", "client_secret"]),
      refreshToken:
        refresh_token === undefined ? null : reveal(refresh_token, ["oauth", "refresh_token"]),
      scope: scope ?? scopeAt(provider, refresh_token !== undefined),
    },
  };
}

/** The scope Microsoft expects; for an application alone it is everything an administrator granted. */
function scopeAt(provider: InboxEntry["provider"], isRefresh: boolean): string | null {
  if (provider !== "microsoft") return null;
  return isRefresh
    ? "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
    : "https://outlook.office365.com/.default";
}

/** Another resource than the mail servers, so its tokens are others. */
const GRAPH_SCOPE = "https://graph.microsoft.com/.default";

/** Ports whose TLS begins with the first byte (RFC 8314); all others use STARTTLS. */
const IMPLICIT_TLS = [993, 465];

/** A server with its port and kind of TLS, where they are not said. */
export function mailEndpoint(server: InboxEntry["imap"], usualPort: number): MailEndpoint {
  const { host = "", port = usualPort, tls } = server ?? {};
  const kindOfTls = tls ?? (IMPLICIT_TLS.includes(port) ? "implicit" : "starttls");
  return { host, port, secure: kindOfTls === "implicit", plain: kindOfTls === "none" };
}
