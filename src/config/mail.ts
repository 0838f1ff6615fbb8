/** Environment variables of mail: the servers of a single inbox, our addresses and our own mail server. */
import { port, secret, text, whole } from "./fields.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { aliasesIn, configuredInboxes } from "./mail-inboxes.ts";

/** Where mail is read and sent: the servers of one inbox with a password, or a file about several. */
export const MAIL_SERVERS = {
  IMAP_HOST: text.optional().describe("server the mailbox is read from"),
  IMAP_PORT: port.default(993).describe("993 is TLS from the first byte, others use STARTTLS"),
  IMAP_USER: text.optional().describe("name to sign in with"),
  IMAP_PASS: secret.optional().describe("password of the mailbox"),
  SMTP_HOST: text.optional().describe("server answers are sent through"),
  SMTP_PORT: port.default(465).describe("465 is TLS from the first byte, others use STARTTLS"),
  SMTP_USER: text.optional().describe("name for sending; `IMAP_USER` unless set"),
  SMTP_PASS: secret.optional().describe("password for sending; `IMAP_PASS` unless set"),
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
  DESKHAND_URGENT_EMAIL: z
    .email()
    .optional()
    .describe("address that is mailed about delicate messages, beside the alert"),
  MAIL_PLUS_ADDRESSING: z
    .enum(["on", "off"])
    .optional()
    .describe("whether mail to name+anything@ arrives in the mailbox; `off` unless set"),
} as const;

/** Names of the optional ones. */
export const MAIL_VARIABLES_NAMES = [
  "MAIL_ALIASES",
  "MAIL_AUTHSERV_ID",
  "MAIL_TRUSTED_HOPS",
  "MAIL_PLUS_ADDRESSING",
] as const satisfies readonly (keyof typeof MAIL_VARIABLES)[];

interface OwnMailServer {
  readonly authservId: string;
  readonly hops: number;
}

const MailVariables = z.object(MAIL_VARIABLES);
type MailVariables = z.infer<typeof MailVariables>;

/**
 * Our own mail server as the environment names it, regardless of other settings; throws for an unusable name or number.
 */
export function ownMailServerIn(environment: NodeJS.ProcessEnv): OwnMailServer | null {
  const set = MAIL_VARIABLES_NAMES.flatMap((name) => {
    const value = environment[name]?.trim() ?? "";
    return value === "" ? [] : [[name, value]];
  });
  const parsed = MailVariables.safeParse(Object.fromEntries(set));
  if (!parsed.success)
    throw new DeskhandError(
      "config.invalid",
      parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    );
  return ownMailServer(parsed.data).ownServer ?? null;
}

/** The option that names our own mail server; empty when none is named. */
export function ownMailServer({
  MAIL_AUTHSERV_ID,
  MAIL_TRUSTED_HOPS,
}: Pick<MailVariables, "MAIL_AUTHSERV_ID" | "MAIL_TRUSTED_HOPS">): {
  readonly ownServer?: OwnMailServer;
} {
  return MAIL_AUTHSERV_ID === undefined
    ? {}
    : { ownServer: { authservId: MAIL_AUTHSERV_ID, hops: MAIL_TRUSTED_HOPS ?? 1 } };
}

/** Every address under which mail reaches us; null when no mailbox is configured. */
export function ownMailNames(environment: NodeJS.ProcessEnv): readonly string[] | null {
  const { inboxes } = configuredInboxes(environment);
  return inboxes.length === 0
    ? null
    : inboxes.flatMap(({ address, aliases }) => [address, ...aliases]);
}
