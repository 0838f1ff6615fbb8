/** Customers who talk on: by a script, or by a language model with a goal, known facts and a temper. */
import { z } from "zod";
import type { JsonObject } from "#core/values/canonical-json.ts";
import type { Model, ModelMessage } from "#core/contracts/model.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { EvalCase, InputMessage, SaidIf, TalkingCustomer } from "#evals/case.ts";
import type { Observed } from "./observation.ts";

/** What is known of one turn, once it is done. */
export type TurnSeen = Pick<Observed, "outcome" | "text" | "calls" | "actions"> & {
  readonly topic: string | null;
};

/** A customer in the middle of a talk. */
export interface Customer {
  /** What they write after these turns, oldest first; null when they leave it at that. */
  next(turns: readonly TurnSeen[]): Promise<readonly InputMessage[] | null>;
}

/** The customer of a case. One with a goal is played by the model where there is one, any other by the script. */
export function customerOf(evalCase: EvalCase, model: Model | null): Customer {
  const { customer } = evalCase;
  if (customer === undefined) return { next: async () => null };
  return model === null || customer.goal === undefined
    ? scripted(customer)
    : played(model, evalCase, customer);
}

function scripted({ script }: TalkingCustomer): Customer {
  const left = [...script];
  return {
    async next(turns) {
      const last = turns.at(-1);
      if (last === undefined) return null;
      const index = left.findIndex((step) => holds(step.if, last));
      return index < 0 ? null : (left.splice(index, 1)[0]?.says ?? null);
    },
  };
}

/** True when all that is named is so; nothing named holds always. */
function holds(condition: SaidIf, turn: TurnSeen): boolean {
  const { outcome, topic, called, proposed, denied } = condition;
  return (
    (outcome === undefined || outcome.some((one) => one === turn.outcome)) &&
    (topic === undefined || topic === turn.topic) &&
    (called === undefined || turn.calls.some(({ tool }) => tool === called)) &&
    (proposed === undefined ||
      turn.actions.some(({ planned }) => planned.action.operation === proposed)) &&
    (denied === undefined ||
      turn.actions.some(
        ({ planned, decision }) =>
          planned.action.operation === denied && decision.verdict === "deny",
      ))
  );
}

const OUTPUT_TOKENS_MAX = 400;
const TALK_MS = 60_000;

const Said = z.strictObject({ says: z.string(), done: z.boolean() });

const SAID: JsonObject = {
  type: "object",
  additionalProperties: false,
  required: ["says", "done"],
  properties: {
    says: { type: "string", description: "Your next message, in your own language." },
    done: { type: "boolean", description: "True when you write no more; `says` is then empty." },
  },
};

/** Asks the model once for each message. Throws `model.invalid_answer` for anything but the one form it may have. */
function played(model: Model, evalCase: EvalCase, customer: TalkingCustomer): Customer {
  const said: string[] = [evalCase.input.map(({ text }) => text).join("\n")];
  return {
    async next(turns) {
      const talk = said.flatMap((text, index): readonly ModelMessage[] => [
        { role: "assistant", content: JSON.stringify({ says: text, done: false }), toolCalls: [] },
        { role: "user", content: turns[index]?.text || "(no answer yet)" },
      ]);
      const answer = await model.complete({
        messages: [{ role: "system", content: instructionsFor(customer) }, ...talk],
        tools: [],
        outputTokensMax: OUTPUT_TOKENS_MAX,
        answer: { name: "customer_says", schema: SAID },
        signal: AbortSignal.timeout(TALK_MS),
      });
      const { says, done } = readAnswer(answer.text);
      if (done || says.trim() === "") return null;
      said.push(says);
      return [{ text: says }];
    },
  };
}

function readAnswer(text: string): z.infer<typeof Said> {
  try {
    return Said.parse(JSON.parse(text));
  } catch (cause) {
    throw new DeskhandError(
      "model.invalid_answer",
      "the simulated customer's answer has another form than asked for",
      { cause },
    );
  }
}

function instructionsFor({ goal = "", knows, temper = "polite" }: TalkingCustomer): string {
  return [
    "You play a customer who writes to a shop's support. The user's messages are the shop's answers.",
    `What you want: ${goal}`,
    `Your temper: ${temper}. Write as such a person types, in one to three sentences, never as an assistant.`,
    "You know only the following. Say a fact when you are asked for it; of anything else say that you do not know.",
    ...knows.map((fact) => `- ${fact}`),
    "You are done when you have what you want, when you are told that a person will take over, or when it is refused twice.",
  ].join("\n");
}
