/** The inbox: one list of everything that needs people, in views, with the case that is open beside it. */

import { z } from "zod";
import { MINUTE_MS } from "#core/values/moment.ts";
import { ChannelName, knownTopics, topicName } from "#core/values/vocabulary.ts";
import { policyCard, procedureCard } from "#jobs/policy/card.ts";
import { cardsShown } from "#server/console/case/card.ts";
import { casePane, caseParts } from "#server/console/case/case.ts";
import { choice, filterForm, teammateOptions, type Option } from "#server/console/forms.ts";
import type { PageContent, Subject } from "#server/console/frame.ts";
import { fold, link, livePagedList } from "#server/console/parts.ts";
import { inboxOf, type Visit } from "#server/console/session.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import { proposedChange } from "#store/policy/policy-changes.ts";
import {
  alikeGroups,
  inboxRows,
  OPEN_VIEWS,
  type InboxFilter,
  type InboxRow,
  type OpenView,
} from "#store/console/inbox.ts";
import { proposedVersions } from "#store/procedures/versions.ts";
import { approveTicked, groupLinks, groupRow, type Member } from "./alike.ts";
import {
  cardRow,
  caseRow,
  decidedList,
  isGrave,
  junkList,
  proposedRow,
  shadowList,
} from "./rows.ts";

/** A view of the inbox: where it is, what it is called, and its list. */
interface View {
  readonly path: string;
  readonly name: string;
  readonly list: (visit: Visit, path: string) => Promise<Html>;
}

const openView = (view: OpenView, name: string): View => ({
  path: view === "open" ? "/console" : `/console/${view}`,
  name,
  list: (visit, path) => openList(visit, view, path),
});

/** Every view, in the order of its tabs. */
const VIEWS: Readonly<Record<string, View>> = {
  open: openView("open", "Open"),
  mine: openView("mine", "Mine"),
  unassigned: openView("unassigned", "Unassigned"),
  waiting: openView("waiting", "To approve"),
  people: openView("people", "With people"),
  snoozed: openView("snoozed", "Snoozed"),
  decided: { path: "/console/decided", name: "Done", list: decidedList },
  shadow: { path: "/console/shadow", name: "Shadow", list: shadowList },
  junk: { path: "/console/junk", name: "Junk", list: junkList },
};

/** The views, and their lists, which are asked for again with what is open beside them. */
export const INBOX: Subject = {
  place: "/console",
  pages: Object.fromEntries(
    Object.entries(VIEWS).map(([key, view]) => [
      view.path.replace("/console", "") || "/",
      (visit: Visit) => viewPage(visit, key, view),
    ]),
  ),
  parts: {
    ...Object.fromEntries(
      Object.entries(VIEWS).map(([key, view]) => [
        `/inbox/${key}`,
        (visit: Visit) => liveView(visit, view),
      ]),
    ),
    "/pane/:id": async (visit) => (await casePane(visit, visit.named("id"))) ?? NO_CASE,
  },
};

const ONLY_DESK = html`<p class="notice">
  Slack is not connected, so this console is the only place where the team decides.
</p>`;

const NO_CASE = html`<p class="soft">This case is no longer kept.</p>`;

const EMPTY_PANE = html`<p class="soft">
  Press <kbd>j</kbd> to open the first case here, <kbd>?</kbd> for all keys.
</p>`;

function isOpenView(key: string): key is OpenView {
  return OPEN_VIEWS.some((view) => view === key);
}

/** The page of a view; a case named in its address is open beside the list. */
async function viewPage(visit: Visit, key: string, view: View): Promise<PageContent> {
  const id = visit.asked("case");
  const pane = id === "" ? null : await casePane(visit, id);
  const live = addressWith(`/console/part/inbox/${key}`, {
    ...chosenIn(visit),
    after: visit.asked("after"),
  });
  return {
    title: "Inbox",
    isWide: true,
    body: html`<div
      class="inbox"
      id="inbox"
      data-parts=""
      data-live="${live}"
      data-case="${pane === null ? "" : id}"
    >
      ${viewTabs(visit, view)}
      <div class="inbox-list stack">
        ${visit.onlyDesk ? ONLY_DESK : ""}${isOpenView(key) && filters(visit, view.path)}
        <div id="outcomes" class="box" role="status" tabindex="-1" hidden></div>
        ${await view.list(visit, view.path)}
      </div>
      <section class="pane" id="pane" tabindex="-1" aria-label="The open case">
        ${pane ?? (id === "" ? EMPTY_PANE : NO_CASE)}
      </section>
      ${KEYS_DIALOG}
    </div>`,
  };
}

/** What is drawn again: the tabs with their counts, the list, and the changing parts of the case that is open. */
async function liveView(visit: Visit, view: View): Promise<Html> {
  const id = visit.asked("case");
  return html`${viewTabs(visit, view)}${await view.list(visit, view.path)}${
    id !== "" && (await caseParts(visit, id))
  }`;
}

function viewTabs({ counts }: Visit, here: View): Html {
  return html`<nav class="tabs views" id="views" aria-label="Views">
    ${Object.entries(VIEWS).map(([key, { path, name }]) => {
      const number = isOpenView(key) && html` <span class="soft">${counts[key]}</span>`;
      return html`<a
        href="${path}"
        id="view-${key}"
        ${path === here.path && html` aria-current="page"`}
        >${name}${number}</a
      >`;
    })}
  </nav>`;
}

/** Views that begin with what leads vote on, and tell what can be decided at once. */
const WITH_PROPOSALS = new Set<OpenView>(["open", "unassigned", "waiting"]);

/** What is open, the most urgent first; below what is grave, on the first page, what leads vote on. */
async function openList(visit: Visit, view: OpenView, path: string): Promise<Html> {
  const chosen = chosenIn(visit);
  const { after, now } = visit;
  const { page, approvals, cards, groups, change, procedures } = await visit.run(
    async (transaction) => {
      const listed = await inboxRows(transaction, inboxFilter(chosen, view, visit), { after, now });
      const approvals = listed.rows.flatMap((row) => (row.kind === "card" ? [row.approval] : []));
      const isWhole = WITH_PROPOSALS.has(view) && !isFiltered(chosen) && after === null;
      return {
        page: listed,
        approvals,
        cards: await cardsShown(transaction, approvals, { policy: visit.parts.policy, now }),
        groups: isWhole ? await alikeGroups(transaction, now) : [],
        change: isWhole ? await proposedChange(transaction) : null,
        procedures: isWhole ? await proposedVersions(transaction) : [],
      };
    },
  );
  const { alike } = chosen;
  const members = approvals.flatMap((approval, place): readonly Member[] => {
    const card = cards[place];
    return card === undefined ? [] : [{ approval, card }];
  });
  const drawn = (row: InboxRow): readonly Html[] => {
    if (row.kind === "case") return [caseRow(row, visit)];
    const member = members.find(({ approval }) => approval.id === row.id);
    if (member === undefined) return [];
    return [
      cardRow(row, member.card, visit, alike === null ? {} : groupRow(member, members, visit)),
    ];
  };
  return livePagedList(
    visit,
    {
      path,
      query: chosen,
      label: "Cases",
      none: isFiltered(chosen)
        ? "Nothing here matches these filters."
        : WITH_PROPOSALS.has(view)
          ? "Nothing waits here. New cases appear by themselves."
          : "Nothing here.",
      rows: [
        ...page.rows.filter(isGrave).flatMap(drawn),
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
        ...page.rows.filter((row) => !isGrave(row)).flatMap(drawn),
      ],
      next: page.next,
    },
    html`${groupLinks(groups, {
      shown: alike,
      href: (group) => addressWith(path, { alike: group }),
    })}${alike !== null && approveTicked(members)}`,
  );
}

// The filters.

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

function fitting(pattern: RegExp) {
  return z.string().regex(pattern).nullable().catch(null);
}

/** The filters as they stand in an address; what cannot be understood filters nothing. */
const Chosen = z.object({
  channel: ChannelName.nullable().catch(null),
  topic: fitting(/^\w{1,60}$/),
  money: z.enum(["some", "none"]).nullable().catch(null),
  age: z.enum(["15m", "1h", "4h", "1d"]).nullable().catch(null),
  /** The address of the teammate who has it. */
  holder: fitting(/^\S{1,200}@\S{1,200}$/),
  /** A group of cards of one kind. */
  alike: fitting(/^[\da-f]{32}$/),
});
type Chosen = z.infer<typeof Chosen>;

function chosenIn({ asked }: Visit): Chosen {
  const names = Object.keys(Chosen.shape);
  return Chosen.parse(Object.fromEntries(names.map((name) => [name, asked(name)])));
}

function isFiltered(chosen: Chosen): boolean {
  return Object.values(chosen).some((one) => one !== null);
}

/** The same for the store: ages as moments, "mine" by address. */
function inboxFilter({ age, ...others }: Chosen, view: OpenView, visit: Visit): InboxFilter {
  return {
    ...others,
    view,
    me: visit.email,
    ...inboxOf(visit),
    before: age === null ? null : new Date(visit.now.getTime() - AGES[age].minutes * MINUTE_MS),
  };
}

function filters(visit: Visit, path: string): Html {
  const chosen = chosenIn(visit);
  const { age, money, topic, channel, holder } = chosen;
  const { policy, channels } = visit.parts;
  const ages = Object.entries(AGES).map(([key, { name }]): Option => [key, name]);
  const topics = knownTopics(policy).map((one): Option => [one, topicName(one)]);
  const names = [...new Set(["email", "chat", ...channels.keys()])].toSorted();
  const form = filterForm(
    path,
    html`${choice("age", "Waits", [["", "any time"], ...ages], age)}
    ${choice("money", "Money", MONEY, money)}
    ${choice("topic", "Topic", [["", "any"], ...topics], topic)}
    ${choice("channel", "Channel", [["", "any"], ...names.map((name): Option => [name, name])], channel)}
    ${choice("holder", "With", [["", "anyone or no one"], ...teammateOptions(policy.teammates)], holder)}`,
    { isLive: true, after: isFiltered(chosen) && html` ${link(path, "Show all")}` },
  );
  return fold("Filter", form, { open: isFiltered(chosen) && chosen.alike === null });
}

// The keys, in the one dialog that names them and that its script reads them from.

/** A key, what it does in words, and what it presses or puts the cursor into: the first of these that is there. */
type Key = readonly [key: string, does: string, presses: string];

/** Without something to press, the script moves: to another case, into the case, to a box of the list. */
const KEYS: readonly Key[] = [
  ["j", "Next case (also ↓)", ""],
  ["k", "Previous case (also ↑)", ""],
  ["Enter", "Open the case", ""],
  ["Escape", "Back to the list", ""],
  ["a", "Approve or send, and go on to the next", "#pane [data-press=approve]"],
  ["A", "Approve the ticked, in a list of many at once", "#approve-ticked"],
  ["u", "Undo what you did last", "#said button"],
  ["e", "Edit the draft", "#pane [data-press=edit]"],
  ["d", "Reject the draft", "#pane [data-press=reject]"],
  ["r", "Reply", "#pane #reply-text"],
  ["n", "Add a note", "#pane #note-text"],
  ["t", "Take it", "#pane [data-press=claim], #pane [data-press=take_over]"],
  ["g", "Assign it to a colleague", "#pane #assign-to"],
  ["z", "Snooze", "#pane #snooze-until"],
  ["c", "Close", "#pane [data-press=close]"],
  ["w", "Why?", "#pane [data-press=why]"],
  ["m", "More actions on the card", "#pane .card-more > summary"],
  ["x", "Tick or untick, in a list of many at once", ""],
  ["/", "Search", ""],
  ["?", "Show these keys", ""],
];

/** The dialog, closed until `?` is pressed. */
const KEYS_DIALOG: Html = html`<dialog id="keys" aria-labelledby="keys-title">
  <h2 id="keys-title">Keys</h2>
  <dl class="facts-list">
    ${KEYS.map(
      ([key, does, presses]) =>
        html`<dt data-key-name="${key}" data-does="${presses}"><kbd>${key}</kbd></dt>
          <dd>${does}</dd>`,
    )}
  </dl>
  <form method="dialog" class="row"><button>Close</button></form>
</dialog>`;
