/** Detects that a teammate sent the pending draft by hand, and closes its card accordingly. */

import { ReplyArguments } from "#core/values/action.ts";
import { textDifference } from "#text/diff.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { alertAction, noteAction } from "#jobs/plan/own-actions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { unconditional, type Plan, type SentByHand } from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { isTeamAnswer } from "#core/values/message.ts";

/** From this likeness on a reply counts as the draft with changes; below it, as an answer of the teammate's own. */
const LIKENESS_MIN = 0.5;

/** The name of the channel where it was sent, for people. */
const PLACES: Readonly<Record<ChannelName, string>> = {
  zendesk: "Zendesk",
  email: "the mailbox",
  slack: "Slack",
  chat: "the chat",
};

/**
 * The pending draft as a teammate published it by hand, unchanged or changed: their first public message since the
 * draft that is more alike than not. Null when they wrote an answer of their own.
 */
export function findManualReply(
  { policy }: { readonly policy: Pick<Policy, "sign" | "languages"> },
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): SentByHand | null {
  const approval = snapshot.pending ?? (changes.overtaken.length > 0 ? snapshot.approved : null);
  const draft = approval === null ? null : draftedText(approval);
  if (approval === null || draft === null) return null;
  const { channel, brand } = snapshot.state.conversation;
  const sign: Sign = (name) =>
    [null, ...policy.languages]
      .map((language) => policy.sign("", { channel, brand, name, automatic: false, language }))
      .join("\n");
  const frame = frameLines(approval, sign);
  for (const message of changes.newMessages) {
    if (!isTeamAnswer(message)) continue;
    const { likeness } = textDifference(within(draft, frame), within(message.text, frame));
    if (likeness < LIKENESS_MIN) continue;
    return {
      by: message.author.name,
      place: PLACES[channel],
      lines: textDifference(draft, message.text).lines,
      answers: approval.answers,
      undone: (approval.proposal?.actions ?? [])
        .filter(({ action }) => action.operation !== "reply")
        .map(({ label }) => label),
      about: message.key,
    };
  }
  return null;
}

function draftedText({ proposal }: Approval): string | null {
  const reply = proposal?.actions.findLast(({ action }) => action.operation === "reply");
  return reply === undefined ? null : ReplyArguments.parse(reply.action.arguments).text;
}

type Sign = (name: string | null) => string;

/** Lines that every reply of ours has: two short answers are not alike because both end with the same signature. */
function frameLines({ card }: Approval, sign: Sign): ReadonlySet<string> {
  const lines = [sign(null), sign(card.requester.name)].flatMap((text) => text.split("\n"));
  return new Set(lines.map((line) => line.trim()).filter((line) => line !== ""));
}

function within(text: string, frame: ReadonlySet<string>): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !frame.has(line)).join("\n");
}

/** The one line that is left of the card. */
export function sentLine({ by, place, lines, undone }: SentByHand): string {
  const sent = `Sent by ${by} in ${place}${lines.length === 0 ? "" : ", changed"}.`;
  const open =
    undone.length === 0 ? "" : ` NOT done: ${undone.join("; ")}. No teammate approved it.`;
  return `${sent}${open}`.slice(0, 490);
}

/**
 * Sending the text by hand carries out no other action on the card. The customer may have been promised it, so the team
 * is told on the desk, and with a note in the channel where it has notes.
 */
export function undoneBundles(
  context: JobContext,
  snapshot: ConversationSnapshot,
  sent: SentByHand | null,
): Plan["bundles"] {
  if (sent === null || sent.undone.length === 0) return [];
  const { conversation } = snapshot.state;
  const what = sent.undone.join("; ");
  const text = `${sent.by} sent the draft in ${sent.place}, but what stood beside it was not done: ${what}. It is withdrawn; no teammate approved it. If the customer was promised it, do it by hand or ask for it again.`;
  const link = context.cardLink(snapshot.pending?.id ?? snapshot.approved?.id ?? conversation.id);
  const alert = unconditional([alertAction(`${text} ${link}`, [], `by-hand:${sent.about}`)]);
  const hasNotes = context.channels.get(conversation.channel)?.supports.includes("note") === true;
  return hasNotes
    ? [alert, unconditional([noteAction(conversation, text, `by-hand:${sent.about}`)])]
    : [alert];
}
