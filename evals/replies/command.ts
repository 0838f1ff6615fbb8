/** `evals -- replies`: judges a file of labelled replies and prints the figures. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command, Option } from "commander";
import { readPages } from "#knowledge/pages.ts";
import {
  figuresOf,
  isWrong,
  type Judge,
  judgeAll,
  type JudgedReply,
  type ReplyFigures,
} from "./measure.ts";
import { type LabelledReply, readReplies } from "./read.ts";
import { receiptsOf } from "./receipts.ts";
import { endedBy } from "#evals/not-run.ts";

/** The help pages of the sample shop, which the replies are about. */
const PAGES = join(import.meta.dirname, "..", "..", "src", "knowledge", "pages");

interface Options {
  readonly file: string;
  readonly json: boolean;
  readonly verifier: "on" | "off";
  readonly answers?: string;
}

/** What the command needs from its process. */
export interface RepliesPorts {
  readonly judge: Judge;
  /**
   * The judge that also asks a model: the configured one, or with a folder the answers recorded there. Throws
   * `input.invalid` where there is neither.
   */
  readonly verifyingJudge: (answers: string | undefined) => Judge;
  readonly print: (text: string) => void;
  /** For errors and help. */
  readonly tell: (text: string) => void;
  readonly progress: (line: string) => void;
}

/** Returns the exit code: 0 when every reply was judged, 2 when options, file or pages are wrong. */
export async function repliesCommand(
  argv: readonly string[],
  ports: RepliesPorts,
): Promise<number> {
  try {
    const { file, json, verifier, answers } = parse(argv, ports);
    const asksModel = verifier === "on";
    const judgeOf = asksModel ? ports.verifyingJudge(answers) : ports.judge;
    const replies = readReplies(file);
    // A set that was labelled, or read by a model, with pages of its own is judged with these.
    const own = join(dirname(file), "pages");
    const read = await readPages(existsSync(own) ? own : PAGES);
    const pages = new Map(read.map((page) => [page.slug, page]));
    const judge = async (reply: LabelledReply) => judgeOf(reply.reply, receiptsOf(reply, pages));
    const judged = await judgeAll(replies, judge, {
      atOnce: 8,
      progress: (done) => ports.progress(`${done}/${replies.length}`),
    });
    const figures = figuresOf(judged, asksModel);
    ports.print(json ? `${JSON.stringify(figures)}\n` : linesOf(judged, figures));
    return 0;
  } catch (error) {
    return endedBy(error, ports.tell);
  }
}

function parse(argv: readonly string[], { print, tell }: RepliesPorts): Options {
  return new Command("evals replies")
    .description("Judges labelled replies: how many honest ones are flagged, how many others pass.")
    .requiredOption(
      "--file <file>",
      "labelled replies, one JSON object a line; help pages in a folder `pages` beside it, else the sample shop's",
    )
    .addOption(
      new Option("--verifier <state>", "with on, the configured model reads every reply as well")
        .choices(["on", "off"])
        .default("off"),
    )
    .option(
      "--answers <folder>",
      "with the verifier on: answers recorded here, in place of a model; what has none is written here to be answered",
    )
    .option("--json", "for a program", false)
    .configureOutput({ writeOut: print, writeErr: tell })
    .exitOverride()
    .parse([...argv], { from: "user" })
    .opts<Options>();
}

function linesOf(
  judged: readonly JudgedReply[],
  { supported, unsupported, unverified, tokens }: ReplyFigures,
): string {
  return [
    ...judged
      .filter(isWrong)
      .map(({ reply, findings }) =>
        [
          `${reply.id} ${reply.kind}, ${findings.length === 0 ? "passed" : "flagged"}: ${reply.reply}`,
          ...findings.map(({ kind, words, reason }) => `    ${kind}: ${words} (${reason})`),
        ].join("\n"),
      ),
    `supported    ${supported.n} replies, ${supported.flagged} flagged (${share(supported.flagged, supported.n)}), ${supported.wait} wait to be read`,
    `unsupported  ${unsupported.n} replies, ${unsupported.missed} passed (${share(unsupported.missed, unsupported.n)}), ${unsupported.wait} wait to be read`,
    ...(unverified === undefined ? [] : [`unverified   ${unverified} replies`]),
    ...(tokens === undefined
      ? []
      : [`tokens       ${tokens.input} in and ${tokens.output} out a reply`]),
    "",
  ].join("\n");
}

function share(part: number, whole: number): string {
  return whole === 0 ? "none" : `${((part * 100) / whole).toFixed(1)} %`;
}
