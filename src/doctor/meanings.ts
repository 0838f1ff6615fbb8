/** What a problem means for customers and team, beside what was found and what to do. */

import type { Finding } from "#core/connection/diagnosis.ts";

const MEANINGS: readonly (readonly [part: string, check: RegExp, means: string])[] = [
  ["configuration", /./, "Deskhand does not start like this."],
  ["database", /./, "Nothing can be accepted or answered without it."],
  ["queue", /./, "Messages are accepted and wait; nothing is answered until Redis is back."],
  ["mails and files", /./, "Mails that one process keeps are not found by the others."],
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
  ["zendesk", /group/, "A hand-over finds no group to go to."],
  ["zendesk", /reader/, "What a lost webhook would have told is never found."],
  ["zendesk", /webhook|trigger|ticket events/, "News from tickets come late, or not at all."],
  [
    "zendesk",
    /mail to customers/,
    "Answers are written to the ticket but may not reach customers.",
  ],
  ["email", /IMAP|INBOX/, "Mails are not read. None is lost: they stay in the mailbox."],
  ["email", /urgent/, "While Slack is away, a threat or a person in danger reaches nobody."],
  ["email", /SMTP/, "Mails are read, but no answer can be sent."],
  ["shop", /./, "Orders cannot be looked up, so customers are told to wait and people take over."],
  [
    "public address",
    /./,
    "Vendors' news, the chat and links in messages do not lead to this Deskhand.",
  ],
  ["own systems", /./, "What these systems know cannot be looked up, so people take over."],
  ["model", /./, "No draft can be written, so people take over."],
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
