/** The schema of the inboxes file (`MAIL_INBOXES`) and the checks across its settings. */
import { text } from "./fields.ts";
import { z } from "zod";
import type { Problem } from "#policy/schema.ts";
import { SecretReference } from "./secret.ts";

/** Hosts, ports and token endpoint for an entry that names its provider. */
export const PROVIDERS = {
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
  token_url: z
    .url({ protocol: /^https?$/ })
    .refine(isProtected, "must be https, since secrets are sent there")
    .optional(),
  scope: text.optional(),
});

const Entry = z.strictObject({
  address: z.email(),
  aliases: z.array(z.email()).max(100).default([]),
  brand: text.default("default"),
  plus_addressing: z.boolean().optional(),
  provider: z.enum(["google", "microsoft"]).optional(),
  user: text.optional(),
  imap: z.strictObject({ ...server, user: text.optional() }).optional(),
  smtp: z
    .strictObject({ ...server, user: text.optional(), password: SecretReference.optional() })
    .optional(),
  password: SecretReference.optional(),
  oauth: OAuth.optional(),
});
/** One inbox as the file describes it. */
export type InboxEntry = z.infer<typeof Entry>;

const INBOXES_MAX = 50;

/** The whole file. Strict everywhere: a misspelt key is an error, never ignored. */
export const InboxesFile = z.strictObject({
  inboxes: z.array(Entry).min(1, "has no entry").max(INBOXES_MAX),
});
export type InboxesFile = z.infer<typeof InboxesFile>;

/** Plain http is for a server on this machine only. */
function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
}

/** What one field alone does not show: settings that require or exclude others, and addresses listed twice. */
export function problemsIn({ inboxes }: InboxesFile): readonly Problem[] {
  return [
    ...inboxes.flatMap((entry, index) =>
      entryProblems(entry).map(([path, reason]) => ({
        path: ["inboxes", index, ...path],
        reason,
      })),
    ),
    ...duplicateProblems(inboxes),
  ];
}

type Complaint = readonly [path: readonly string[], reason: string];

function entryProblems(entry: InboxEntry): readonly Complaint[] {
  const { provider, imap, smtp, password, oauth } = entry;
  const found: readonly (readonly [isProblem: boolean, ...Complaint])[] = [
    [
      provider === undefined && imap === undefined,
      ["imap"],
      "is missing, and no provider stands for it",
    ],
    [
      provider === undefined && smtp === undefined,
      ["smtp"],
      "is missing, and no provider stands for it",
    ],
    [
      (password === undefined) === (oauth === undefined),
      [],
      "needs either password or oauth, one of the two",
    ],
    [
      provider === "microsoft" && password !== undefined,
      ["password"],
      "Microsoft 365 takes no passwords for IMAP; use oauth",
    ],
    [
      oauth !== undefined && (imap?.tls === "none" || smtp?.tls === "none"),
      ["oauth"],
      "is not sent without TLS",
    ],
  ];
  return [
    ...found.flatMap(([isProblem, ...complaint]) => (isProblem ? [complaint] : [])),
    ...(oauth === undefined ? [] : oauthProblems(provider, oauth)),
  ];
}

function oauthProblems(
  provider: InboxEntry["provider"],
  oauth: NonNullable<InboxEntry["oauth"]>,
): readonly Complaint[] {
  const { client_secret, refresh_token, tenant, token_url, scope } = oauth;
  const found: readonly (readonly [isProblem: boolean, ...Complaint])[] = [
    [
      provider === "microsoft" && tenant === undefined,
      ["oauth", "tenant"],
      "is missing: the directory's id",
    ],
    [
      provider !== "microsoft" && tenant !== undefined,
      ["oauth", "tenant"],
      "is for provider microsoft only",
    ],
    [
      provider === undefined && token_url === undefined,
      ["oauth", "token_url"],
      "is missing, and no provider stands for it",
    ],
    [
      provider !== undefined && token_url !== undefined,
      ["oauth", "token_url"],
      "is known for a provider; leave one of the two out",
    ],
    [
      provider === "google" && refresh_token === undefined,
      ["oauth", "refresh_token"],
      "is missing; Google gives mailboxes no token without one",
    ],
    [
      refresh_token === undefined && client_secret === undefined,
      ["oauth", "client_secret"],
      "is missing, and there is no refresh_token either",
    ],
    [
      provider === undefined && refresh_token === undefined && scope === undefined,
      ["oauth", "scope"],
      "is missing; without a refresh_token nothing else says what the token is for",
    ],
  ];
  return found.flatMap(([isProblem, ...complaint]) => (isProblem ? [complaint] : []));
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
