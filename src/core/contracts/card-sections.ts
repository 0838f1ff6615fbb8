/**
 * What a card says, in the order in which it is read: composed here once, rendered by each desk in its own way. Texts of
 * customers, teammates and models are in it, so a desk shows every line literally.
 */
import type { Button, Card } from "./approval-desk.ts";
import {
  citationLines,
  citationsIn,
  openWarnings,
  orderLines,
  recordLines,
  senderText,
  urgencyText,
  withNumbers,
} from "#core/values/card-text.ts";
import type { CardContext, SenderStanding } from "#core/values/card-context.ts";
import { counted, excerpt, withNamedOverrides } from "#core/values/words.ts";
import { momentText } from "#core/values/moment.ts";
import { usedUpText } from "./policy.ts";

/** A quoted text, whose end may be cut where there is little room; `of` says whose it is. */
export interface Quote {
  readonly of: "asked" | "draft" | "translated" | "opinion";
  readonly title: string;
  readonly text: string;
}

export type CardSection =
  /** As large as the headline: a card that only shows must not look like one that acts. */
  | { readonly kind: "band"; readonly title: string; readonly text: string }
  /** Small type: who wrote, how urgent it is, what the records say; `minor` are those that decide nothing. */
  | {
      readonly kind: "facts";
      readonly lines: readonly string[];
      readonly minor: readonly string[];
    }
  /** What has to be read first: what is about to happen, how many have approved, what looks odd. */
  | { readonly kind: "warnings"; readonly lines: readonly string[] }
  | { readonly kind: "files"; readonly text: string }
  /**
   * `changes`: one each line, of a card or of the team's own rules. `edits`: what teammates changed in the draft.
   * `actions`: what happens besides the reply, with the rules behind it for where there is room; a single one without a
   * title.
   */
  | {
      readonly kind: "list";
      readonly of: "changes" | "edits" | "actions";
      readonly title: string | null;
      readonly lines: readonly string[];
      readonly rules: readonly string[];
    }
  | ({ readonly kind: "quote" } & Quote)
  /** What goes out, with who else reads it and what it rests on. */
  | {
      readonly kind: "draft";
      readonly quote: Quote;
      readonly readers: string;
      readonly receipts: readonly string[];
      readonly procedure: string;
      readonly sources: readonly string[];
    }
  | { readonly kind: "opinions"; readonly line: string; readonly answers: readonly Quote[] }
  | { readonly kind: "buttons" }
  | { readonly kind: "note"; readonly parts: readonly string[] };

const SHADOW = "Shadow: nothing is sent";

/** What a lock screen shows of a card: no names where they are kept out, and a shadow card reads like none that acts. */
export function notificationText({ state, headline, notification }: Card): string {
  const shown = notification === "" ? headline : notification;
  return state === "shadow" ? `${SHADOW}. ${shown}` : shown;
}

/** What the smallest confirm dialog of a desk holds (Slack); a question cut off within its actions would hide some of them. */
export const CONFIRM_MAX = 300;

/** The question that follows what a card of a case does. */
export const DO_IT = "Do it?";

const WHO_MAX = 80;

/**
 * What a press on Approve is asked: what happens and for whom, after what else of theirs is open and delicate; empty
 * where nothing is asked. What does not fit is counted, never cut.
 */
export function confirmText(card: Card): string {
  const { confirm, kind, actions: all, context } = card;
  if (confirm === "") return "";
  const open = context.records?.kind === "known" ? context.records.open : [];
  const delicate = open.flatMap(({ isSameOrder, delicate: what, called }) =>
    what === "" ? [] : [`${isSameOrder ? "Same order" : "Also open"}: ${what} (${called}).`],
  );
  if (kind === "policy" || all.length === 0) return [...delicate, confirm].join(" ");
  const end = `Customer: ${excerpt(withNamedOverrides(whoIsAsked(card)), WHO_MAX)}. ${DO_IT}`;
  const labels = all.map(({ label }) => `${withNamedOverrides(label)}.`);
  const count = `${counted(all.length, "action")}, as the card lists them.`;
  const whole = [...delicate, ...labels, end].join(" ");
  if (whole.length <= CONFIRM_MAX) return whole;
  const shorter = [...delicate, count, end].join(" ");
  if (shorter.length <= CONFIRM_MAX) return shorter;
  return `${counted(delicate.length, "other open case")}, as the card warns. ${count} ${end}`;
}

/** The name where the shop knows the customer, else the address: anybody may write under any name. */
function whoIsAsked({ requester: { name, address, standing, level } }: Card): string {
  const isKnown = standing === undefined ? level >= 2 : KNOWN_CUSTOMERS.has(standing);
  return isKnown || address === "" ? name : address;
}

const KNOWN_CUSTOMERS: ReadonlySet<SenderStanding> = new Set(["confirmed", "signed_in", "known"]);

/** The whole card below its headline. */
export function cardSections(card: Card): readonly CardSection[] {
  return (card.kind === "policy" ? rulesSections(card) : caseSections(card)).filter(isThere);
}

function isThere(section: CardSection): boolean {
  if ("lines" in section) return section.lines.length > 0;
  return section.kind !== "quote" || section.text.trim() !== "";
}

/** A decision about the team's own rules has no requester and sends nothing: its lines, each under its heading. */
function rulesSections(card: Card): readonly CardSection[] {
  const headings = [...new Set(card.actions.map(({ rule }) => rule))];
  return [
    warnings(card),
    ...headings.map((title) =>
      list(
        "changes",
        title,
        card.actions.flatMap(({ label, rule }) => (rule === title ? [label] : [])),
      ),
    ),
    { kind: "buttons" },
    {
      kind: "note",
      parts: [card.conversationLabel, expiryText(card)].filter((part) => part !== ""),
    },
  ];
}

function caseSections(card: Card): readonly CardSection[] {
  const { requester, context, translation, state } = card;
  return [
    ...(state === "shadow" ? [BAND] : []),
    facts(card),
    warnings(card),
    ...(context.files === "" ? [] : [{ kind: "files", text: `📎 ${context.files}` } as const]),
    list("changes", "Changed since it was posted", card.changes),
    ...card.edits.map(({ by, lines }) => list("edits", `Changed by ${by}`, lines)),
    actions(card),
    { kind: "quote", of: "asked", title: `${requester.name} wrote`, text: card.asked },
    ...translated("In", translation, "asked"),
    ...draft(card),
    ...translated("The draft in", translation, "draft"),
    ...opinions(card),
    { kind: "buttons" },
    {
      kind: "note",
      parts: [
        `${card.channel}, ${card.conversationLabel}`,
        expiryText(card),
        card.model === "" ? "" : `drafted by ${card.model}`,
      ].filter((part) => part !== ""),
    },
  ];
}

function list(of: "changes" | "edits", title: string, lines: readonly string[]): CardSection {
  return { kind: "list", of, title, lines, rules: [] };
}

const BAND: CardSection = {
  kind: "band",
  title: SHADOW,
  text: "People answer this customer. Would you have sent the draft below?",
};

/** Who wrote, how urgent it is, and what the records say, which counts where money moves. */
function facts(card: Card): CardSection {
  const { requester, context, state, confirm } = card;
  // A stranger's name may be nothing but the address.
  const who = new Set([senderText(requester), requester.name, requester.address, waitText(card)]);
  const sender = [...who].filter((part) => part !== "").join(" · ");
  const orders = orderLines(context);
  const records = recordLines(context.records);
  const lines = [
    urgencyText(context),
    sender,
    ...(state === "closed" && orders.length > 0 ? ["As it was when this was asked:"] : []),
    ...orders,
    ...records,
  ].filter((line) => line !== "");
  return { kind: "facts", lines, minor: [sender, ...(confirm === "" ? records : [])] };
}

function warnings(card: Card): CardSection {
  const { status, state, closing, progress, claim, zone } = card;
  return {
    kind: "warnings",
    lines: [
      ...(status === null ? [] : [`${status.kind === "paused" ? "⏸️" : "🔁"} ${status.text}`]),
      // Who has claimed it, so that no other teammate starts on it.
      ...(claim === undefined
        ? []
        : [`🙋 ${claim.name} has this until ${momentText(new Date(claim.until), zone)}`]),
      ...(state === "undoable" && closing !== "" ? [`⏳ ${closing}`] : []),
      ...(progress === "" ? [] : [`👥 ${progress}`]),
      ...openWarnings(card.context.records).map((words) => `⚠️ ${words}`),
      ...card.context.conflicts.map((conflict) => `⚠️ Customer ${conflict}`),
      ...limitLines(card),
      // Files have a section of their own.
      ...card.flags.flatMap(({ text, about }) => (about === "files" ? [] : [`⚠️ ${text}`])),
    ],
  };
}

/** A closed card says how it ended in its first line, so its actions are what it asked for. */
const WHAT_IT_ASKS: Readonly<Record<Card["state"], string>> = {
  pending: "Will do",
  undoable: "Will do",
  shadow: "Would do",
  closed: "Asked for",
};

function actions(card: Card): CardSection {
  const verb = WHAT_IT_ASKS[card.state];
  const [first] = card.actions;
  const isOne = first !== undefined && card.actions.length === 1;
  return {
    kind: "list",
    of: "actions",
    title: isOne ? null : `${verb}, in this order`,
    lines: isOne
      ? [`${verb}: ${first.label}`]
      : card.actions.map(({ label }, index) => `${index + 1}. ${label}`),
    rules: [...new Set(card.actions.map(({ rule }) => rule))].filter((rule) => rule !== ""),
  };
}

/** For reading only: the customer gets the draft itself, and a translation must not be mistaken for it. */
function translated(
  heading: string,
  translation: Card["translation"],
  part: "asked" | "draft",
): readonly CardSection[] {
  if (translation === null) return [];
  const title = `${heading} ${translation.into}, for the team: translated by ${translation.by}, never sent`;
  return [{ kind: "quote", of: "translated", title, text: translation[part] }];
}

/** How a draft is sent, by the channel of its conversation. */
const SENT_BY: ReadonlyMap<string, string> = new Map([
  ["email", "by mail to "],
  ["zendesk", "as "],
  ["slack", "in Slack to "],
  ["chat", "in the chat, to "],
]);

function draft({ draft: shown, context, state, channel }: Card): readonly CardSection[] {
  if (shown === null) return [];
  const { text, to, sources } = shown;
  const citations = citationsIn(text, context.citations);
  const title =
    state === "shadow"
      ? `What I would have written to ${to}`
      : `Draft, goes out ${SENT_BY.get(channel) ?? "to "}${to}`;
  return [
    {
      kind: "draft",
      quote: { of: "draft", title, text: withNumbers(text, citations) },
      readers: readersLine(context),
      receipts: citationLines(citations),
      procedure: procedureLine(context),
      sources: citations.length > 0 ? [] : sources,
    },
  ];
}

/** The teammates' ratings of a draft that is only shown, and what they would have written. */
function opinions({ opinions: rated = [] }: Card): readonly CardSection[] {
  if (rated.length === 0) return [];
  return [
    {
      kind: "opinions",
      line: rated.map(({ name, wouldSend }) => `${wouldSend ? "👍" : "👎"} ${name}`).join(" · "),
      answers: rated
        .filter(({ ownAnswer }) => ownAnswer !== "")
        .map(({ name, ownAnswer }) => ({
          of: "opinion",
          title: `${name} would have written`,
          text: ownAnswer,
        })),
    },
  ];
}

/** Buttons that decide, as far as the card has them; on a card without one of these, all others stand in the row. */
const DECIDING: readonly (readonly Button[])[] = [
  ["approve", "edit", "reject"],
  ["escalate", "dismiss"],
  ["undo"],
  ["thumbs_up", "thumbs_down"],
];

/** Seldom there, and not to be looked for in a menu: whether the guard is right, and what belongs to the case. */
const QUESTIONS: readonly Button[] = ["harmless", "join", "keep_apart", "separate"];

/**
 * The decision in one row, and everything else behind it. Every card of a case explains itself while there is time to
 * read: an undoable one leaves none.
 */
export function cardButtons({ buttons, kind, state }: Card) {
  const deciding = DECIDING.find((set) => set.some((button) => buttons.includes(button))) ?? [];
  const inRow = [...deciding, ...QUESTIONS];
  return {
    row: buttons.filter((button) => inRow.includes(button)),
    menu: buttons.filter((button) => !inRow.includes(button)),
    hasWhy: kind !== "policy" && state !== "undoable",
  };
}

/** As many names as fit on a phone; the count is always shown. */
const COPIES_SHOWN = 4;

/**
 * Since when the customer waits and by when the source wants an answer, in the team's zone, which is named here when the
 * card has no expiry to name it.
 */
function waitText({ context: { since, due }, expiresAt, zone }: Card): string {
  const parts = [
    since === null ? "" : `waiting since ${momentText(new Date(since), zone)}`,
    due === null ? "" : `due ${momentText(new Date(due.at), zone)} (${due.by})`,
  ].filter((part) => part !== "");
  const named = expiresAt === null ? ` (${zone})` : "";
  return parts.length === 0 ? "" : `🕑 ${parts.join(" · ")}${named}`;
}

/** When the card expires, in the team's zone; empty for a card that does not. */
function expiryText({ expiresAt, zone }: Card): string {
  return expiresAt === null ? "" : `expires ${momentText(new Date(expiresAt), zone)} (${zone})`;
}

/**
 * Why a person is asked about what policy does alone at other times: the limits that are used up. A teammate who never sees such a card would take it for a mistake.
 */
function limitLines({ actions }: Pick<Card, "actions">): readonly string[] {
  const lines = actions.flatMap(({ usedUp = [] }) => usedUp.map(usedUpText));
  return [...new Set(lines)].map((line) => `⚠️ ${line}`);
}

/** Who else reads the answer; empty when only the customer does. */
function readersLine({ copies, isShared }: Card["context"]): string {
  if (copies.length === 0) return isShared ? "👀 Others may read it there" : "";
  const more = copies.length > COPIES_SHOWN ? ` and ${copies.length - COPIES_SHOWN} more` : "";
  return `👀 ${copies.length} in copy: ${copies.slice(0, COPIES_SHOWN).join(", ")}${more}`;
}

/** The procedures a draft follows, in one line; empty without one. */
function procedureLine({ procedures }: Pick<CardContext, "procedures">): string {
  if (procedures.length === 0) return "";
  const lines = procedures.map(({ line }) => line);
  return `${lines.length === 1 ? "Procedure" : "Procedures"}: ${lines.join("; ")}`;
}
