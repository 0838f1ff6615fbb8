/**
 * Looks at each inbox as the channel would use it (connects, signs in, reads nothing but counts, sends nothing), and at
 * what its domain publishes about its mail: without that, answers end in spam.
 */
import type { ImapFlow } from "imapflow";
import type { DNSResolver } from "mailauth";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import {
  loginStates,
  type LoginStates,
  type LoginState,
  type MailEndpoint,
} from "#email/login/sign-in.ts";
import { connectImap, findFolder, folderPath } from "#email/inbox/imap-connection.ts";
import { isAbsence, systemDns } from "#email/sender-auth/dkim.ts";
import { addressDomain } from "#email/mime/addresses.ts";
import type { EmailOptions, Inbox } from "./options.ts";
import { type GraphMailbox, connectSmtp, smtpLine, trySender } from "#email/outbound/deliver.ts";

type Options = Pick<EmailOptions, "inboxes" | "clock" | "log" | "accounts">;

/** A person waits for the answer, so a server gets this long for each step. */
const STEP_MS = 8_000;
const TIMEOUTS = { imapSilenceMs: STEP_MS, connectMs: STEP_MS, smtpAnswerMs: STEP_MS };

/** What a look at every inbox finds. Never throws. */
export async function examineInboxes(options: Options): Promise<readonly Finding[]> {
  const { inboxes } = options;
  const accounts = options.accounts ?? loginStates(inboxes, options);
  const lists = await Promise.all(
    inboxes.map(async (inbox) => {
      const finding = findingsAbout(inboxes.length === 1 ? "email" : `email ${inbox.address}`);
      const place = { address: inbox.address, smtpHost: inbox.smtp.host };
      const isHere = /^(?:localhost|127\.|\[?::1)/.test(place.smtpHost);
      const looked = await Promise.all([
        examineReading(inbox, accounts, finding),
        examineSending(inbox, accounts, finding),
        // A server on this machine hands mail on or is a stand-in; what the domain has to publish is not known from it.
        isHere ? [] : examineDomain(place, systemDns(), finding),
      ]);
      return looked.flat();
    }),
  );
  return lists.flat();
}

type MakeFinding = ReturnType<typeof findingsAbout>;

/** The caller has just changed something, so this check never waits; a working login ends the waits of others. */
function atOnce(account: LoginState): LoginState {
  return {
    ...account,
    check: () => undefined,
    refused: (words, cause) => new DeskhandError("channel.unauthorized", words, { cause }),
    mayRenew: () => true,
  };
}

async function examineReading(
  { address, imap, folder = "INBOX" }: Inbox,
  accounts: LoginStates,
  finding: MakeFinding,
): Promise<readonly Finding[]> {
  const watched = accounts.of(address, "IMAP");
  // That the login works is not all; the inbox has to open as well.
  const account = { ...atOnce(watched), accepted: () => undefined };
  const check = "IMAP login";
  let client: ImapFlow;
  try {
    client = await connectImap(imap, { timeouts: TIMEOUTS, account });
  } catch (error) {
    return [inboxProblem(finding, check, imap, error)];
  }
  try {
    const login = finding("ok", check, signedIn(imap, client.secureConnection, imap.user));
    const inbox = await inboxFinding(client, folder, finding);
    if (inbox.state !== "ok") return [login, inbox];
    watched.accepted();
    return [
      login,
      inbox,
      capabilityFinding(client, finding),
      await sentFinding(client, imap, finding),
    ];
  } catch (error) {
    return [inboxProblem(finding, check, imap, error)];
  } finally {
    client.close();
  }
}

async function inboxFinding(
  client: ImapFlow,
  folder: string,
  finding: MakeFinding,
): Promise<Finding> {
  const check = folder;
  try {
    const path = await folderPath(client, folder);
    const { exists } = await client.mailboxOpen(path, { readOnly: true });
    return finding(
      "ok",
      check,
      `can be read; ${exists} mails are there, and what is there at the first start stays untouched`,
    );
  } catch (error) {
    const remedy =
      folder === "INBOX"
        ? "the login is right, but not for a mailbox: does it exist, has it a licence, and may this user open it?"
        : "name a folder of this mailbox in `folder`, as IMAP calls it";
    return finding("problem", check, reasonOf(error), remedy);
  }
}

function capabilityFinding({ capabilities }: ImapFlow, finding: MakeFinding): Finding {
  const names = ["IDLE", "UIDPLUS", "SPECIAL-USE"];
  const missing = names.filter((name) => !capabilities.has(name));
  const check = "IMAP extensions";
  const found = missing.length === 0 ? names.join(", ") : `without ${missing.join(", ")}`;
  const remedy = "new mail is not pushed by this server; it is found by looking once a minute";
  return missing.includes("IDLE")
    ? finding("warning", check, found, remedy)
    : finding("ok", check, found);
}

async function sentFinding(
  client: ImapFlow,
  { host }: MailEndpoint,
  finding: MakeFinding,
): Promise<Finding> {
  const check = "Sent folder";
  const path = await findFolder(client, "\\Sent");
  if (path === null)
    return finding(
      "warning",
      check,
      "there is none that the server names",
      "Deskhand makes “Sent” with its first answer; create one yourself to choose its name",
    );
  return finding(
    "ok",
    check,
    isGmail(host) ? `“${path}”; Gmail keeps a copy of what is sent there by itself` : `“${path}”`,
  );
}

async function examineSending(
  { address, smtp, graph }: Inbox,
  accounts: LoginStates,
  finding: MakeFinding,
): Promise<readonly Finding[]> {
  if (graph !== undefined) return [await graphFinding(graph, finding)];
  const account = atOnce(accounts.of(address, "SMTP"));
  const line = smtpLine(smtp, TIMEOUTS);
  const { connection } = line;
  let check = "SMTP login";
  let size: string | undefined;
  try {
    await connectSmtp(line, smtp, {
      account,
      reached: (answer) => (size = /[ -]SIZE[ \t]+(\d+)/i.exec(answer)?.[1]),
    });
    const login = finding("ok", check, signedIn(smtp, connection.secure, smtp.user ?? "no login"));
    check = "SMTP sender";
    await trySender(line, address);
    return [
      login,
      finding("ok", "SMTP size", sizeWords(size)),
      ...(REWRITING.test(smtp.host)
        ? [finding("warning", "Message-ID", REWRITES, THREADS_LOST)]
        : []),
    ];
  } catch (error) {
    return [inboxProblem(finding, check, smtp, error)];
  } finally {
    connection.close();
  }
}

/** Whether there is a token for Graph. Nothing but sending shows what it was granted. */
async function graphFinding({ token }: GraphMailbox, finding: MakeFinding): Promise<Finding> {
  const check = "Graph token";
  try {
    await token();
    return finding("ok", check, "issued; the first answer shows whether Mail.Send is granted");
  } catch (error) {
    return finding("problem", check, reasonOf(error), "grant the application Mail.Send of Graph");
  }
}

function sizeWords(size: string | undefined): string {
  const megabytes = Math.floor(Number(size ?? "0") / 1_048_576);
  return megabytes === 0
    ? "the server announces no limit"
    : `mails of up to ${megabytes} MB, as the server announces`;
}

/** Servers that put another Message-ID into what they are given; answers are then known by their other marks only. */
const REWRITING = /(?:^|\.)(?:amazonaws\.com|awsapps\.com)$/i;
const REWRITES =
  "Amazon SES writes Message-IDs of its own, so customers' replies name one that Deskhand has not made";
const THREADS_LOST =
  "use a server that leaves the Message-ID alone; otherwise a reply may begin a new conversation";

function isGmail(host: string): boolean {
  return /(?:^|\.)(?:gmail|googlemail)\.com$/i.test(host);
}

function placeWords({ host, port }: MailEndpoint): string {
  return `${host}:${port}`;
}

function signedIn(place: MailEndpoint, isSecure: boolean, user: string): string {
  return `${placeWords(place)}, ${isSecure ? "TLS" : "no TLS"}, ${user}`;
}

function inboxProblem(
  finding: MakeFinding,
  check: string,
  place: MailEndpoint,
  error: unknown,
): Finding {
  const found = `${placeWords(place)}: ${reasonOf(error).replace(/^channel\.\w+: /, "")}`;
  return finding("problem", check, found, remedyFor(error));
}

function remedyFor(error: unknown): string {
  if (error instanceof DeskhandError && error.code === "channel.unauthorized")
    return "check user and password, and that the provider lets programs in by this protocol (docs/email.md, “Connecting a mailbox”)";
  if (error instanceof DeskhandError && error.code === "channel.refused")
    return "let this user send as the inbox's address at the provider, or make it the mailbox's own";
  const words = reasonOf(error);
  if (/ENOTFOUND|EAI_AGAIN|EBADNAME|getaddrinfo/.test(words)) return "check the host's name";
  if (/certificate|self.signed|altnames|CERT_/i.test(words))
    return "the server's certificate does not fit this name or is signed by an unknown authority; use the name it was made for, or add its authority with NODE_EXTRA_CA_CERTS";
  if (/STARTTLS|wrong version number|SSL routines/i.test(words))
    return "the port speaks TLS otherwise than set: 993 and 465 begin with it, 143 and 587 turn to it";
  return "check host and port, and that no firewall is between";
}

// What the domain of an inbox publishes about its mail.

/** What a provider asks its customers to publish: a part of the SPF record, and the names of its DKIM keys. */
const PUBLISHED: readonly (readonly [host: RegExp, spf: string, selectors: readonly string[]])[] = [
  [/\.(?:gmail|googlemail)\.com$/i, "include:_spf.google.com", ["google"]],
  [/\.office365\.com$/i, "include:spf.protection.outlook.com", ["selector1", "selector2"]],
];

/** SPF, DMARC, and DKIM where the provider's names of the keys are known. Never throws. */
export async function examineDomain(
  { address, smtpHost }: { readonly address: string; readonly smtpHost: string },
  resolver: DNSResolver,
  finding: MakeFinding,
): Promise<readonly Finding[]> {
  const domain = addressDomain(address.toLowerCase());
  const [, spf = "", selectors = []] = PUBLISHED.find(([host]) => host.test(smtpHost)) ?? [];
  const look = async (check: string, names: readonly string[], kind: RegExp, holds: string) => {
    try {
      const texts = (await Promise.all(names.map((name) => records(name, resolver)))).flat();
      const [found, ...others] = texts.filter((text) => kind.test(text));
      // Two SPF records count as none; of the policies of domains the nearest counts (RFC 9989 section 4.10).
      if (found !== undefined && (check !== "SPF" || others.length === 0)) {
        if (found.includes(holds)) return finding("ok", check, `${domain}: ${found}`);
        if (leadsElsewhere(found)) return finding("unknown", check, `${domain}: ${found}`);
      }
      return finding(
        "warning",
        check,
        `${domain} has no record that counts at ${names.join(" or ")}, so answers may end in spam`,
        `publish exactly one TXT record there${holds === "" ? "" : `, with ${holds}`}; your provider says which`,
      );
    } catch (error) {
      return finding("unknown", check, `${domain}: ${reasonOf(error)}`);
    }
  };
  const keys = selectors.map((selector) => `${selector}._domainkey.${domain}`);
  const labels = domain.split(".");
  const policies = labels.slice(0, -1).map((_, at) => `_dmarc.${labels.slice(at).join(".")}`);
  return Promise.all([
    look("SPF", [domain], /^v=spf1(?: |$)/i, spf),
    ...(keys.length === 0 ? [] : [look("DKIM", keys, /(?:^|;)\s*p=[^;\s]/i, "")]),
    look("DMARC", policies, /^v=DMARC1\s*;/i, ""),
  ]);
}

/** Whether a record continues at a service that may name the provider in its turn. */
function leadsElsewhere(spf: string): boolean {
  const known = PUBLISHED.map(([, include]) => include);
  const terms = spf
    .split(/\s+/)
    .filter((term) => /^[+?~-]?(?:include:|redirect=|exists:)/i.test(term));
  return terms.some((term) => !known.includes(term));
}

async function records(name: string, resolver: DNSResolver): Promise<readonly string[]> {
  try {
    return (await resolver(name, "TXT")).map((parts) => [parts].flat().join(""));
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}
