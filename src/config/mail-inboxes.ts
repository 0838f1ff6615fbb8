/** Reads the configured mail inboxes, from the variables or from the inboxes file. */
import type { Variables } from "./environment-file.ts";
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { MailEndpoint } from "#email/login/sign-in.ts";
import { readYaml } from "#policy/yaml.ts";
import { type InboxEntry, InboxesFile, problemsIn, PROVIDERS } from "./mail-inboxes-file.ts";
import { Secret, secretSource, type SecretReference, type SecretSource } from "./secret.ts";

/** One mailbox from the environment or the file. */
export interface ConfiguredInbox {
  readonly address: string;
  readonly aliases: readonly string[];
  readonly brand: string;
  /** Never assumed: where `name+anything@` does not arrive, customers' answers to it would be lost. */
  readonly plusAddressing: boolean;
  readonly imap: MailEndpoint & ConfiguredSignIn;
  readonly smtp: MailEndpoint & ConfiguredSignIn;
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

/** Variables that configure a single inbox; with an inboxes file they must not be set. */
const ONE_INBOX = [
  "SUPPORT_ADDRESS",
  "MAIL_ALIASES",
  "IMAP_HOST",
  "IMAP_PORT",
  "IMAP_USER",
  "IMAP_PASS",
  "SMTP_HOST",
  "SMTP_PORT",
  "SMTP_USER",
  "SMTP_PASS",
] as const;

interface ConfiguredServers {
  readonly inboxes: readonly ConfiguredInbox[];
  /** One line each, beginning with the variable. */
  readonly problems: readonly string[];
}

/** The inboxes from the variables, or from the file. Reads the secret files once, to report missing ones. */
export function configuredInboxes(
  environment: Variables,
  passwordOf: (name: "IMAP_PASS" | "SMTP_PASS") => Secret | null = () => null,
): ConfiguredServers {
  const path = environment["MAIL_INBOXES"];
  if (path === undefined) return { inboxes: oneInbox(environment, passwordOf), problems: [] };
  const others = ONE_INBOX.filter((name) => environment[name] !== undefined);
  const found = inboxesIn(resolve(path.trim()), environment);
  const conflict = `the file names every inbox, so ${others.join(", ")} must not be set beside it`;
  const problems = [...(others.length > 0 ? [conflict] : []), ...found.problems];
  return {
    inboxes: found.inboxes,
    problems: problems.map((problem) => `MAIL_INBOXES: ${problem}`),
  };
}

/** The addresses of a comma-separated list; empty items are skipped. */
export function aliasesIn(list: string | undefined): readonly string[] {
  const named = (list ?? "").split(",").map((alias) => alias.trim());
  return [...new Set(named.filter((alias) => alias !== ""))];
}

/** One mailbox at a provider; sending signs in like reading unless it has credentials of its own. */
function oneInbox(
  environment: Variables,
  passwordOf: (name: "IMAP_PASS" | "SMTP_PASS") => Secret | null,
): readonly ConfiguredInbox[] {
  const { IMAP_HOST, SMTP_HOST, IMAP_USER = "" } = environment;
  if (IMAP_HOST === undefined) return [];
  const { IMAP_PORT = "993", SMTP_PORT = "465", MAIL_PLUS_ADDRESSING = "off" } = environment;
  const { SUPPORT_ADDRESS = "" } = environment;
  const none = new Secret("");
  const reading: SecretSource = () => passwordOf("IMAP_PASS") ?? none;
  return [
    {
      address: SUPPORT_ADDRESS.trim(),
      aliases: aliasesIn(environment["MAIL_ALIASES"]),
      brand: "default",
      plusAddressing: MAIL_PLUS_ADDRESSING.trim() === "on",
      imap: {
        ...mailEndpoint({ host: IMAP_HOST.trim(), port: Number(IMAP_PORT) }, 993),
        user: IMAP_USER.trim(),
        password: reading,
      },
      smtp: {
        ...mailEndpoint({ host: SMTP_HOST?.trim() ?? "", port: Number(SMTP_PORT) }, 465),
        user: (environment["SMTP_USER"] ?? IMAP_USER).trim(),
        password: () => passwordOf("SMTP_PASS") ?? reading(),
      },
    },
  ];
}

const FILE_BYTES_MAX = 256 * 1024;

function inboxesIn(path: string, environment: Variables): ConfiguredServers {
  const broken = (reason: string): ConfiguredServers => ({
    inboxes: [],
    problems: [`${path} ${reason}`],
  });
  let text: string;
  try {
    if (statSync(path).size > FILE_BYTES_MAX) return broken("is larger than 256 KB");
    text = readFileSync(path, "utf8");
  } catch {
    return broken("cannot be read");
  }
  const read = readYaml(text, path, { schema: InboxesFile, more: problemsIn });
  if (read.kind === "invalid") return { inboxes: [], problems: read.problems };
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
  const { address, aliases, brand, provider, imap, smtp, user = address } = entry;
  // Both providers deliver it; Exchange Online does unless an administrator turned it off.
  const { plus_addressing: plusAddressing = provider !== undefined } = entry;
  const known = provider === undefined ? null : PROVIDERS[provider];
  const shared = sharedSignIn(entry, reveal);
  const own = smtp?.password;
  const sending = own === undefined ? shared : { password: reveal(own, ["smtp", "password"]) };
  return {
    address,
    aliases,
    brand,
    plusAddressing,
    imap: { ...mailEndpoint(imap ?? known?.imap, 993), ...userIn(imap, user), ...shared },
    smtp: { ...mailEndpoint(smtp ?? known?.smtp, 465), ...userIn(smtp, user), ...sending },
  };
}

function userIn(
  server: InboxEntry["imap"] | InboxEntry["smtp"],
  user: string,
): { readonly user: string } {
  return { user: server?.user ?? user };
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

/** Ports whose TLS begins with the first byte (RFC 8314); all others use STARTTLS. */
const IMPLICIT_TLS = [993, 465];

function mailEndpoint(
  server:
    | {
        readonly host: string;
        readonly port?: number | undefined;
        readonly tls?: "implicit" | "starttls" | "none" | undefined;
      }
    | undefined,
  usualPort: number,
): MailEndpoint {
  const { host = "", port = usualPort, tls } = server ?? {};
  const kindOfTls = tls ?? (IMPLICIT_TLS.includes(port) ? "implicit" : "starttls");
  return { host, port, secure: kindOfTls === "implicit", plain: kindOfTls === "none" };
}
