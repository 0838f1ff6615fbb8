/** The lists of cards: what waits for a decision, what was decided lately, what is only shown; and what was set aside as junk. */

import { procedureCard, policyCard } from "#jobs/policy/card.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { amountMoved } from "#core/values/action.ts";
import { urgencyText } from "#core/values/card-text.ts";
import { ageText } from "#core/values/moment.ts";
import { formattedSums } from "#core/values/money.ts";
import { shortened } from "#core/values/words.ts";
import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import { html, type Html } from "#server/http/html.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { proposedChange } from "#store/console/policy-history.ts";
import {
  decidedCards,
  nextWaiting,
  shadowCards,
  waitingCards,
  type ListedCard,
} from "#store/console/waiting.ts";
import { proposedVersions } from "#store/procedures/versions.ts";
import { cardsShown } from "#server/console/case/card.ts";
import type { PageContent } from "./frame.ts";
import type { Subject } from "./visit.ts";
import {
  badge,
  caseAddress,
  dotted,
  inWords,
  livePagedList,
  pagedList,
  rowView,
  tabs,
} from "./parts.ts";
import { chosenIn, filterForm, waitingFilter, isFiltered, filterQuery } from "./waiting-filters.ts";
import type { Visit } from "./session.ts";
import { caseHeads, type CaseHead } from "#store/conversations/conversations.ts";
import { newestJunk, type JunkRow } from "#store/conversations/junk.ts";

/** The lists of cards, and the way on to the next case. */
export const WAITING: Subject = {
  pages: {
    "/": waitingPage,
    "/decided": decidedPage,
    "/shadow": shadowPage,
    "/next{/:id}": nextCase,
  },
  parts: { "/waiting": waitingList },
};

/** The addresses of the lists. */
const PATHS = {
  waiting: "/console",
  decided: "/console/decided",
  shadow: "/console/shadow",
  junk: "/console/junk",
} as const;

/** The tabs, with the list that is shown marked. */
function listTabs(here: keyof typeof PATHS): Html {
  const tab = (list: keyof typeof PATHS, name: string) => ({
    href: PATHS[list],
    name,
    isHere: here === list,
  });
  return tabs("Lists of cards", [
    tab("waiting", "Waiting"),
    tab("decided", "Decided lately"),
    tab("shadow", "Shadow drafts"),
    tab("junk", "Junk"),
  ]);
}

const ONLY_DESK = html`<p class="notice">
  Slack is not connected, so this console is the only place where the team decides.
</p>`;

/** What waits for a decision, oldest first, with its filters. */
async function waitingPage(visit: Visit): Promise<PageContent> {
  const { policy, channels } = visit.parts;
  const chosen = chosenIn(visit);
  const names = [...new Set(["email", "chat", ...channels.keys()])].toSorted();
  return {
    place: "/console",
    title: "What waits",
    tools: html`${visit.onlyDesk ? ONLY_DESK : ""}
    ${listTabs("waiting")}${filterForm(chosen, policy, names)}`,
    body: await waitingList(visit),
  };
}

/** The list alone, which the page asks for again every two seconds. */
async function waitingList(visit: Visit): Promise<Html> {
  const chosen = chosenIn(visit);
  const { store } = visit.parts;
  const { page, cards, change, procedures } = await store.run(async (transaction) => {
    const filter = waitingFilter(chosen, visit);
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
  const rows = [
    ...(change === null
      ? []
      : [proposedRow("policy", `/console/policy#${change.id}`, policyCard(change))]),
    ...procedures.map((version) =>
      proposedRow(
        "procedure",
        `/console/procedures/${version.name}#${version.id}`,
        procedureCard(version, null),
      ),
    ),
    ...page.rows.flatMap((row, index) => {
      const card = cards[index];
      return card === undefined ? [] : [waitingRow(row, card, visit)];
    }),
  ];
  return livePagedList("waiting", {
    path: PATHS.waiting,
    query: filterQuery(chosen),
    id: "cases",
    label: "Cards that wait",
    none: isFiltered(chosen)
      ? "Nothing that waits fits these filters."
      : "Nothing waits. New cards appear here by themselves.",
    rows,
    after: chosen.after,
    next: page.next,
  });
}

/** What leads vote on: a change of the policy, or a version of a procedure. */
function proposedRow(what: string, href: string, card: Card): Html {
  const { approvalId: id, headline, progress } = card;
  const about = `${what} · ${progress}`;
  return rowView({ id, href, isWayOn: true, what: headline, aside: "", about });
}

/** What was decided or ended otherwise, newest first. */
async function decidedPage(visit: Visit): Promise<PageContent> {
  const { after } = visit;
  const { rows, next } = await visit.run((transaction) => decidedCards(transaction, after));
  return {
    place: "/console",
    title: "Decided lately",
    tools: listTabs("decided"),
    body: pagedList({
      path: PATHS.decided,
      label: "Decided cards",
      none: "Nothing was decided yet.",
      rows: rows.map((row) => decidedRow(row, visit)),
      after,
      next,
    }),
  };
}

/** What would have been written in shadow mode, newest first. */
async function shadowPage(visit: Visit): Promise<PageContent> {
  const { after } = visit;
  const { rows, next } = await visit.run((transaction) => shadowCards(transaction, after));
  return {
    place: "/console",
    title: "Shadow drafts",
    tools: listTabs("shadow"),
    body: html`<p class="soft">
        Nothing of this is sent. Open a draft to say whether you would have sent it.
      </p>
      ${pagedList({
        path: PATHS.shadow,
        label: "Shadow drafts",
        none: "Nothing is shadowed.",
        rows: rows.map((row) => waitingRow(row, cardAsItStands(row.approval), visit)),
        after,
        next,
      })}`,
  };
}

/** The address of the card that waits next, or of the list when none does. */
async function nextCase(visit: Visit): Promise<string> {
  const id = visit.named("id");
  const next = await visit.run((transaction) => nextWaiting(transaction, id));
  return next === null ? PATHS.waiting : cardAddress(next);
}

// Cards as lines of a list.

/** The address of a card: its case, at the card. */
function cardAddress({ id, conversationId }: Pick<Approval, "id" | "conversationId">): string {
  return caseAddress(conversationId, id);
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
  const { name } = card.requester;
  return rowView({
    id: approval.id,
    href: cardAddress(approval),
    isWayOn: true,
    isDone,
    what: card.headline,
    aside: cardMoney(approval),
    about: dotted([
      card.headline.includes(name) ? "" : name,
      inWords(topic),
      channel,
      ageText(askedAt, now),
      card.progress,
    ]),
    beneath: card.asked.slice(0, EXCERPT_MAX).toWellFormed(),
    badges: [
      isDone ? badge(`⏳ ${card.closing}`) : null,
      card.status === null ? null : badge(card.status.text, "warn"),
      card.claim === undefined ? null : badge(`🙋 ${card.claim.name}`),
      ...warningBadges(warnings),
    ],
  });
}

/** One line of the customer's words; the page cuts it where the row ends. */
const EXCERPT_MAX = 140;

const WARNINGS_SHOWN = 2;
const WARNING_MAX = 60;

/** The first warnings by their words, the rest by their number: all of them are on the card. */
function warningBadges(warnings: readonly string[]): readonly Html[] {
  const shown = warnings
    .slice(0, WARNINGS_SHOWN)
    .map((words) => badge(`⚠ ${shortened(words, WARNING_MAX)}`, "warn"));
  const more = warnings.length - shown.length;
  return more > 0 ? [...shown, badge(`and ${more} more`, "warn")] : shown;
}

function cardMoney({ proposal }: Approval): string {
  return formattedSums((proposal?.actions ?? []).map(({ action }) => amountMoved(action))).join(
    " + ",
  );
}

/** A card that was decided or ended: what it was, how it ended, when. */
function decidedRow({ approval, updatedAt, channel }: ListedCard, { when }: Visit): Html {
  const { card, closing } = approval;
  return rowView({
    id: approval.id,
    href: cardAddress(approval),
    isWayOn: true,
    what: card.headline,
    aside: cardMoney(approval),
    about: dotted([closing, channel, when(updatedAt)]),
  });
}

// What was set aside as junk, with the button that puts it back to work.

/** The page, and its list, which it asks for again. */
export const JUNK: Subject = { pages: { "/junk": junkPage }, parts: { "/junk": junkList } };

/** What was set aside, newest first. */
async function junkPage(visit: Visit): Promise<PageContent> {
  return {
    place: PATHS.waiting,
    title: "Junk",
    tools: listTabs("junk"),
    body: html`<p class="soft">
        Set aside as phishing or as a sales offer: nothing of it was answered, and nothing was
        deleted.
      </p>
      ${await junkList(visit)}`,
  };
}

/** The list alone, which the page asks for again every two seconds. */
async function junkList(visit: Visit): Promise<Html> {
  const { after } = visit;
  const { page, heads } = await visit.run(async (transaction) => {
    const listed = await newestJunk(transaction, after);
    const ids = listed.rows.map(({ conversationId }) => conversationId);
    return { page: listed, heads: await caseHeads(transaction, ids) };
  });
  return livePagedList("junk", {
    path: PATHS.junk,
    id: "junk",
    label: "Mails that were set aside",
    none: "Nothing was set aside.",
    rows: page.rows.map((row) => junkRow(row, heads.get(row.conversationId), visit.mask, visit)),
    after,
    next: page.next,
  });
}

function junkRow(
  { conversationId, kind, why, at, restoredAt }: JunkRow,
  head: CaseHead | undefined,
  mask: (text: string) => string,
  { when }: Visit,
): Html {
  const title = [head?.name ?? "", head?.subject ?? ""].filter((part) => part !== "").join(": ");
  const back = html`<button type="button" data-press="not_junk">Was no junk</button>`;
  return rowView({
    id: `junk-${conversationId}`,
    card: conversationId,
    href: caseAddress(conversationId),
    isWayOn: true,
    what: mask(title === "" ? conversationId : title),
    aside: html`<span class="act">${restoredAt === null ? back : badge("Back at work")}</span>`,
    about: `${kind} · ${why} · ${when(at)}`,
  });
}
