/** The command `evals delicate`: how many messages are found to be delicate or angry, by what a labelled file says of them. */
import { type Output, runCommand } from "#evals/command-line.ts";
import { isAngryText, readTopic, type Weighing, wholeText } from "#guard/input/delicate.ts";
import { type DelicateText, delicateTexts } from "./texts.ts";

/** What was made of the messages of one topic. */
interface DelicateRow {
  readonly topic: DelicateText["topic"];
  readonly of: number;
  /** Taken as delicate, and as this very topic. */
  readonly delicate: number;
  readonly right: number;
  readonly angry: number;
}

/** A message with what was read in it. */
interface JudgedMessage extends Pick<DelicateText, "topic"> {
  readonly read: string | null;
  readonly isAngry: boolean;
}

/** What weights read in each; those of this version where no others are given. */
export function judgedMessages(
  texts: readonly Omit<DelicateText, "lang">[],
  weighing?: Weighing,
): readonly JudgedMessage[] {
  return texts.map((message) => ({
    topic: message.topic,
    read: readTopic(message, weighing)?.topic ?? null,
    isAngry: isAngryText(wholeText(message), weighing),
  }));
}

/** A row for each topic, in the order in which topics come first. */
export function delicateRows(judged: readonly JudgedMessage[]): readonly DelicateRow[] {
  return [...Map.groupBy(judged, ({ topic }) => topic)].map(([topic, messages]) => ({
    topic,
    of: messages.length,
    delicate: messages.filter(({ read }) => read !== null).length,
    right: messages.filter(({ read }) => read === topic).length,
    angry: messages.filter(({ isAngry }) => isAngry).length,
  }));
}

/** The rows as a table, with all delicate topics together. */
export function delicateTable(judged: readonly JudgedMessage[]): string {
  const isDelicate = ({ topic }: JudgedMessage): boolean => topic !== "calm" && topic !== "angry";
  const together = delicateRows(judged.filter(isDelicate)).reduce(
    (sum, row) => ({
      of: sum.of + row.of,
      delicate: sum.delicate + row.delicate,
      right: sum.right + row.right,
      angry: sum.angry + row.angry,
    }),
    { of: 0, delicate: 0, right: 0, angry: 0 },
  );
  return [
    "| messages | of | taken as delicate | as this topic | as angry |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...[...delicateRows(judged), { topic: "all topics", ...together }].map(
      ({ topic, of, delicate, right, angry }) =>
        `| ${topic} | ${of} | ${delicate} | ${right} | ${angry} |`,
    ),
    "",
  ].join("\n");
}

/** Judges the messages of a file and prints the table. Returns the exit code; 2 when options or file are wrong. */
export function delicateCommand(argv: readonly string[], output: Output): Promise<number> {
  return runCommand<{ readonly file: string }>("evals delicate", argv, output, {
    describe: (program) =>
      program
        .description("How many messages are found to be delicate or angry.")
        .requiredOption("--file <file>", 'lines of {"topic", "lang", "subject", "text"}'),
    work({ file }) {
      output.print(delicateTable(judgedMessages(delicateTexts(file))));
      return 0;
    },
  });
}
