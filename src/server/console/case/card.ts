/**
 * A card as markup, the sections that every desk shows, in their order and in full; and what its buttons and forms send:
 * decisions, checks before a form opens, pauses and notes.
 */

import { dotted, fold, lineList } from "#server/console/parts.ts";
import { withMarks } from "#server/console/texts.ts";
import { fileList, type ShownFiles } from "./files.ts";
import { type Card, Button, DeskDecision, plainFlag } from "#core/contracts/approval-desk.ts";
import {
  cardButtons,
  cardSections,
  type CardSection,
  type Quote,
  confirmText,
} from "#core/contracts/card-sections.ts";
import { BUTTON_LABELS, senderText } from "#core/values/card-text.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { cardStatuses, type DutyNow } from "#jobs/approval/card-status.ts";
import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import { type Approval, loadApproval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { inFlightEffectLines } from "#jobs/effects/give-up.ts";
import { z } from "zod";
import { digest } from "#core/values/canonical-json.ts";
import type { TraceSections } from "#core/contracts/approval-desk.ts";
import { invalidInput, readInput, reasonOf } from "#core/values/errors.ts";
import { setPause, Scope } from "#store/effects/pause.ts";
import { conversationsOfCase, addNote, NOTE_MAX } from "#store/console/case.ts";
import { sends, type Subject } from "#server/console/frame.ts";
import { requireLead, type Caller } from "#server/console/session.ts";

/** Without the menu of a card in Slack around it, "Redo" says too little. */
const LABELS = { ...BUTTON_LABELS, redo: "Ask for another draft" };

/**
 * A card with its buttons, as an article that the page's script finds by its data; `files` where it may show some, and
 * what is asked before it is sent. `reuse` says what puts its draft where the teammate writes.
 */
export function cardView(
  card: Card,
  files: ShownFiles | null,
  { asks = "", reuse = "" }: { readonly asks?: string; readonly reuse?: string } = {},
): Html {
  const sections = cardSections(card);
  // A card of an older version does not say that there are files.
  const others = sections.some(({ kind }) => kind === "files") ? null : files;
  return html`<article
    class="card box${card.state === "shadow" ? " shadow" : ""}"
    id="${card.approvalId}"
    tabindex="-1"
    data-card="${card.approvalId}"
    data-version="${card.version}"
    data-kind="${card.kind}"
    data-confirm="${`${asks} ${confirmText(card)}`.trim()}"
    data-approve="${card.approveLabel || "Approve"}"
    data-trace="${card.traceId}"
    aria-label="${card.headline}"
  >
    <h2>${card.headline}</h2>
    ${isKnown(card) && html`<p class="soft">${senderText(card.requester)}</p>`}
    ${sections.map((section) => sectionView(section, files))}
    ${others === null ? null : fileList(others)} ${moreView(card, sections)}
    ${card.buttons.length > 0 && buttonsView(card, reuse)}
  </article>`;
}

/** A headline says by itself that it is about no known customer. */
function isKnown({ kind, requester: { standing } }: Card): boolean {
  return kind !== "policy" && standing !== "stranger" && standing !== "unknown";
}

/** What decides nothing: who wrote, what else is open, what a draft rests on, where it was written, its id. */
function moreView({ approvalId }: Card, sections: readonly CardSection[]): Html {
  const lines = sections.flatMap((section) => {
    if (section.kind === "facts") return section.minor;
    if (section.kind === "draft") return basisOf(section);
    return section.kind === "note" ? [[...section.parts, approvalId].join(" · ")] : [];
  });
  return fold(
    "More",
    lines.map((line) => html`<p class="soft words">${line}</p>`),
    { class: "card-more" },
  );
}

/**
 * A decided card: one line that opens to its full content. Words that did not go out lie open. Its text can be put into the
 * answer, which is checked against what was done; into a helpdesk's own reply only where the card did nothing else.
 */
export function decidedView(card: Card, isUnsentText: boolean, reuse = REUSE): Html {
  const sections = cardSections({ ...card, buttons: [] });
  const isReusable = reuse === REUSE || card.actions.length === 0;
  return html`<details class="box" id="${card.approvalId}" ${isUnsentText && html` open=""`}>
    <summary>${dotted([card.headline, card.closing])}</summary>
    <div
      class="card"
      data-card="${card.approvalId}"
      data-version="${card.version}"
      data-trace="${card.traceId}"
    >
      ${sections.map((section) => sectionView(section, null))} ${moreView(card, sections)}
      ${card.draft !== null && isReusable && html`<div class="row">${reuseButton(reuse, card.draft)}</div>`}
    </div>
  </details>`;
}

const REUSE = "Put this text into the answer";

/** Puts the draft where the teammate writes, without the numbers of its sources that the card shows in it. */
export function reuseButton(words: string, { text }: { readonly text: string }): Html {
  return html`<button type="button" data-press="reuse" data-text="${text}">${words}</button>`;
}

function sectionView(section: CardSection, files: ShownFiles | null): HtmlValue {
  switch (section.kind) {
    case "band":
      return html`<div class="notice">
        <p class="band">${section.title}</p>
        <p>${section.text}</p>
      </div>`;
    case "facts":
      return section.lines
        .filter((line) => !section.minor.includes(line))
        .map((line) => html`<p class="words">${line}</p>`);
    case "warnings":
      return html`<div class="notice warn">
        ${section.lines.map((line) => html`<p class="words">${withMarks(line)}</p>`)}
      </div>`;
    case "files":
      return html`<p class="words">${section.text}</p>
        ${files !== null && fileList(files)}`;
    case "list":
      return listSection(section);
    case "quote":
      return quoteView(section);
    case "draft":
      return draftView(section);
    case "opinions":
      return html`<p class="words">${section.line}</p>
        ${section.answers.map((answer) => quoteView(answer))}`;
    // Both have places of their own.
    case "buttons":
    case "note":
      return null;
    default:
      throw new Error(`unknown section ${String(section satisfies never)}`);
  }
}

function listSection({ title, lines, rules }: CardSection & { kind: "list" }): Html {
  return html`<div>
    ${title !== null && html`<h3>${title}</h3>`} ${lineList(lines)}
    ${rules.length > 0 && html`<p class="soft words">Rule: ${rules.join("; ")}</p>`}
  </div>`;
}

function quoteView({ of, title, text }: Quote, below: HtmlValue = null): HtmlValue {
  if (text.trim() === "") return null;
  return html`<div class="quote ${of}">
    <h3>${title}</h3>
    <div class="words" dir="auto">${text}</div>
    ${below}
  </div>`;
}

/** The whole draft, however long: what is approved must not be hidden below an edge. */
function draftView(section: CardSection & { kind: "draft" }): HtmlValue {
  const { quote, readers } = section;
  return quoteView(quote, readers !== "" && html`<p class="soft words">${readers}</p>`);
}

/** What a draft rests on. */
function basisOf({ receipts, sources, procedure }: CardSection & { kind: "draft" }) {
  return [
    ...receipts,
    sources.length === 0 ? "" : `Sources: ${sources.join("; ")}`,
    procedure,
  ].filter((line) => line !== "");
}

function buttonsView(card: Card, reuse: string): Html {
  const { row, menu, hasWhy } = cardButtons(card);
  return html`<div class="row decide">
    ${row.map((name) => button(card, name))}${
      menu.length > 0 &&
      html`<details class="more">
        <summary class="button" aria-label="More to do with this card">⋯</summary>
        <div class="menu">${menu.map((name) => button(card, name))}</div>
      </details>`
    }${reuse !== "" && card.draft !== null && isTextAlone(card) && reuseButton(reuse, card.draft)}${hasWhy && html`<button type="button" class="plain" data-press="why">Why?</button>`}
  </div>`;
}

/** A draft that tells of an action is true once the card is approved, and what is about to be sent is not sent by hand as well. */
function isTextAlone({ actions, buttons }: Card): boolean {
  return actions.length === 0 && buttons.includes("approve");
}

function button(card: Card, name: Button): Html {
  const kind = name === "approve" ? "main" : name === "reject" ? "danger" : "";
  const label = name === "approve" ? card.approveLabel || "Approve" : LABELS[name];
  return html`<button type="button" class="${kind}" data-press="${name}">${label}</button>`;
}

// Approvals as cards to show: with their status as it stands now, as on every desk.

/** The cards of these approvals, in their order, with times in the policy's zone: a stored card has the one of its own day. */
export async function cardsShown(
  transaction: Transaction,
  approvals: readonly Approval[],
  duty: DutyNow & { readonly policy: Pick<Policy, "digest"> },
): Promise<readonly Card[]> {
  const statuses = await cardStatuses(transaction, approvals, duty);
  return approvals.map((approval) => {
    const card = cardAsItStands(approval, statuses.get(approval.id));
    const flags = approval.posting.failures < UNSHOWN_TRIES ? [] : [NOT_IN_SLACK];
    return { ...card, flags: [...card.flags, ...flags], zone: duty.policy.digest.zone };
  });
}

/** A card that could not be shown so often is no matter of a moment. */
const UNSHOWN_TRIES = 3;

const NOT_IN_SLACK = plainFlag(
  "Slack does not show this card as it is now, since it refuses it or is away. Decide here; deskhand doctor says what is wrong",
);

// What buttons and forms send.

/** Generated when a form or button is shown, so that a double click is one decision. */
const ClickId = z.string().regex(/^[\w-]{8,64}$/);

/** What a button of a card, or a form on it, sends. */
export const Decide = DeskDecision.omit({ decisionId: true, teammate: true, isPlain: true }).extend(
  {
    clickId: ClickId,
    reason: DeskDecision.shape.reason.default(""),
    edit: DeskDecision.shape.edit.default(null),
  },
);
const DecideMany = z.strictObject({
  clickId: ClickId,
  cards: z
    .array(Decide.pick({ approvalId: true, version: true }))
    .min(1)
    .max(100),
});
/** The version of a card in an address. */
const Version = z.coerce.number().int().min(1);
const PauseWish = z.strictObject({
  /** A form sends it as a text. */
  paused: z.union([z.boolean(), z.stringbool()]),
  /** "all", a channel, or "topic:" and its name. */
  scope: Scope.default("all"),
  reason: z.string().trim().max(150).default(""),
});
const Note = z.strictObject({ clickId: ClickId, text: z.string().trim().min(1).max(NOTE_MAX) });

/** What buttons and forms send, what is asked before a form opens, and why a card says what it says. */
export const DECISIONS = {
  place: "/console",
  presses: {
    "/decide": sends(Decide, decide),
    "/decide-many": sends(DecideMany, approveEach),
    "/pause": sends(PauseWish, pause),
    "/case/:id/notes": sends(Note, (press: Caller, written) =>
      saveNote(press, { ...written, conversationId: press.named("id") }),
    ),
  },
  answers: {
    "/form/:id/:version": ({ options, named, teammate }) =>
      options.handler.editForm(named("id"), readInput(Version, named("version")), teammate),
    "/check/:id/:version/:button": ({ options, named, teammate }) => {
      const version = readInput(Version, named("version"));
      const button = readInput(Button, named("button"));
      return options.handler.check({ approvalId: named("id"), version, button }, teammate);
    },
    "/explain/:id": async ({ options, named, teammate }) => {
      const explained = await options.handler.explain(named("id"), teammate);
      return { text: explained === null ? "" : sheetText(explained) };
    },
  },
} satisfies Subject;

/** Headings with their lines below them. */
function sheetText({ sections }: TraceSections): string {
  return sections
    .map(({ heading, lines }) => [heading, ...lines.map((line) => `  ${line}`)].join("\n").trim())
    .join("\n\n");
}

/** Sends a press to the desk handler as this teammate; the same click is one decision. */
export async function decide(
  { options, teammate }: Pick<Caller, "options" | "teammate">,
  { clickId, ...decision }: z.infer<typeof Decide>,
): Promise<object> {
  requireReason(decision);
  const decisionId = `${teammate.id}:${clickId}`;
  return options.handler.decide({ ...decision, decisionId, teammate });
}

/** Throws `input.invalid` for a rejection from which the team could not learn. */
export function requireReason({
  button,
  rejection,
  reason,
}: Pick<DeskDecision, "button" | "rejection" | "reason">): void {
  const speaksForItself = rejection === "i_answer" || rejection === "no_answer";
  if (button === "reject" && !speaksForItself && reason.trim() === "")
    throw invalidInput("reason: say why, so that the team can learn");
}

/** Approves each card by itself, as if its own button were pressed; one that is refused or fails keeps none of the others back. */
async function approveEach(
  by: Caller,
  { clickId, cards }: z.infer<typeof DecideMany>,
): Promise<object> {
  const answers = [];
  for (const { approvalId, version } of cards) {
    const decisionId = `${by.teammate.id}:${clickId}:${approvalId}`;
    const approval = { approvalId, version, button: "approve", reason: "", edit: null } as const;
    const { accepted, message } = await by.options.handler
      .decide({ ...approval, isPlain: true, decisionId, teammate: by.teammate })
      .catch((error: unknown) => ({ accepted: false, message: reasonOf(error) }));
    answers.push({ approvalId, version, accepted, message });
  }
  return { answers: await withUndoTimes(by, answers) };
}

/**
 * With how many milliseconds each can be taken back from now on; none where it waits for another yes, or has begun. Where
 * that cannot be read, all are told without: what was decided must not look like a failure.
 */
async function withUndoTimes<Answer extends { readonly approvalId: string }>(
  { parts, run }: Pick<Caller, "parts" | "run">,
  answers: readonly Answer[],
) {
  const now = parts.clock.now();
  const untils = new Map<string, Date>();
  await run(async (transaction) => {
    for (const { approvalId: id } of answers)
      untils.set(id, (await loadApproval(transaction, id))?.undoUntil ?? now);
  }).catch((error: unknown) => {
    parts.log.warn("the times to undo could not be read", { reason: reasonOf(error) });
  });
  return answers.map((answer) => {
    const until = untils.get(answer.approvalId) ?? now;
    return { ...answer, undoMs: Math.max(0, until.getTime() - now.getTime()) };
  });
}

/** Any teammate may pause everything or a part of it; only a lead may resume. */
async function pause(
  press: Caller,
  { paused, scope, reason }: z.infer<typeof PauseWish>,
): Promise<object> {
  if (!paused) requireLead(press, "a lead has to say when it goes on");
  return press.run(async (transaction) => {
    const auditedAs = await press.pseudonym(transaction);
    const by = reason === "" ? press.name : `${press.name}: ${reason}`;
    const change = { scope, paused, by, auditedAs };
    const after = await setPause(transaction, change, press.now);
    const inFlight = paused ? await inFlightEffectLines(transaction) : [];
    return inFlight.length === 0
      ? { ...after, inFlight, address: "/console/health" }
      : {
          ...after,
          inFlight,
          said: `Paused. Begun before, and not stopped by this: ${inFlight.join("; ")}`,
        };
  });
}

/** Which case it is about; `assistant` says that a program wrote it, as a note or as an answer for a person to send. */
export type WrittenNote = z.infer<typeof Note> & {
  readonly conversationId: string;
  readonly assistant?: "note" | "answer";
};

/**
 * Stores a note with secrets masked; the audit keeps that it was written, by whom, and a digest of it. Null where there
 * is no such case.
 */
export function saveNote(
  by: Pick<Caller, "email" | "name" | "now" | "mask" | "run" | "audit">,
  { conversationId, clickId, text, ...of }: WrittenNote,
): Promise<{ readonly id: string } | null> {
  const { email: author, name, now: at } = by;
  // The same click with the same text is the same note, and no other teammate's.
  const id = `n_${digest([author, conversationId, clickId, text]).slice(0, 20)}`;
  const isAnswer = of.assistant === "answer";
  const written = { id, conversationId, author, name, text: by.mask(text), at, isAnswer };
  return by.run(async (transaction) => {
    const [own] = await conversationsOfCase(transaction, conversationId);
    if (own === undefined) return null;
    const about = { conversation: conversationId, note: id, text: digest(written.text), ...of };
    if (await addNote(transaction, written)) await by.audit(transaction, "noted", about);
    return { id };
  });
}
