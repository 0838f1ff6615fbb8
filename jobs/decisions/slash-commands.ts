/** Slash commands of the desk: find, ask, pause, resume, help. */

import type { DeskAnswer, DeskCommand, TraceSections } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { daysBefore } from "#core/values/moment.ts";
import { formatMoney, formattedSums } from "#core/values/money.ts";
import type { Role } from "#core/values/vocabulary.ts";
import {
  findConversations,
  knownAbout,
  knownAboutConversation,
  type KnownMatters,
} from "#store/approvals/desk-lists.ts";
import { rememberAnswer, rememberedAnswer } from "#store/approvals/click-answers.ts";
import { findPrinted, severalNamed } from "#store/lookup/search.ts";
import { nameText, personNames } from "#store/people/person-names.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import { inFlightEffectLines } from "#jobs/effects/give-up.ts";
import { type JobContext, teamMoment } from "#jobs/context/job-context.ts";
import { pauseInWords, scopeCalled, scopesInWords, setPause } from "#jobs/context/pause.ts";
import { oneLine } from "#core/values/words.ts";

/** About as long as texts are kept, and the refunds that matter for a decision. */
const LOOK_BACK_DAYS = 90;
const HITS_MAX = 8;
const WORDS_MAX = 6;
const LINES_MAX = 10;
const REASON_MAX = 150;

const HELP: readonly string[] = [
  "find WORDS, an address or an order: conversations with all of these words",
  "ask CUSTOMER, TICKET or any id shown: what the records say about conversations, open cards, refunds",
  "pause, or pause chat, or pause refunds, and a reason: nothing of it goes to customers and the shop any more",
  "resume, or resume chat, or resume refunds: goes on; for leads",
  "help: this",
];

type CommandContext = Pick<
  JobContext,
  "store" | "clock" | "policy" | "guard" | "pseudonym" | "cardLink"
>;

/** Runs a typed command. A person without a role in the policy learns nothing and changes nothing. */
export async function runSlashCommand(
  context: CommandContext,
  command: DeskCommand,
): Promise<TraceSections> {
  const { role, name, voter } = pressingVoter(context, command.teammate);
  if (role === null)
    return commandReply("Not for you", [
      "Only people with a role in Deskhand's policy can use this. Ask a lead for one.",
    ]);
  const [verb = "", ...rest] = command.words.split(/\s+/).filter((word) => word !== "");
  switch (verb.toLowerCase()) {
    case "":
    case "help":
      return commandReply("What can be typed", HELP);
    case "find":
      return find(context, rest);
    case "ask":
      return answerAsk(context, rest.join(" "));
    case "pause":
      return pauseByCommand(context, command, rest, { paused: true, role, name, voter });
    case "resume":
      return pauseByCommand(context, command, rest, { paused: false, role, name, voter });
    default:
      return commandReply(`There is no “${verb.slice(0, 40)}”`, HELP);
  }
}

function commandReply(heading: string, lines: readonly string[]): TraceSections {
  return { sections: [{ heading, lines }] };
}

async function find(context: CommandContext, words: readonly string[]): Promise<TraceSections> {
  if (words.length === 0) return commandReply("Find what?", ["For example: find 789 headphones"]);
  // People write “#789”, and the message may say “order 789”.
  const looked = words.slice(0, WORDS_MAX).map((word) => word.replace(/^#(?=\d)/, ""));
  const hits = await context.store.run((transaction) =>
    findConversations(transaction, looked, {
      since: daysBefore(context.clock.now(), LOOK_BACK_DAYS),
      limit: HITS_MAX + 1,
    }),
  );
  const heading =
    hits.length === 0
      ? "Nothing found"
      : hits.length > HITS_MAX
        ? `The ${HITS_MAX} newest conversations`
        : `${hits.length} conversation${hits.length === 1 ? "" : "s"}`;
  if (hits.length === 0)
    return commandReply(heading, [
      `No message of the last ${LOOK_BACK_DAYS} days has all of: ${looked.join(", ")}`,
    ]);
  return {
    sections: [
      { heading, lines: [] },
      ...hits
        .slice(0, HITS_MAX)
        .map(({ id, channel, subject, owner, name, author, excerpt, at }) => ({
          heading: "",
          lines: [
            `${channel} · ${teamMoment(context, at)} · ${withWhom(owner)} · ${id}`,
            `${name === null || name === "" ? author : name}${subject === "" ? "" : ` · ${subject}`}`,
            `“${context.guard.mask(oneLine(excerpt ?? ""))}”`,
          ],
        })),
    ],
  };
}

async function answerAsk(context: CommandContext, typed: string): Promise<TraceSections> {
  if (typed === "")
    return commandReply("Ask about whom?", [
      "An address, customer:u123, a Slack user's id, a ticket such as #12, or any id that a card or list shows.",
    ]);
  const since = daysBefore(context.clock.now(), LOOK_BACK_DAYS);
  const known = await context.store.run(async (transaction) => {
    const printed = await findPrinted(transaction, typed);
    if (printed.found === "many") return severalNamed(typed, printed.records);
    if (printed.found === "none") return knownAbout(transaction, namesTyped(typed), since);
    const { conversationId, id, kind } = printed.record;
    if (conversationId !== null) return knownAboutConversation(transaction, conversationId, since);
    const what = kind === "procedure" ? "version of a procedure" : "change of the policy";
    return `${id} is a ${what}: ${context.cardLink(id)}`;
  });
  if (typeof known === "string") return commandReply(typed.slice(0, 60), [known]);
  const { conversations, openCards, refunds } = known;
  if (conversations.length === 0 && openCards.length === 0 && refunds.length === 0)
    return commandReply("Nothing is known", [
      `No conversation, card or customer is known here as: ${typed.slice(0, 100)}`,
    ]);
  return { sections: [...nameSection(known), ...matterSections(context, known)] };
}

function namesTyped(typed: string) {
  try {
    return personNames(typed);
  } catch (error) {
    if (error instanceof DeskhandError && error.code === "input.invalid") return [];
    throw error;
  }
}

function nameSection({ names, called }: KnownMatters): TraceSections["sections"] {
  if (names.length === 0) return [];
  const known = [...new Set([...called, ...names.map(nameText)])].slice(0, LINES_MAX);
  return [{ heading: "Known as", lines: [known.join(" · ")] }];
}

function matterSections(
  context: CommandContext,
  { conversations, openCards, refunds }: KnownMatters,
): TraceSections["sections"] {
  const open = conversations.filter(({ isSolved }) => !isSolved);
  const sums = formattedSums(refunds.map(({ amount }) => amount));
  return [
    {
      heading: `Conversations: ${conversations.length}, of which ${open.length} not solved`,
      lines: cappedLines(
        conversations.map(({ id, channel, subject, owner, isSolved, updatedAt }) =>
          [
            channel,
            subject,
            isSolved ? "solved" : withWhom(owner),
            teamMoment(context, updatedAt),
            id,
          ]
            .filter((part) => part !== "")
            .join(" · "),
        ),
      ),
    },
    {
      heading: `Open cards: ${openCards.length}`,
      lines: cappedLines(openCards.map(({ card }) => card.headline)),
    },
    {
      heading: `Refunds in ${LOOK_BACK_DAYS} days: ${refunds.length}${sums.length === 0 ? "" : `, ${sums.join(" and ")}`}`,
      lines: cappedLines(
        refunds.map(({ orderId, amount, approvedBy, at }) =>
          [
            at === null ? "" : teamMoment(context, at),
            orderId === null ? "" : `order ${orderId}`,
            amount === null ? "" : formatMoney(amount),
            `by ${approvedBy}`,
          ]
            .filter((part) => part !== "")
            .join(" · "),
        ),
      ),
    },
  ];
}

interface PauseCommand {
  readonly paused: boolean;
  readonly role: Role;
  readonly name: string;
  readonly voter: string;
}

/** Any teammate with a role may pause; only a lead may resume. The same command delivered again changes nothing. */
async function pauseByCommand(
  context: CommandContext,
  { commandId }: DeskCommand,
  words: readonly string[],
  { paused, role, name, voter }: PauseCommand,
): Promise<TraceSections> {
  if (!paused && role !== "lead")
    return commandReply("Not resumed", ["Only a lead can let things go on. Nothing was changed."]);
  const [word = "all", ...why] = words;
  const scope = scopeCalled(word, context.policy);
  if (scope === null)
    return commandReply(paused ? "Not paused" : "Not resumed", [
      `There is no “${word.slice(0, 40)}” here. Nothing was changed.`,
      scopesInWords(context.policy),
      ...(paused ? ["To stop everything at once: pause all, and a reason"] : []),
    ]);
  const reason = why.join(" ").slice(0, REASON_MAX);
  const now = context.clock.now();
  const { words: said, begun } = await context.store.run(async (transaction) => {
    const before = await rememberedAnswer(transaction, commandId);
    if (before !== null) return { words: before.message, begun: [] };
    const after = await setPause(
      transaction,
      {
        scope,
        paused,
        by: reason === "" ? name : `${name}: ${reason}`,
        auditedAs: await context.pseudonym(transaction, voter),
      },
      now,
    );
    const message = pauseInWords(after) || "Running.";
    const answer: DeskAnswer = { accepted: true, message, fieldErrors: {} };
    await rememberAnswer(transaction, { decisionId: commandId, approvalId: "pause" }, answer, now);
    return { words: message, begun: paused ? await inFlightEffectLines(transaction) : [] };
  });
  return {
    sections: [
      { heading: said, lines: [] },
      ...(begun.length === 0
        ? []
        : [{ heading: "Begun before, and not stopped by this", lines: cappedLines(begun) }]),
    ],
  };
}

function withWhom(owner: string): string {
  return owner === "human" ? "with people" : "with Deskhand";
}

function cappedLines(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES_MAX) return lines;
  return [...lines.slice(0, LINES_MAX), `… and ${lines.length - LINES_MAX} more`];
}
