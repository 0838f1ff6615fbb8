/** The lists of cards: what waits for a decision, with its filters, what was decided lately, and what is only shown. */

import { z } from "zod";
import type { Card } from "#core/contracts/approval-desk.ts";
import { amountMoved } from "#core/values/action.ts";
import { urgencyText } from "#core/values/card-text.ts";
import { ageText, MINUTE_MS } from "#core/values/moment.ts";
import { formattedSums } from "#core/values/money.ts";
import { ChannelName, knownTopics } from "#core/values/vocabulary.ts";
import { shortened, inWords } from "#core/values/words.ts";
import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import { policyCard, procedureCard } from "#jobs/policy/card.ts";
import { html, type Html } from "#server/http/html.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { proposedChange } from "#store/console/policy-history.ts";
import {
  endedCards,
  nextWaiting,
  waitingCards,
  type ListedCard,
  type WaitingFilter,
} from "#store/console/waiting.ts";
import { proposedVersions } from "#store/procedures/versions.ts";
import { cardsShown } from "#server/console/case/card.ts";
import { choice, filterForm, type Option } from "./forms.ts";
import type { PageContent, Subject } from "./frame.ts";
import {
  badge,
  caseAddress,
  dotted,
  link,
  livePagedList,
  pagedList,
  rowView,
  soft,
  tabs,
} from "./parts.ts";
import type { Visit } from "./session.ts";

/** The lists of cards, and the way on to the next case. */
export const WAITING: Subject = {
  place: "/console",
  pages: {
    "/": waitingPage,
    "/decided": decidedPage,
    "/shadow": shadowPage,
    "/next{/:id}": nextCase,
  },
  parts: { "/waiting": waitingList },
};

/** The addresses and names of the lists, as tabs. */
const LISTS = {
  waiting: { href: "/console", name: "Waiting" },
  decided: { href: "/console/decided", name: "Decided lately" },
  shadow: { href: "/console/shadow", name: "Shadow drafts" },
  junk: { href: "/console/junk", name: "Junk" },
} as const;

/** The tabs, with the list that is shown marked. */
export function listTabs(here: keyof typeof LISTS): Html {
  return tabs("Lists of cards", Object.values(LISTS), LISTS[here].href);
}

const ONLY_DESK = html`<p class="notice">
  Slack is not connected, so this console is the only place where the team decides.
</p>`;

/** What waits for a decision, oldest first, with its filters. */
async function waitingPage(visit: Visit): Promise<PageContent> {
  return {
    title: "What waits",
    tools: html`${visit.onlyDesk ? ONLY_DESK : ""} ${listTabs("waiting")}${filters(visit)}`,
    body: await waitingList(visit),
  };
}

/** The list alone, which the page asks for again every two seconds. */
async function waitingList(visit: Visit): Promise<Html> {
  const chosen = chosenIn(visit);
  const { page, cards, change, procedures } = await visit.run(async (transaction) => {
    const { after, now, zone } = visit;
    const listed = await waitingCards(transaction, waitingFilter(chosen, visit), { after, now });
    const approvals = listed.rows.map(({ approval }) => approval);
    const isWhole = !isFiltered(chosen) && after === null;
    return {
      page: listed,
      cards: await cardsShown(transaction, approvals, zone),
      change: isWhole ? await proposedChange(transaction) : null,
      procedures: isWhole ? await proposedVersions(transaction) : [],
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
  return livePagedList("waiting", visit, {
    path: LISTS.waiting.href,
    query: chosen,
    id: "cases",
    label: "Cards that wait",
    none: isFiltered(chosen)
      ? "Nothing that waits fits these filters."
      : "Nothing waits. New cards appear here by themselves.",
    rows,
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
  const { rows, next } = await visit.run((transaction) =>
    endedCards(transaction, "decided", visit.after),
  );
  return {
    title: LISTS.decided.name,
    tools: listTabs("decided"),
    body: pagedList(visit, {
      path: LISTS.decided.href,
      label: "Decided cards",
      none: "Nothing was decided yet.",
      rows: rows.map((row) => decidedRow(row, visit)),
      next,
    }),
  };
}

/** What would have been written in shadow mode, newest first. */
async function shadowPage(visit: Visit): Promise<PageContent> {
  const { rows, next } = await visit.run((transaction) =>
    endedCards(transaction, "shadow", visit.after),
  );
  return {
    title: LISTS.shadow.name,
    tools: listTabs("shadow"),
    body: html`${soft("Nothing of this is sent. Open a draft to say whether you would have sent it.")}
    ${pagedList(visit, {
      path: LISTS.shadow.href,
      label: "Shadow drafts",
      none: "Nothing is shadowed.",
      rows: rows.map((row) => waitingRow(row, cardAsItStands(row.approval), visit)),
      next,
    })}`,
  };
}

/** The address of the card that waits next, or of the list when none does. */
async function nextCase(visit: Visit): Promise<string> {
  const next = await visit.run((transaction) => nextWaiting(transaction, visit.named("id")));
  return next === null ? LISTS.waiting.href : cardAddress(next);
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
  const moved = (proposal?.actions ?? []).map(({ action }) => amountMoved(action));
  return formattedSums(moved).join(" + ");
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

// The filters of what waits.

/** What can be chosen for the age, with its length in minutes. */
const AGES = {
  "15m": { name: "more than 15 minutes", minutes: 15 },
  "1h": { name: "more than 1 hour", minutes: 60 },
  "4h": { name: "more than 4 hours", minutes: 240 },
  "1d": { name: "more than a day", minutes: 1_440 },
} as const;

const MONEY: readonly Option[] = [
  ["", "with or without"],
  ["some", "money moves"],
  ["none", "no money"],
];

/** The filters as they stand in an address; what cannot be understood filters nothing. */
const Chosen = z.object({
  channel: ChannelName.nullable().catch(null),
  topic: z
    .string()
    .regex(/^\w{1,60}$/)
    .nullable()
    .catch(null),
  money: z.enum(["some", "none"]).nullable().catch(null),
  age: z.enum(["15m", "1h", "4h", "1d"]).nullable().catch(null),
  mine: z.literal("1").nullable().catch(null),
});
type Chosen = z.infer<typeof Chosen>;

function chosenIn({ asked }: Visit): Chosen {
  const names = Object.keys(Chosen.shape);
  return Chosen.parse(Object.fromEntries(names.map((name) => [name, asked(name)])));
}

function isFiltered(chosen: Chosen): boolean {
  return Object.values(chosen).some((one) => one !== null);
}

/** The same for the store: ages as moments, "mine" as a voter. */
function waitingFilter({ age, mine, ...others }: Chosen, { now, email }: Visit): WaitingFilter {
  return {
    ...others,
    before: age === null ? null : new Date(now.getTime() - AGES[age].minutes * MINUTE_MS),
    claimedBy: mine === null ? null : email,
  };
}

function filters(visit: Visit): Html {
  const chosen = chosenIn(visit);
  const { age, money, topic, channel, mine } = chosen;
  const { policy, channels } = visit.parts;
  const ages = Object.entries(AGES).map(([key, { name }]): Option => [key, name]);
  const topics = knownTopics(policy).map((one): Option => [one, inWords(one)]);
  const names = [...new Set(["email", "chat", ...channels.keys()])].toSorted();
  return filterForm(
    LISTS.waiting.href,
    html`${choice("age", "Waits", [["", "any time"], ...ages], age)}
      ${choice("money", "Money", MONEY, money)}
      ${choice("topic", "Topic", [["", "any"], ...topics], topic)}
      ${choice("channel", "Channel", [["", "any"], ...names.map((name): Option => [name, name])], channel)}
      <label class="check"
        ><input
          type="checkbox"
          name="mine"
          value="1"
          ${mine !== null && html` checked=""`}
        />Mine</label
      >`,
    { isLive: true, after: isFiltered(chosen) && html` ${link(LISTS.waiting.href, "Show all")}` },
  );
}
