/** The messages of a case as a thread, with their files. */

import { momentText } from "#core/values/moment.ts";
import type { CaseConversation, ThreadMessage } from "#store/console/case.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { fileList, type ShownFiles } from "#server/console/card/file-list.ts";
import type { Visit } from "#server/console/frame.ts";
import { shortened } from "#core/values/words.ts";

/** Of a longer message the thread shows the beginning, and a link to all of it. */
const SHOWN_MAX = 2_500;

/** What a thread is drawn from. */
export interface Thread {
  readonly caseId: string;
  readonly conversations: readonly CaseConversation[];
  readonly messages: readonly ThreadMessage[];
  readonly hasEarlier: boolean;
  readonly shown: ShownFiles;
  /** Masks secrets, as everywhere where people read customers' text. */
  readonly mask: (text: string) => string;
}

/** The thread, oldest message first, with a link to earlier ones. */
export function threadView(thread: Thread, visit: Visit): Html {
  const { caseId, messages, hasEarlier } = thread;
  const [first] = messages;
  if (first === undefined) return html`<p class="soft">No message is kept.</p>`;
  return html`${
      hasEarlier
        ? html`<p>
            <a class="button" href="/console/case/${encodeURIComponent(caseId)}?before=${first.id}"
              >Earlier messages</a
            >
          </p>`
        : ""
    }
    <ol class="thread-list">
      ${messages.map((one) => messageView(one, thread, visit))}
    </ol>`;
}

const KINDS = {
  requester: "customer",
  teammate: "teammate",
  bot: "Deskhand",
  system: "system",
} as const;

function messageView(stored: ThreadMessage, thread: Thread, { now, zone }: Visit): Html {
  const { message, id } = stored;
  const { author, visibility } = message;
  const place = thread.conversations.find((one) => one.id === stored.conversationId);
  const kind = KINDS[author.kind];
  const name = thread.mask(author.name) || kind;
  const about = [
    name === kind ? "" : kind,
    thread.conversations.length > 1 && place !== undefined ? placeName(place) : "",
    visibility === "internal" ? "internal note" : "",
    momentText(new Date(message.sentAt), zone, now),
    outcomeOf(stored),
  ].filter((part) => part !== "");
  const { files, descriptions, describeOn } = thread.shown;
  const own = {
    files: files.filter(({ messageKey }) => messageKey === message.key),
    descriptions,
    describeOn: describeOn === null ? null : `${describeOn}#m${id}`,
  };
  return html`<li
    class="said-by ${author.kind}${visibility === "internal" ? " internal" : ""}"
    id="m${id}"
  >
    <p class="byline">
      <b>${name}</b>
      <span class="soft">${about.join(" · ")}</span>
    </p>
    ${words(stored, thread)}${fileList(own)}
  </li>`;
}

/** "Mail", or "zendesk #12" for a place with a number people know. */
export function placeName({ channel, externalId }: CaseConversation): string {
  return /^\d{1,15}$/.test(externalId) ? `${channel} #${externalId}` : channel;
}

function words({ message, id, conversationId }: ThreadMessage, { mask }: Thread): HtmlValue {
  const text = mask(message.text);
  if (text.trim() === "")
    return html`<p class="soft">${message.ignore === "erased" ? "Erased." : "Without words."}</p>`;
  const isLong = text.length > SHOWN_MAX;
  return html`<div class="words" dir="auto">${shortened(text, SHOWN_MAX)}</div>
    ${
      isLong
        ? html`<p>
            <a href="/console/case/${encodeURIComponent(conversationId)}/message/${id}"
              >All ${text.length} characters of it</a
            >
          </p>`
        : ""
    }`;
}

function outcomeOf({ outcome, outcomeReason }: ThreadMessage): string {
  if (outcome === null) return "";
  return outcome === "ignored" && outcomeReason !== "" ? `ignored: ${outcomeReason}` : outcome;
}
