/** What a teammate does in a case besides deciding on its cards: who has it and until when, and a reply of their own. */

import type { CaseState } from "#core/cases/ownership.ts";
import { isHelpdesk } from "#core/values/vocabulary.ts";
import { choice, teammateOptions, type Option } from "#server/console/forms.ts";
import { link, soft } from "#server/console/parts.ts";
import type { Visit } from "#server/console/session.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { replyGoesTo } from "#jobs/decisions/reply-basis.ts";
import type { CaseConversation } from "#store/console/case.ts";
import type { WrittenVersion } from "#store/knowledge/page-notes.ts";

const SNOOZES: readonly Option[] = [
  ["", "Snooze until…"],
  ["afternoon", "this afternoon"],
  ["tomorrow", "tomorrow, 9:00"],
  ["monday", "Monday, 9:00"],
  ["day", "in a day"],
];

/**
 * Who has the case, with what can be done about that. Where people work in a helpdesk, it is closed and given on there.
 * With `seen` null no message is shown, so that it cannot be snoozed: one that was not read would not wake it. While a
 * card waits, the case stays in sight.
 */
export function caseActions(
  { id, channel, linkedId }: CaseConversation,
  {
    state,
    isWaiting,
    seen,
  }: { readonly state: CaseState; readonly isWaiting: boolean; readonly seen: number | null },
  visit: Pick<Visit, "parts" | "email" | "when">,
): Html {
  const hasTicket = isHelpdesk(channel) || linkedId !== null;
  const mayAssign = !hasTicket || state.kind === "untaken" || state.kind === "bot";
  const colleagues: readonly Option[] = [
    ["", "Assign to…"],
    ...teammateOptions(visit.parts.policy.teammates),
  ];
  return html`<div
    class="box row"
    id="case-actions"
    data-card="${id}"
    data-version="1"
    data-seen="${seen ?? 0}"
  >
    <span class="grow">${standing(state, visit, mayAssign)}</span>
    ${
      state.kind === "closed"
        ? !hasTicket && pressButton("reopen", "Open again")
        : html`${state.kind === "untaken" && pressButton("take_over", "Take over")}
          ${mayAssign && chooser("assign-to", "assign", "to", colleagues)}
          ${seen !== null && snoozeChoice(state, isWaiting)}
          ${!hasTicket && !isWaiting && pressButton("close", "Close")}`
    }
  </div>`;
}

function snoozeChoice({ kind }: CaseState, isWaiting: boolean): HtmlValue {
  if (kind === "snoozed") return pressButton("snooze", "Wake it now");
  return !isWaiting && chooser("snooze-until", "snooze", "until", SNOOZES);
}

function pressButton(press: string, label: string): Html {
  return html`<button type="button" data-press="${press}">${label}</button>`;
}

function standing(
  state: CaseState,
  { email, when }: Pick<Visit, "email" | "when">,
  mayAssign: boolean,
): string {
  const holder = state.kind === "untaken" ? null : state.holder;
  const who =
    holder?.voter === email ? "You have this case" : `${holder?.name ?? "Deskhand"} has this case`;
  switch (state.kind) {
    case "untaken":
      return "With people: no teammate has taken this case yet.";
    case "bot":
    case "held":
      return mayAssign ? `${who}.` : `${who}. Close it, or give it to others, in its ticket.`;
    case "snoozed":
      return `Snoozed until ${when(state.until)}, or until the customer writes.`;
    case "closed":
      return `Closed ${when(state.at)}. A new message opens it again.`;
  }
}

/** A choice that is sent as soon as it is made. */
function chooser(id: string, press: string, field: string, options: readonly Option[]): Html {
  const [[, label] = ["", ""]] = options;
  return html`<select id="${id}" data-choose="${press}" data-field="${field}" aria-label="${label}">
    ${options.map(([value, words]) => html`<option value="${value}">${words}</option>`)}
  </select>`;
}

/** The reply of a teammate's own; folded while a card waits, whose draft is the quicker answer. */
export function replyBox(
  { id, channel, linkedId }: CaseConversation,
  {
    isWaiting,
    seen,
    saved,
    to,
    isLead,
  }: {
    /** Whom it goes to, and the mark that says so; null where that is not known. */
    readonly to: Awaited<ReturnType<typeof replyGoesTo>>;
    readonly isWaiting: boolean;
    /** The newest message that the page shows: a reply is bound to it. */
    readonly seen: number;
    readonly saved: readonly Pick<WrittenVersion, "title" | "body">[];
    readonly isLead: boolean;
  },
): Html {
  const replies: readonly Option[] = [
    ["", "Choose one to put it in"],
    ...saved.map(({ title, body }): Option => [body, title]),
  ];
  return html`<details
    class="box"
    id="reply"
    ${!isWaiting && html` open=""`}
    data-card="${id}"
    data-version="1"
    data-click=""
    data-seen="${seen}"
    data-goes-to="${to?.shown ?? ""}"
  >
    <summary><h2>${isWaiting ? "Write your own answer instead" : "Answer"}</h2></summary>
    <div class="stack">
      ${soft(
        `It goes ${to === null ? "out" : `to ${to.to.label}`} ${linkedId === null || !isHelpdesk(channel) ? `by ${channel}` : "where the customer wrote"}, with greeting and signature added.${isWaiting ? " The card above ends with it, and nothing on it is done." : ""}`,
      )}
      ${saved.length > 0 && choice("saved", "Saved replies", replies, "")}
      <label for="reply-text">Your answer</label>
      <textarea id="reply-text" rows="6" maxlength="60000" dir="auto" spellcheck="true"></textarea>
      <div class="notice warn" id="reply-warnings" role="alert" hidden></div>
      <div class="row">
        <button type="button" class="main" data-press="reply">Send</button>
        ${isLead && link("/console/knowledge/new?reply=1", "New saved reply")}
      </div>
    </div>
  </details>`;
}
