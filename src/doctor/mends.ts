/** What a problem means for customers and team, and what to do about an error that kept a part from being opened. */

import { GIVE_RIGHTS } from "#store/db/migrate.ts";
import { NEEDS, type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import { errorCode, reasonOf } from "#core/values/errors.ts";

const MEANINGS: readonly (readonly [part: string, check: RegExp, means: string])[] = [
  ["configuration", /./, "Deskhand does not start like this."],
  ["database", /./, NEEDS.database.means],
  ["queue", /./, NEEDS.queue.means],
  ["mails and files", /./, NEEDS.blobs.means],
  [
    "slack",
    /bot token|scopes/,
    "Cards and alerts do not reach the team, and no teammate can approve.",
  ],
  ["slack", /way in/, "Cards are posted, but a pressed button does nothing."],
  ["slack", /approvals channel|place/, "Cards do not reach the team."],
  ["slack", /alerts channel/, "The team is not told what needs a person now."],
  ["slack", /help channel/, "Questions asked in this channel are not seen."],
  ["slack", /group/, "The people in this group cannot approve anything."],
  ["zendesk", /^writer|group ZENDESK_GROUP_BOT/, "Tickets are not read or not answered."],
  ["zendesk", /group/, "A hand-over finds no group to go to, or is hidden from Deskhand there."],
  ["zendesk", /reader/, "What a lost webhook would have told is never found."],
  ["zendesk", /webhook|ticket events/, "News from tickets come late, or not at all."],
  [
    "zendesk",
    /mail to customers/,
    "Answers are written to the ticket but may not reach customers.",
  ],
  ["email", /IMAP|INBOX/, "Mails are not read. None is lost: they stay in the mailbox."],
  ["email", /urgent/, "While Slack is away, the team hears of no threat and no person in danger."],
  ["email", /SMTP/, "Mails are read, but no answer can be sent."],
  ["help pages", /./, "Answers rest on what was read last, or on nothing of these pages."],
  ["shop", /./, "Orders cannot be looked up, so customers are told to wait and people take over."],
  [
    "public address",
    /./,
    "Vendors' news, the chat and links in messages do not lead to this Deskhand.",
  ],
  ["own systems", /./, "What these systems know cannot be looked up, so people take over."],
  ["model", /./, NEEDS.model.means],
];

/** The finding with its meaning, where it is a problem and has none of its own. */
export function withMeaning(finding: Finding): Finding {
  if (finding.state !== "problem" || finding.means !== undefined) return finding;
  const { part, check } = finding;
  // With several mailboxes the part names the mailbox as well.
  const [, , means] =
    MEANINGS.find(([of, on]) => (part === of || part.startsWith(`${of} `)) && on.test(check)) ?? [];
  return means === undefined ? finding : { ...finding, means };
}

/** Certificates that are not accepted, of PostgreSQL's or any other server (Node's "X509 certificate error codes"). */
const UNTRUSTED = /CERT|LEAF_SIGNATURE/;

/**
 * By codes of Deskhand's, of PostgreSQL (its appendix A) and of the operating system (errno(3)), and by the
 * server's words where one code has several causes. Those of its network and of certificates are everybody's, so they
 * count below the store's own error only; an error of a file has its path.
 */
const MENDS: readonly (readonly [codes: RegExp, mend: string, words?: RegExp])[] = [
  [/^store\.in_use$/, "stop the Deskhand that runs in this folder, then try again"],
  [
    /^policy\.invalid$/,
    "correct the lines it names in the policy file; `deskhand policy check FILE` says when it is right",
  ],
  [
    /^config\.invalid$/,
    "correct the variables it names (docs/settings.md); `deskhand init` asks for what is missing",
  ],
  [/^queue\.evicting$/, "set maxmemory-policy noeviction in Redis"],
  [/^42501$/, `the user of DATABASE_URL may not do this: ${GIVE_RIGHTS}`],
  [
    /^28000$/,
    "this server wants TLS: add ?sslmode=verify-full to DATABASE_URL (and &sslrootcert=FILE for an authority of its own)",
    /no encryption|SSL off|insecure/,
  ],
  [
    UNTRUSTED,
    "name the authority of the server's certificate (&sslrootcert=FILE in DATABASE_URL, or NODE_EXTRA_CA_CERTS=FILE), and the host as the certificate does",
  ],
  [
    /^28/,
    "check user and password in DATABASE_URL; a sign such as @ : / or # of a password is written %40 %3A %2F or %23 there",
  ],
  [
    /^3D000$/,
    "check the name at the end of DATABASE_URL, or make that database: CREATE DATABASE name",
  ],
  [
    /^(?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/,
    "start PostgreSQL, or check host and port in DATABASE_URL, and that no firewall is between",
  ],
  [/^(?:ENOSPC|EDQUOT)$/, "make room on the disk below DESKHAND_DATA"],
  [
    /^(?:EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT)$/,
    "check the path in DESKHAND_DATA, and let the user of this process write there",
  ],
];

/** What to do about it: the mend of the outermost error that has one; null where none is known. */
export function mendFor(error: unknown): string | null {
  let isStore = false;
  for (let one = error; one instanceof Error; one = one.cause) {
    const code = errorCode(one);
    isStore ||= code === "store.unavailable";
    const { message } = one;
    const [, mend] =
      MENDS.find(([codes, , words]) => codes.test(code) && (words?.test(message) ?? true)) ?? [];
    const isEverybodys = /^E[A-Z]/.test(code) || UNTRUSTED.test(code);
    if (mend !== undefined && (isStore || "path" in one || !isEverybodys)) return mend;
  }
  return null;
}

/** A part that cannot be opened at all. */
export function unopened(part: string, check: string, error: unknown): Finding {
  return findingsAbout(part)("problem", check, reasonOf(error), mendFor(error));
}
