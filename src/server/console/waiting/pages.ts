/** The three lists of cards: what waits for a decision, what was decided lately, and what is only shown. */

import type { Request } from "express";
import type { Card } from "#core/contracts/approval-desk.ts";
import { amountMoved } from "#core/values/action.ts";
import { urgencyText } from "#core/values/card-text.ts";
import { ageText, momentText } from "#core/values/moment.ts";
import { sumsOf } from "#core/values/money.ts";
import { shortened } from "#core/values/words.ts";
import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import { policyCard, procedureCard } from "#jobs/policy/card.ts";
import { cardsShown } from "#server/console/card/card-view.ts";
import { pager, type PageContent, type Visit } from "#server/console/frame.ts";
import { asked, named, type Desk } from "#server/console/visit.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { CursorText, cursorText } from "#store/console/cursor.ts";
import { proposedChange } from "#store/console/policy-history.ts";
import {
  decidedCards,
  nextWaiting,
  shadowCards,
  waitingCards,
  type ListedCard,
} from "#store/console/waiting.ts";
import { proposedVersions, type ProcedureVersion } from "#store/procedures/versions.ts";
import { addressOf, chosenIn, filterForm, filterOf, isFiltered } from "./filters.ts";
import { listTabs, PATHS } from "./list-tabs.ts";

const ONLY_DESK = html`<p class="notice">
  Slack is not connected, so this console is the only place where the team decides.
</p>`;

/** What waits for a decision, oldest first, with its filters. */
export async function waitingPage(
  desk: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent> {
  const { policy, channels } = desk.options.parts;
  const chosen = chosenIn(request.query);
  const names = [...new Set(["email", "chat", ...channels.keys()])].toSorted();
  return {
    place: "/console",
    title: "What waits",
    tools: html`${visit.onlyDesk ? ONLY_DESK : ""}
    ${listTabs("waiting")}${filterForm(chosen, policy, names)}`,
    body: await waitingList(desk, visit, request),
  };
}

/** The list alone, which the page asks for again every two seconds. */
export async function waitingList(desk: Desk, visit: Visit, request: Request): Promise<Html> {
  const chosen = chosenIn(request.query);
  const { store } = desk.options.parts;
  const { page, cards, change, procedures } = await store.run(async (transaction) => {
    const filter = filterOf(chosen, visit);
    const listed = await waitingCards(transaction, filter, { after: chosen.after, now: visit.now });
    return {
      page: listed,
      cards: await cardsShown(
        transaction,
        listed.rows.map(({ approval }) => approval),
        visit.zone,
      ),
      ...(isFiltered(chosen) || chosen.after !== null
        ? { change: null, procedures: [] }
        : {
            change: await proposedChange(transaction),
            procedures: await proposedVersions(transaction),
          }),
    };
  });
  const rows = page.rows.flatMap((row, index) => {
    const card = cards[index];
    return card === undefined ? [] : [waitingRow(row, card, visit)];
  });
  const none = rows.length + procedures.length === 0 && change === null;
  return html`<div
    id="list"
    data-live="${addressOf("/console/part/waiting", chosen, chosen.after)}"
    data-keep="hover"
  >
    ${none ? html`<p class="box soft" id="none">${isFiltered(chosen) ? "Nothing that waits fits these filters." : "Nothing waits. New cards appear here by themselves."}</p>` : ""}
    <ol class="cases" id="cases" aria-label="Cards that wait">
      ${
        change === null
          ? ""
          : html`<li id="${change.id}" class="case-row">
              <a class="what" href="/console/policy#${change.id}" data-row=""
                >${policyCard(change).headline}</a
              >
              <span class="money"></span
              ><span class="meta">policy · ${policyCard(change).progress}</span>
            </li>`
      }${procedures.map(procedureRow)}${rows}
    </ol>
    ${pager({
      first: chosen.after === null ? null : addressOf(PATHS.waiting, chosen, null),
      next: page.next === null ? null : addressOf(PATHS.waiting, chosen, page.next),
    })}
  </div>`;
}

function procedureRow(version: ProcedureVersion): Html {
  const { headline, progress } = procedureCard(version, null);
  return html`<li id="${version.id}" class="case-row">
    <a class="what" href="/console/procedures/${version.name}#${version.id}" data-row=""
      >${headline}</a
    >
    <span class="money"></span><span class="meta">procedure · ${progress}</span>
  </li>`;
}

/** What was decided or ended otherwise, newest first. */
export async function decidedPage(
  desk: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent> {
  const after = CursorText.parse(asked(request, "after"));
  const { rows, next } = await desk.options.parts.store.run((transaction) =>
    decidedCards(transaction, after),
  );
  return {
    place: "/console",
    title: "Decided lately",
    tools: listTabs("decided"),
    body: html`${rows.length === 0 ? html`<p class="box soft">Nothing was decided yet.</p>` : ""}
      <ol class="cases" aria-label="Decided cards">
        ${rows.map((row) => decidedRow(row, visit))}
      </ol>
      ${pager({
        first: after === null ? null : PATHS.decided,
        next: next === null ? null : addressWith(PATHS.decided, { after: cursorText(next) }),
      })}`,
  };
}

/** What would have been written in shadow mode, newest first. */
export async function shadowPage(desk: Desk, visit: Visit, request: Request): Promise<PageContent> {
  const after = CursorText.parse(asked(request, "after"));
  const { rows, next } = await desk.options.parts.store.run((transaction) =>
    shadowCards(transaction, after),
  );
  return {
    place: "/console",
    title: "Shadow drafts",
    tools: listTabs("shadow"),
    body: html`<p class="soft">
        Nothing of this is sent. Open a draft to say whether you would have sent it.
      </p>
      ${rows.length === 0 ? html`<p class="box soft">Nothing is shadowed.</p>` : ""}
      <ol class="cases" aria-label="Shadow drafts">
        ${rows.map((row) => waitingRow(row, cardAsItStands(row.approval), visit))}
      </ol>
      ${pager({
        first: after === null ? null : PATHS.shadow,
        next: next === null ? null : addressWith(PATHS.shadow, { after: cursorText(next) }),
      })}`,
  };
}

/** The address of the card that waits next, or of the list when none does. */
export async function nextCase({ options: { parts } }: Desk, request: Request): Promise<string> {
  const id = named(request, "id");
  const next = await parts.store.run((transaction) => nextWaiting(transaction, id));
  return next === null ? PATHS.waiting : cardAddress(next);
}

// Cards as lines of a list.

/** The address of a card: its case, at the card. */
function cardAddress({ id, conversationId }: Pick<Approval, "id" | "conversationId">): string {
  return `/console/case/${encodeURIComponent(conversationId)}#${id}`;
}

/** A waiting card in two lines: what, how much and for whom; then who, about what, where, since when, and warnings. */
function waitingRow(
  { approval, askedAt, topic, channel }: ListedCard,
  card: Card,
  { now }: Visit,
): Html {
  const warnings = [
    urgencyText(card.context),
    ...card.context.conflicts,
    ...card.flags.map(({ text }) => text),
  ].filter((words) => words !== "");
  const isDone = card.state === "undoable";
  return html`<li id="${approval.id}" class="case-row${isDone ? " done" : ""}">
    <a class="what" href="${cardAddress(approval)}" data-row="">${card.headline}</a>
    <span class="money">${moneyOf(approval)}</span>
    <span class="meta"
      >${[
        card.headline.includes(card.requester.name) ? "" : card.requester.name,
        topic.replaceAll("_", " "),
        channel,
        ageText(askedAt, now),
        card.progress,
      ]
        .filter((part) => part !== "")
        .join(" · ")}</span
    >
    <span class="excerpt" dir="auto">${card.asked.slice(0, EXCERPT_MAX).toWellFormed()}</span>
    <span class="badges"
      >${isDone ? html`<span class="badge">⏳ ${card.closing}</span>` : ""}${
        card.status === null ? "" : html`<span class="badge warn">${card.status.text}</span>`
      }${card.claim === undefined ? "" : html`<span class="badge">🙋 ${card.claim.name}</span>`}${warningBadges(
        warnings,
      )}</span
    >
  </li>`;
}

/** One line of the customer's words; the page cuts it where the row ends. */
const EXCERPT_MAX = 140;

const WARNINGS_SHOWN = 2;
const WARNING_MAX = 60;

/** The first warnings by their words, the rest by their number: all of them are on the card. */
function warningBadges(warnings: readonly string[]): readonly Html[] {
  const shown = warnings
    .slice(0, WARNINGS_SHOWN)
    .map((words) => html`<span class="badge warn">⚠ ${shortened(words, WARNING_MAX)}</span>`);
  const more = warnings.length - shown.length;
  return more > 0 ? [...shown, html`<span class="badge warn">and ${more} more</span>`] : shown;
}

function moneyOf({ proposal }: Approval): string {
  return sumsOf((proposal?.actions ?? []).map(({ action }) => amountMoved(action))).join(" + ");
}

/** A card that was decided or ended: what it was, how it ended, when. */
function decidedRow({ approval, updatedAt, channel }: ListedCard, { now, zone }: Visit): Html {
  const { card, closing } = approval;
  return html`<li id="${approval.id}" class="case-row">
    <a class="what" href="${cardAddress(approval)}" data-row="">${card.headline}</a>
    <span class="money">${moneyOf(approval)}</span>
    <span class="meta"
      >${[closing, channel, momentText(updatedAt, zone, now)].filter((part) => part !== "").join(" · ")}</span
    >
  </li>`;
}
