/** Environment variables of mail: the servers of a single inbox, our addresses and our own mail server. */
import { listIn, port, secret, text, whole, Secret } from "./secret.ts";
import { z } from "zod";
import { invalidConfig, schemaProblems } from "#core/values/errors.ts";
import { resolve } from "node:path";
import { setVariables, type Variables } from "./environment-file.ts";
import {
  type ConfiguredInbox,
  type ConfiguredServers,
  displayName,
  inboxesIn,
  mailEndpoint,
} from "./mail-inboxes.ts";

/** Where mail is read and sent, and under which name: of one inbox with a password, or a file about several. */
export const MAIL_SERVERS = {
  IMAP_HOST: text.optional().describe("server the mailbox is read from"),
  IMAP_PORT: port.default(993).describe("993 is TLS from the first byte, others use STARTTLS"),
  IMAP_USER: text.optional().describe("name to sign in with"),
  IMAP_PASS: secret.optional().describe("password of the mailbox"),
  SMTP_HOST: text.optional().describe("server answers are sent through"),
  SMTP_PORT: port.default(465).describe("465 is TLS from the first byte, others use STARTTLS"),
  SMTP_USER: text.optional().describe("name for sending; `IMAP_USER` unless set"),
  SMTP_PASS: secret.optional().describe("password for sending; `IMAP_PASS` unless set"),
  MAIL_FROM_NAME: displayName
    .optional()
    .describe("the name customers see as the sender of answers; the address alone unless set"),
  MAIL_INBOXES: text
    .optional()
    .describe(
      "file with several inboxes, or one that signs in by OAuth, in place of the mailbox's variables",
    ),
} as const;

/** The same limit as for an inbox in the file. */
const ALIASES_MAX = 100;

/** Variables for the address mail comes to, and the mail server whose verdict about senders counts. */
export const MAIL_VARIABLES = {
  SUPPORT_ADDRESS: z.email().optional().describe("the address customers write to"),
  MAIL_ALIASES: z
    .string()
    .refine((list) => aliasesIn(list).length <= ALIASES_MAX, `must be at most ${ALIASES_MAX}`)
    .refine(
      (list) => aliasesIn(list).every((alias) => z.email().safeParse(alias).success),
      "must be addresses with commas between them, such as help@example.com, sales@example.com",
    )
    .optional()
    .describe("further addresses of the mailbox, comma-separated"),
  MAIL_AUTHSERV_ID: z
    .string()
    .trim()
    .regex(/^[\w.-]{1,253}$/, "must be one name, such as mx.example.com")
    .optional()
    .describe("the first word in your mail server's Authentication-Results"),
  MAIL_TRUSTED_HOPS: whole(1, 20)
    .optional()
    .describe("Received lines that your own mail servers add; 1 unless set"),
  MAIL_SECOND_WITNESS: z
    .enum(["on", "off"])
    .optional()
    .describe(
      "whether its spf=pass proves mail whose signature leaves To and Cc open; `off` unless set",
    ),
  MAIL_PLUS_ADDRESSING: z
    .enum(["on", "off"])
    .optional()
    .describe("whether mail to name+anything@ arrives in the mailbox; `off` unless set"),
} as const;

const MailVariables = z.object({ ...MAIL_SERVERS, ...MAIL_VARIABLES });
type MailVariables = z.infer<typeof MailVariables>;

/**
 * Our own mail server as the environment names it, regardless of other settings; throws for an unusable name or number.
 */
export function ownMailServerIn(environment: NodeJS.ProcessEnv) {
  const set = setVariables(environment);
  const parsed = MailVariables.pick({
    MAIL_AUTHSERV_ID: true,
    MAIL_TRUSTED_HOPS: true,
    MAIL_SECOND_WITNESS: true,
  }).safeParse(set);
  if (!parsed.success) throw invalidConfig(schemaProblems(parsed.error).join("; "));
  return ownMailServer(parsed.data, configuredInboxes(set));
}

/** Our own mail server, and whether all inboxes are read from one host; null when none is named. */
export function ownMailServer(
  {
    MAIL_AUTHSERV_ID: authservId,
    MAIL_TRUSTED_HOPS: hops = 1,
    MAIL_SECOND_WITNESS: witness,
  }: Pick<MailVariables, "MAIL_AUTHSERV_ID" | "MAIL_TRUSTED_HOPS" | "MAIL_SECOND_WITNESS">,
  { inboxes }: Pick<ConfiguredServers, "inboxes">,
) {
  const hosts = new Set(inboxes.map(({ imap }) => imap.host.toLowerCase()));
  return authservId === undefined
    ? null
    : { authservId, hops, isSole: hosts.size === 1, isWitness: witness === "on" };
}

/** Every address under which mail reaches us; null when no mailbox is configured. */
export function ownMailNames(environment: NodeJS.ProcessEnv): readonly string[] | null {
  const { inboxes } = configuredInboxes(setVariables(environment));
  return inboxes.length === 0
    ? null
    : inboxes.flatMap(({ address, aliases }) => [address, ...aliases]);
}

/** Variables that configure a single inbox; with an inboxes file they must not be set. */
const ONE_INBOX = ["SUPPORT_ADDRESS", "MAIL_ALIASES", ...Object.keys(MAIL_SERVERS)].filter(
  (name) => name !== "MAIL_INBOXES",
);

/** The inboxes from the variables, or from the file. Each problem begins with the variable. */
export function configuredInboxes(set: Variables): ConfiguredServers {
  const path = set["MAIL_INBOXES"];
  if (path === undefined) {
    // What is wrong with a variable is said where all of them are read.
    const { data } = MailVariables.safeParse(set);
    return { inboxes: data === undefined ? [] : oneInbox(data), problems: [] };
  }
  const others = ONE_INBOX.filter((name) => set[name] !== undefined);
  const found = inboxesIn(resolve(path.trim()), set);
  const conflict = `the file names every inbox, so ${others.join(", ")} must not be set beside it`;
  const problems = [...(others.length > 0 ? [conflict] : []), ...found.problems];
  return {
    inboxes: found.inboxes,
    problems: problems.map((problem) => `MAIL_INBOXES: ${problem}`),
  };
}

/** The addresses of a list, each once. */
function aliasesIn(list: string | undefined): readonly string[] {
  return [...new Set(listIn(list))];
}

/** One mailbox at a provider; sending signs in like reading unless it has credentials of its own. */
function oneInbox(set: MailVariables): readonly ConfiguredInbox[] {
  const { IMAP_HOST, SMTP_HOST = "", IMAP_USER = "", IMAP_PASS = new Secret("") } = set;
  const { SMTP_USER = IMAP_USER, SMTP_PASS = IMAP_PASS, SUPPORT_ADDRESS = "" } = set;
  if (IMAP_HOST === undefined) return [];
  return [
    {
      address: SUPPORT_ADDRESS,
      aliases: aliasesIn(set.MAIL_ALIASES),
      name: set.MAIL_FROM_NAME,
      folder: "INBOX",
      brand: "default",
      plusAddressing: set.MAIL_PLUS_ADDRESSING === "on",
      imap: {
        ...mailEndpoint({ host: IMAP_HOST, port: set.IMAP_PORT }, 993),
        user: IMAP_USER,
        password: () => IMAP_PASS,
      },
      smtp: {
        ...mailEndpoint({ host: SMTP_HOST, port: set.SMTP_PORT }, 465),
        user: SMTP_USER,
        password: () => SMTP_PASS,
      },
    },
  ];
}
