/** The command that lists what the help pages lack, and drafts a page about it. */
import type { Command } from "commander";
import { z } from "zod";
import { vectorsBy } from "#jobs/gaps/group-questions.ts";
import { type GapGroup, gapGroups, pageDraft, solvedGroups } from "#jobs/gaps/list-gaps.ts";
import type { KnowledgeShelf } from "#cli/knowledge-commands.ts";
import type { Store } from "#store/db/database.ts";

const DAYS = 30;
const Options = z.object({
  days: z.coerce.number().int().min(1).max(3_650).default(DAYS),
  draft: z.coerce.number().int().min(1).optional(),
  solved: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** A page with this chance answers the question: a proposal for it would be a second page. */
const ANSWERED_MIN = 0.5;
const SEARCH_MS = 30_000;

/** Groups that a command prints; the JSON has all of them. */
const GROUPS_SHOWN = 20;

/** Adds `gaps`. */
export function addKnowledgeGaps(
  knowledge: Command,
  open: () => Promise<KnowledgeShelf>,
  print: (text: string) => void,
): void {
  knowledge
    .command("gaps")
    .description(
      "lists questions that no page answered, whose answer a teammate corrected, or that came back",
    )
    .option("--days <days>", "questions of the last days (30)")
    .option("--draft <number>", "prints a page about this group, from the teammates' answers")
    .option("--solved", "questions of solved conversations that teammates answered, and no page")
    .option("--json", "for a program: an array of groups")
    .action(async (typed: unknown) => {
      const options = Options.safeParse(typed);
      if (!options.success)
        throw new Error("--days takes a number of days, and --draft the number of a group");
      const { days, draft, solved, json } = options.data;
      const { store, clock, knowledge: pages } = await open();
      const vectors = vectorsBy((text, signal) => pages.vectorOf(text, signal));
      const asked = { now: clock.now(), days, vectors };
      const isAnswered = async (question: string): Promise<boolean> => {
        const found = await pages.search(question, 1, AbortSignal.timeout(SEARCH_MS));
        return found.some(({ score }) => score >= ANSWERED_MIN);
      };
      const groups = solved
        ? await solvedGroups(store, { ...asked, isAnswered })
        : await gapGroups(store, asked);
      if (draft !== undefined) print(await drafted(store, groups, draft));
      else if (json) print(JSON.stringify(groups.map(forPrograms), null, 2));
      else print(gapTable(groups, days, solved ? " --solved" : ""));
    });
}

async function drafted(store: Store, groups: readonly GapGroup[], id: number): Promise<string> {
  const group = groups.find(({ gaps }) => gaps.some((gap) => gap.id === id));
  if (group === undefined)
    throw new Error(`there is no gap ${id}; deskhand knowledge gaps lists all`);
  const { title, text } = await pageDraft(store, group);
  return `# ${title}\n\n${text}`.trimEnd();
}

function forPrograms({ gaps, ...group }: GapGroup) {
  return {
    ...group,
    conversations: [...new Set(gaps.map(({ conversationId }) => conversationId))],
  };
}

function gapTable(groups: readonly GapGroup[], days: number, which: string): string {
  if (groups.length === 0) return `No question of the last ${days} days shows a gap.`;
  const asked = groups.reduce((total, { count }) => total + count, 0);
  const shown = groups.slice(0, GROUPS_SHOWN).map(groupLines);
  const more = groups.length - shown.length;
  return [
    `${asked} ${asked === 1 ? "question" : "questions"} of the last ${days} days:`,
    ...shown,
    ...(more > 0 ? [`and ${more} more groups: --json lists all`] : []),
    `A page about one of them: deskhand knowledge gaps${which} --draft NUMBER`,
  ].join("\n");
}

function groupLines({ id, count, title, example, reasons, channels, pages }: GapGroup): string {
  const why = [
    ...(reasons.unanswered > 0 ? [`${reasons.unanswered} without an answer`] : []),
    ...(reasons.corrected > 0 ? [`${reasons.corrected} corrected`] : []),
    ...(reasons.reopened > 0 ? [`${reasons.reopened} reopened`] : []),
  ].join(", ");
  return [
    `${count} × ${title} (number ${id})`,
    `   ${why} · ${channels.join(", ")}`,
    `   “${example}”`,
    ...(pages.length === 0 ? [] : [`   cited: ${pages.join(", ")}`]),
  ].join("\n");
}
