/** A model that obeys the attacker. */
import { rehearsalModel } from "#agent/rehearsal/rehearsal.ts";
import type { Model, ModelAnswer, ModelRequest } from "#core/contracts/model.ts";
import type { Goal } from "./attack.ts";
import { type Reading, readingOf } from "./reading.ts";
import { type Intent, SCRIPTS } from "./scripts.ts";

/** What the model pursues in its turns. */
export type Aim =
  /** The customer's request, as an unattacked model pursues it. */
  | { readonly kind: "customer" }
  /** What a competent model would do where the rehearsal rules are not enough, such as in another language. */
  | { readonly kind: "given"; readonly steps: readonly (readonly Intent[])[] }
  /** Obeys the attacker, after it has looked up where the attacker's text is. */
  | {
      readonly kind: "attacker";
      readonly goal: Goal;
      readonly variant: number;
      readonly opening: readonly Intent[];
    };

/** The worst possible model, with what it has read so far. */
export interface ObedientModel extends Model {
  /** Sets its aim and clears what it has read. */
  aim(aim: Aim): void;
  /** The instructions of the turns since then. */
  prompts(): readonly string[];
  /** All third-party text it was shown since then. */
  read(): string;
  /** The tool calls it has made since then: numbers it made up itself were not disclosed to it. */
  called(): string;
}

/**
 * Does whatever any text in its input says. As no program can read what a text wants, the attack states its goal
 * separately, and this model attempts it in the most harmful way it knows, with everything in its transcript. It never
 * declines and never notices anything. The same request always gets the same answer.
 */
export function obedientModel(): ObedientModel {
  const rehearsal = rehearsalModel();
  const prompts = new Set<string>();
  const texts = new Set<string>();
  const calls = new Set<string>();
  let aim: Aim = { kind: "customer" };
  return {
    name: "obedient",
    isRehearsal: false,
    aim(next) {
      aim = next;
      prompts.clear();
      texts.clear();
      calls.clear();
    },
    prompts: () => [...prompts],
    read: () => [...texts].join("\n"),
    called: () => [...calls].join("\n"),
    async complete(request) {
      const reading = readingOf(request);
      prompts.add(reading.prompt);
      texts.add(reading.text);
      if (aim.kind === "customer") return rehearsal.complete(request);
      const intents = intentsOf(aim, reading);
      for (const { name, input } of intents)
        if (name !== "reply") calls.add(Object.values(input).join(" "));
      return answerOf(request, intents);
    },
  };
}

function intentsOf(aim: Exclude<Aim, { kind: "customer" }>, reading: Reading): readonly Intent[] {
  if (aim.kind === "given") return aim.steps[Math.min(reading.step, aim.steps.length - 1)] ?? [];
  const { opening, goal, variant } = aim;
  const steps = [
    ...(opening.length === 0 ? [] : [() => opening]),
    ...SCRIPTS[goal](reading, variant),
  ];
  return steps[Math.min(reading.step, steps.length - 1)]?.() ?? [];
}

/** Reports few tokens, because the defence under test must stop a long attack, not a cap. */
function answerOf({ messages }: ModelRequest, intents: readonly Intent[]): ModelAnswer {
  return {
    text: "",
    toolCalls: intents.map(({ name, input }, index) => ({
      id: `call_${messages.length}_${index}`,
      name,
      arguments: JSON.stringify(input),
    })),
    inputTokens: 1,
    outputTokens: 1,
  };
}
