/** `evals -- replies`: judges a file of labelled replies and prints the figures. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ReaderOptions, runCommand, type Telling, withReader } from "#evals/command-line.ts";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
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

interface Options extends ReaderOptions {
  readonly file: string;
  readonly json: boolean;
}

/** What the command needs from its process. */
export interface RepliesPorts extends Telling {
  readonly judge: Judge;
  /**
   * The judge that also asks a model: the configured one, or with a folder the answers recorded there. Throws
   * `input.invalid` where there is neither.
   */
  readonly verifyingJudge: (answers: string | undefined) => Judge;
}

/** Returns the exit code: 0 when every reply was judged, 2 when options, file or pages are wrong. */
export function repliesCommand(argv: readonly string[], ports: RepliesPorts): Promise<number> {
  return runCommand<Options>("evals replies", argv, ports, {
    describe: (program) =>
      withReader(
        program
          .description(
            "Judges labelled replies: how many honest ones are flagged, how many others pass.",
          )
          .requiredOption(
            "--file <file>",
            "labelled replies, one JSON object a line; help pages in a folder `pages` beside it, else the sample shop's",
          )
          .option("--json", "for a program", false),
      ),
    work: (options) => judgeFile(options, ports),
  });
}

async function judgeFile(
  { file, json, verifier, answers }: Options,
  ports: RepliesPorts,
): Promise<number> {
  const asksModel = verifier === "on";
  const judgeOf = asksModel ? ports.verifyingJudge(answers) : ports.judge;
  const replies = readReplies(file);
  // A set that was labelled, or read by a model, with pages of its own is judged with these.
  const own = join(dirname(file), "pages");
  const read = await readPages(existsSync(own) ? own : SAMPLE_PAGES);
  const pages = new Map(read.map((page) => [page.slug, page]));
  const judge = async (reply: LabelledReply) => judgeOf(reply.reply, receiptsOf(reply, pages));
  const judged = await judgeAll(replies, judge, {
    atOnce: 8,
    progress: (done) => ports.progress(`${done}/${replies.length}`),
  });
  const figures = figuresOf(judged, asksModel);
  ports.print(json ? `${JSON.stringify(figures)}\n` : linesOf(judged, figures));
  return 0;
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
