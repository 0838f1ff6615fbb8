/** Says at which step of a turn a case first went wrong, from what its graders object to. */
import type { PlayedRecord } from "#evals/runs/record.ts";

/** The steps of a turn in order, with the graders that watch each. */
const STEPS = [
  { graders: ["tools"], step: "looking things up" },
  { graders: ["actions"], step: "proposing a change" },
  { graders: ["effects", "shop_did", "told_as_done"], step: "carrying out what was approved" },
  { graders: ["strangers"], step: "telling only what this customer may know" },
  { graders: ["must_include", "must_not_include", "receipts"], step: "writing the answer" },
  { graders: ["outcome"], step: "ending the conversation" },
] as const;

/** One sentence; the earliest step an objection is about. A record without objections has none. */
export function firstWrongStep({ problems, seen }: PlayedRecord): string {
  const found = STEPS.flatMap(({ graders, step }) => {
    const problem = problems.find(({ grader }) => graders.some((name) => name === grader));
    return problem === undefined ? [] : [{ step, reason: problem.reason }];
  })[0];
  const first = found ?? { step: "a check of this case", reason: problems[0]?.reason ?? "" };
  const calls = seen.calls.map(({ tool }) => tool).filter((tool) => tool !== "reply");
  return `${first.step}: ${first.reason}. Calls before: ${calls.join(", ") || "none"}.`;
}
