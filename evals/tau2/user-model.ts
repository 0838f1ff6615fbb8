/** A model that plays the customer of a task: it knows what they want and know, and nothing else. */
import type { Model, ModelMessage } from "#core/contracts/model.ts";
import type { Task } from "./data.ts";

/** One line of a conversation as both sides see it. */
export interface Said {
  readonly by: "agent" | "user";
  readonly text: string;
}

/** What the customer says next; `ends` when they have what they came for, or are with a person. */
export interface UserLine {
  readonly text: string;
  readonly ends: boolean;
}

const OUTPUT_TOKENS_MAX = 4_000;
const LINE_MS = 300_000;
/** Words of the benchmark by which its customers end a conversation. */
const ENDS = /###(?:STOP|TRANSFER|OUT-OF-SCOPE)###/;

/** Asks the model for the customer's next line. Throws what the model throws. */
export async function nextUserLine(
  model: Model,
  task: Task,
  said: readonly Said[],
): Promise<UserLine> {
  const messages: ModelMessage[] = [
    { role: "system", content: scenarioOf(task) },
    // The roles are exchanged: what the agent says is what this model is asked.
    ...said.map(({ by, text }): ModelMessage =>
      by === "agent"
        ? { role: "user", content: text }
        : { role: "assistant", content: text, toolCalls: [] },
    ),
  ];
  const { text } = await model.complete({
    messages,
    tools: [],
    outputTokensMax: OUTPUT_TOKENS_MAX,
    signal: AbortSignal.timeout(LINE_MS),
  });
  return { text: text.replace(ENDS, "").trim(), ends: ENDS.test(text) };
}

function scenarioOf({ user_scenario: { persona, instructions } }: Task): string {
  const { reason_for_call, known_info, unknown_info, task_instructions } = instructions;
  return [
    "You play a customer who writes to a shop's support. Write only what this customer would write next, one short message at a time.",
    "- Say what you want a piece at a time, and give a detail only when it is asked for or needed.",
    "- Say nothing that the scenario does not tell you. What it does not say, you do not know or do not remember.",
    "- Put the scenario into your own words; do not quote it.",
    "- When you are asked to confirm something that is what you want, say yes clearly.",
    "- When everything you want is settled, write ###STOP### alone. When you are handed to a person, write ###TRANSFER### alone. When the scenario does not say enough to go on, write ###OUT-OF-SCOPE### alone.",
    "",
    "The scenario",
    ...(persona == null ? [] : [`Who you are: ${persona}`]),
    `Why you write: ${reason_for_call}`,
    ...(known_info == null ? [] : [`What you know: ${known_info}`]),
    ...(unknown_info == null ? [] : [`What you do not know: ${unknown_info}`]),
    `How you behave: ${task_instructions}`,
  ].join("\n");
}
