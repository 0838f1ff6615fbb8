/** What an assistant may read: what waits, a case, the help pages, why a card looks as it does, and the week in figures. */

import { z } from "zod";
import type { BlockSource } from "#agent/data-marking.ts";
import { invalidInput } from "#core/values/errors.ts";
import { DAY_MS, durationText, momentText } from "#core/values/moment.ts";
import { inWords, percent } from "#core/values/words.ts";
import { explainCard } from "#jobs/decisions/explain-card.ts";
import { medianValue } from "#jobs/rehearsal/figures.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import {
  cardsOfConversations,
  conversationNotes,
  conversationsOfCase,
  messagesOfCase,
  type CaseConversation,
  type ThreadMessage,
} from "#store/console/case.ts";
import { cursorText, CursorText } from "#store/console/cursor.ts";
import { periodFigures } from "#store/console/figures.ts";
import { inboxRows, type InboxRow } from "#store/console/inbox.ts";
import { caseStates } from "#store/conversations/conversations.ts";
import { countIn, resolutionRate } from "#store/reports/counted-rows.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { type AssistantCall, assistantTool } from "./tools.ts";

/** An id as Deskhand makes them. Another one is answered as one that does not exist. */
export const Id = z.string().min(1).max(100);

const NO_CASE = "There is no such case.";

/** Room for the beginning of each text; all of it is in the console. */
const LINE_MAX = 400;
const MESSAGE_MAX = 4_000;
const DRAFT_MAX = 8_000;

const MESSAGES_MAX = 15;
const CARDS_MAX = 4;
const NOTES_MAX = 10;

/** A moment as teammates read it. */
function when({ parts }: AssistantCall, at: Date | string): string {
  return momentText(new Date(at), parts.policy.digest.zone, parts.clock.now());
}

const LIST_WAITING = assistantTool({
  name: "list_waiting",
  title: "List what waits",
  description:
    "Lists what waits, the most urgent first: cards that wait for a decision, and cases that people have. Gives the ids that the other tools take.",
  kind: "reads",
  input: z.strictObject({
    view: z
      .enum(["open", "mine", "unassigned", "waiting", "people"])
      .default("open")
      .describe("waiting: cards for a decision. people: cases that people have. mine: yours."),
    after: z.string().max(300).optional().describe("`next` of the page before"),
  }),
  async run({ view, after }, call) {
    const { parts, teammate } = call;
    const { teammates } = parts.policy;
    const filter = {
      view,
      me: teammate.email,
      named: teammate.name,
      team: teammates.map(({ address }) => address),
      channel: null,
      topic: null,
      money: null,
      before: null,
      alike: null,
    };
    const from = { after: CursorText.parse(after ?? ""), now: parts.clock.now() };
    const { rows, next } = await parts.store.run((transaction) =>
      inboxRows(transaction, filter, from),
    );
    return [
      rows.length === 0 ? "Nothing waits here." : `${rows.length} on this page.`,
      ...rows.map((row) => rowText(row, call)),
      ...(next === null ? [] : [`next: ${cursorText(next)}`]),
    ].join("\n\n");
  },
});

function rowText(row: InboxRow, call: AssistantCall): string {
  const about = `${row.channel}, since ${when(call, row.since)}${row.holder === null ? "" : ", taken"}`;
  if (row.kind === "case") {
    const { id, subject, customer, excerpt } = row.about;
    const words = [subject, customer ?? "", excerpt ?? ""].join("\n");
    return noted(`Case ${id}: people have it (${about})`, "customer", words, call, LINE_MAX);
  }
  const { id, version, conversationId, card } = row.approval;
  const line = `Case ${conversationId}: card ${id}, version ${version}, waits for a decision (${about}). ${card.progress}`;
  const words = card.kind === "blocked" ? "" : card.asked;
  return noted(line.trim(), "customer", `${card.headline}\n${words}`, call, LINE_MAX);
}

const READ_CASE = assistantTool({
  name: "read_case",
  title: "Read a case",
  description:
    "Reads one case: who has it, its newest messages with the team's notes, and its cards with draft, actions and the rules that ask for a person.",
  kind: "reads",
  input: z.strictObject({
    case: Id.describe("The id of the case, such as c_0123456789abcdef0123"),
    before: z
      .int()
      .min(1)
      .optional()
      .describe("Number of the oldest message read so far, for those before it"),
  }),
  async run({ case: id, before = null }, call) {
    const read = await call.parts.store.run(async (transaction) => {
      const conversations = await conversationsOfCase(transaction, id);
      const ids = conversations.map((one) => one.id);
      return {
        conversations,
        states: await caseStates(transaction, ids, call.parts.clock.now()),
        cards: await cardsOfConversations(transaction, ids, CARDS_MAX),
        notes: await conversationNotes(transaction, ids),
        ...(await messagesOfCase(transaction, ids, { before, most: MESSAGES_MAX })),
      };
    });
    if (read.conversations.length === 0) throw invalidInput(NO_CASE);
    const { conversations, states, cards, messages, notes, hasEarlier } = read;
    const stopped = cards.filter(({ kind, state }) => kind === "blocked" && state === "pending");
    const held = new Set(stopped.flatMap(({ answers }) => answers));
    return [
      ...conversations.map((one) => placeText(one, states.get(one.id)?.kind ?? "bot", call)),
      ...cards.map((one) => cardText(one, call)),
      hasEarlier ? `Messages (earlier ones: before ${messages[0]?.id})` : "Messages",
      ...messages.map((one) => messageText(one, held.has(one.message.key), call)),
      ...notes
        .slice(-NOTES_MAX)
        .map(({ name, text, at }) =>
          noted(`Note, ${when(call, at)}`, "team note", `${name}:\n${text}`, call),
        ),
    ].join("\n\n");
  },
});

const WITH: Readonly<Record<string, string>> = {
  bot: "Deskhand",
  untaken: "people",
  held: "a teammate",
};

function placeText(
  { id, channel, subject, createdAt }: CaseConversation,
  kind: string,
  call: AssistantCall,
): string {
  const line = `Case ${id} on ${channel}, since ${when(call, createdAt)}: with ${WITH[kind] ?? kind}. ${call.parts.cardLink(id)}`;
  return noted(line, "subject", subject, call);
}

function noted(
  line: string,
  source: BlockSource,
  text: string,
  call: AssistantCall,
  most = MESSAGE_MAX,
) {
  return text.trim() === "" ? line : `${line}\n${call.shown(source, text, most)}`;
}

const WRITERS = {
  requester: ["customer", "the customer"],
  teammate: ["teammate", "a teammate"],
  bot: ["Deskhand", "Deskhand"],
  system: ["system", "the system"],
} as const;

function messageText(
  { id, message, outcome }: ThreadMessage,
  isHeld: boolean,
  call: AssistantCall,
): string {
  const [source, who] = WRITERS[message.author.kind];
  const about = [
    `${id}: ${who}, ${when(call, message.sentAt)}`,
    ...(message.visibility === "internal" ? ["internal note"] : []),
    ...(outcome === null ? [] : [outcome]),
  ].join(", ");
  if (isHeld) return `${about}. ${HELD_BACK}`;
  return noted(about, source, `${message.author.name}:\n${message.text}`, call);
}

/** The flags of such a card and its explanation quote what was stopped. */
const HELD_BACK =
  "The guard holds the message back, as it gives programs instructions. A person reads it in the console.";

/** A draft and the labels of actions quote customers and records, so they are data as well. */
function cardText(approval: Approval, call: AssistantCall): string {
  const { id, version, state, kind, card, closing } = approval;
  const { headline, actions, flags, draft, changes, progress } = card;
  if (kind === "blocked") return `Card ${id}, version ${version}: ${state}. ${HELD_BACK}`;
  const lines = [
    headline,
    ...actions.map(({ label, rule }) => `Action: ${label} (${rule})`),
    ...flags.map(({ text }) => `Flag: ${text}`),
    ...changes.map((text) => `Changed: ${text}`),
    closing === "" ? progress : closing,
  ].filter((line) => line !== "");
  const about = `Card ${id}, version ${version}: ${kind}, ${state}`;
  const parts = [noted(about, "card", lines.join("\n"), call)];
  if (draft !== null)
    parts.push(noted("Draft of the reply", "Deskhand", draft.text, call, DRAFT_MAX));
  return parts.join("\n");
}

const PASSAGES_MAX = 6;

const SEARCH_HELP = assistantTool({
  name: "search_help",
  title: "Search the help pages",
  description:
    "Searches the help pages and the team's own texts, best first. A caution says why a customer's reply must not rest on a passage.",
  kind: "reads",
  input: z.strictObject({ query: z.string().trim().min(1).max(300) }),
  async run({ query }, { parts, shown, signal }) {
    const asking = { reader: "teammate" } as const;
    const found = await parts.knowledge.search(query, PASSAGES_MAX, signal, asking);
    if (found.length === 0) return "No page fits.";
    return found
      .map(({ title, url, text, caution, doubt }) => {
        const warnings = [caution, doubt].flatMap((one) => one ?? []);
        const words = [title, url, ...warnings.map((one) => `Caution: ${one}`), text];
        const page = words.filter((line) => line !== "").join("\n");
        return shown("tool search_help", page, MESSAGE_MAX);
      })
      .join("\n\n");
  },
});

const EXPLAIN_DECISION = assistantTool({
  name: "explain_decision",
  title: "Explain a card",
  description:
    "Says why a card looks as it does: what was looked up, what the policy says, who asks, and what people did with it.",
  kind: "reads",
  input: z.strictObject({ card: Id.describe("The id of a card, such as a_0123456789abcdef0123") }),
  async run({ card: id }, { parts, teammate, shown }) {
    const known = await parts.store.run((transaction) => loadApproval(transaction, id));
    if (known?.kind === "blocked") return `${HELD_BACK} ${parts.cardLink(id)}`;
    const told = known === null ? null : await explainCard(parts, id, teammate);
    if (told === null) throw invalidInput("There is no such card.");
    return told.sections
      .map(({ heading, lines }) => shown("card", [heading, ...lines].join("\n"), MESSAGE_MAX))
      .concat(`All of it: ${told.link}`)
      .join("\n\n");
  },
});

const REPORT = assistantTool({
  name: "report",
  title: "Figures of some days",
  description:
    "The figures of the console's Numbers page: what was resolved, drafted, answered and spent.",
  kind: "reads",
  input: z.strictObject({ days: z.literal([1, 7, 28]).default(7) }),
  async run({ days }, { parts }) {
    const to = new Date(parts.clock.now().getTime() + 1);
    const span = { from: new Date(to.getTime() - days * DAY_MS), to };
    const { counts, totals, firstReplies, spent } = await parts.store.run((transaction) =>
      periodFigures(transaction, span),
    );
    const { resolved, ended } = resolutionRate(totals);
    const median = medianValue(firstReplies);
    const names = [...new Set(counts.map(({ name }) => name))];
    return [
      `The last ${days === 1 ? "24 hours" : `${days} days`}`,
      `Resolution rate: ${ended === 0 ? "none ended" : `${percent(resolved / ended)} (${resolved} of ${ended} cases)`}`,
      `Median first reply: ${median === null ? "none yet" : durationText(median)}`,
      ...totals.map(({ kind, count }) => `Ended as ${inWords(kind)}: ${count}`),
      ...names.map((name) => `${inWords(name.replaceAll("-", "_"))}: ${countIn(counts, name)}`),
      `Model: ${spent.turns} turns, ${spent.usd.toFixed(2)} USD${spent.unpriced === 0 ? "" : `, the price of ${spent.unpriced} is not known`}`,
    ].join("\n");
  },
});

/** All of them; each changes nothing. */
export const READ_TOOLS = [LIST_WAITING, READ_CASE, SEARCH_HELP, EXPLAIN_DECISION, REPORT];
