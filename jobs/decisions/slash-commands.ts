/** Slash commands of the desk: find, pause, resume, help. */

import type { DeskAnswer, DeskCommand, TraceSections } from "#core/contracts/approval-desk.ts";
import { quotedExcerpt } from "#core/values/card-text.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { rememberAnswer, rememberedAnswer } from "#store/approvals/claims.ts";
import { messagesWith, searchTerms } from "#store/lookup/search.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import { inFlightEffectLines } from "#jobs/effects/give-up.ts";
import { type JobContext, teamMoment } from "#jobs/context/job-context.ts";
import { pauseInWords, scopeCalled, scopesInWords, setPause } from "#store/effects/pause.ts";

const HITS_MAX = 8;
const EXCERPT_MAX = 160;
const LINES_MAX = 10;
const REASON_MAX = 150;

const HELP: readonly string[] = [
  "find WORDS, an address or an order: conversations with all of these words; the last one may be unfinished",
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
      return find(context, rest.join(" "));
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

/** What the console's search finds first: a conversation once, by its newest message with these words. */
async function find(context: CommandContext, typed: string): Promise<TraceSections> {
  const terms = searchTerms(typed);
  if (terms === null) return commandReply("Find what?", ["For example: find 789 headphones"]);
  const messages = await context.store.run(messagesWith, terms, null);
  const found = [...Map.groupBy(messages, ({ conversationId }) => conversationId).values()];
  if (found.length === 0)
    return commandReply("Nothing found", [`No message has all of: ${typed.slice(0, 100)}`]);
  const count = `${found.length} conversation${found.length === 1 ? "" : "s"}`;
  const heading = found.length > HITS_MAX ? `The ${HITS_MAX} newest conversations` : count;
  const mask = (text: string): string => context.guard.mask(text);
  return {
    sections: [
      { heading, lines: [] },
      ...found.slice(0, HITS_MAX).flatMap(([newest]) => {
        if (newest === undefined) return [];
        const { channel, at, owner, conversationId, subject, message } = newest;
        const who = message.author.name || message.author.id;
        const lines = [
          `${channel} · ${teamMoment(context, at)} · ${owner === "human" ? "with people" : "with Deskhand"} · ${context.cardLink(conversationId)}`,
          mask(`${who}${subject === "" ? "" : ` · ${subject}`}`),
          quotedExcerpt(mask(message.text), EXCERPT_MAX),
        ];
        return [{ heading: "", lines }];
      }),
    ],
  };
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

function cappedLines(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES_MAX) return lines;
  return [...lines.slice(0, LINES_MAX), `… and ${lines.length - LINES_MAX} more`];
}
