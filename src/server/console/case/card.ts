/** A card as markup: the sections that every desk shows, in their order, with everything in full. */

import { withMarks } from "#server/console/parts.ts";
import { fileList, type ShownFiles } from "./files.ts";
import { dotted } from "#server/console/parts.ts";
import type { Button, Card } from "#core/contracts/approval-desk.ts";
import {
  cardButtons,
  cardSections,
  type CardSection,
  type Quote,
} from "#core/contracts/card-sections.ts";
import { BUTTON_LABELS } from "#core/values/card-text.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { cardStatuses } from "#jobs/approval/card-status.ts";
import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";

/** Without the menu of a card in Slack around it, "Redo" says too little. */
const LABELS = { ...BUTTON_LABELS, redo: "Ask for another draft" };

/** A card with its buttons, as an article that the page's script finds by its data; `files` where it may show some. */
export function cardView(card: Card, files: ShownFiles | null): Html {
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
    data-confirm="${card.confirm}"
    data-approve="${card.approveLabel || "Approve"}"
    data-trace="${card.traceId}"
    aria-label="${card.headline}"
  >
    <h2>${card.headline}</h2>
    ${sections.map((section) => sectionView(section, card, files))}
    ${others === null ? null : fileList(others)}
  </article>`;
}

/** A decided card: one line that opens to its full content. */
export function decidedView(card: Card): Html {
  return html`<details class="box" id="${card.approvalId}">
    <summary>${dotted([card.headline, card.closing])}</summary>
    <div
      class="card"
      data-card="${card.approvalId}"
      data-version="${card.version}"
      data-trace="${card.traceId}"
    >
      ${cardSections({ ...card, buttons: [] }).map((section) => sectionView(section, card, null))}
    </div>
  </details>`;
}

function sectionView(section: CardSection, card: Card, files: ShownFiles | null): HtmlValue {
  switch (section.kind) {
    case "band":
      return html`<div class="notice">
        <p class="band">${section.title}</p>
        <p>${section.text}</p>
      </div>`;
    case "facts":
      return section.lines.map((line) => html`<p class="words">${line}</p>`);
    case "warnings":
      return html`<div class="notice warn">
        ${section.lines.map((line) => html`<p class="words">${withMarks(line)}</p>`)}
      </div>`;
    case "files":
      return filesView(section.text, files);
    case "list":
      return list(section.title, section.lines, rulesView(section.rules));
    case "quote":
      return quoteView(section, "quote");
    case "draft":
      return draftView(section);
    case "opinions":
      return html`<p class="words">${section.line}</p>
        ${section.answers.map((answer) => quoteView(answer, "quote"))}`;
    case "buttons":
      return buttonsView(card);
    case "note":
      return noteView(section.parts, card);
    default:
      throw new Error(`unknown section ${String(section satisfies never)}`);
  }
}

function list(title: string | null, lines: readonly string[], after: HtmlValue): Html {
  return html`<div>
    ${title === null ? null : html`<h3>${title}</h3>`}
    <ul>
      ${lines.map((line) => html`<li class="words">${line}</li>`)}
    </ul>
    ${after}
  </div>`;
}

function filesView(text: string, files: ShownFiles | null): HtmlValue {
  return files === null ? html`<p class="words">${text}</p>` : fileList(files);
}

function rulesView(rules: readonly string[]): HtmlValue {
  return rules.length === 0 ? null : html`<p class="soft words">Rule: ${rules.join("; ")}</p>`;
}

function quoteView({ title, text }: Quote, className: string, below: HtmlValue = null): HtmlValue {
  if (text.trim() === "") return null;
  return html`<div class="${className}">
    <h3>${title}</h3>
    <div class="words" dir="auto">${text}</div>
    ${below}
  </div>`;
}

/** The whole draft, however long: what is approved must not be hidden below an edge. */
function draftView(section: CardSection & { kind: "draft" }): HtmlValue {
  const { quote, readers, receipts, procedure, sources } = section;
  const below = [
    readers,
    ...receipts,
    sources.length === 0 ? "" : `Sources: ${sources.join("; ")}`,
    procedure,
  ].filter((line) => line !== "");
  return quoteView(
    quote,
    "quote draft",
    below.map((line) => html`<p class="soft words">${line}</p>`),
  );
}

const WHY = html`<button type="button" class="plain" data-press="why">Why?</button>`;

function buttonsView(card: Card): Html {
  const { row, menu, hasWhy } = cardButtons(card);
  return html`<div class="row decide">
    ${row.map((name) => button(card, name))}${
      menu.length === 0
        ? ""
        : html`<details class="more">
            <summary class="button" aria-label="More to do with this card">⋯</summary>
            <div class="menu">${menu.map((name) => button(card, name))}</div>
          </details>`
    }${hasWhy ? WHY : ""}
  </div>`;
}

function button(card: Card, name: Button): Html {
  const kind = name === "approve" ? "main" : name === "reject" ? "danger" : "";
  const label = name === "approve" ? card.approveLabel || "Approve" : LABELS[name];
  return html`<button type="button" class="${kind}" data-press="${name}">${label}</button>`;
}

/** Where it was written, which model drafted it, and its id as every command takes it. */
function noteView(parts: readonly string[], { approvalId }: Card): Html {
  return html`<p class="soft words">${[...parts, approvalId].join(" · ")}</p>`;
}

// Approvals as cards to show: with their status as it stands now, as on every desk.

/** The cards of these approvals, in their order, with times in this zone: a stored card has the one of its own day. */
export async function cardsShown(
  transaction: Transaction,
  approvals: readonly Approval[],
  zone: string,
): Promise<readonly Card[]> {
  const statuses = await cardStatuses(transaction, approvals);
  return approvals.map((approval) => ({
    ...cardAsItStands(approval, statuses.get(approval.id)),
    zone,
  }));
}
