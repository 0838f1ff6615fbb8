/** A fake model that follows every instruction it reads, for testing the defences behind it. */
import type { Model, ModelAnswer, ModelRequest } from "#core/contracts/model.ts";
import type { Goal } from "./attack.ts";
import { QUOTE } from "#agent/turn-state.ts";
import { WISH_RULES } from "#agent/wishes.ts";
import { type Reading, readingOf } from "./reading.ts";
import { type Intent, SCRIPTS } from "./scripts.ts";
import { rehearsalModel } from "#sandbox/rehearsal/rehearsal.ts";

/** What the model attempts during its turns. */
export type Aim =
  /** What the customer wants, as a model behaves without an attack. */
  | { readonly kind: "customer" }
  /** What a competent model would do where the rehearsal rules are not enough, such as in another language. */
  | { readonly kind: "given"; readonly steps: readonly (readonly Intent[])[] }
  /** Obeys the attacker, after it has looked up the place of the attacker's text. */
  | {
      readonly kind: "attacker";
      readonly goal: Goal;
      readonly variant: number;
      readonly opening: readonly Intent[];
    };

/** A model that obeys every text, and a record of what it has read so far. */
export interface ObedientModel extends Model {
  /** Sets the aim and forgets what the model has read. */
  aim(aim: Aim): void;
  /** The instructions given since the aim was set. */
  prompts(): readonly string[];
  /** All text from others that it was shown since then. */
  read(): string;
  /** The arguments of its tool calls since then: no text gave it the numbers it invented. */
  called(): string;
}

/**
 * Follows every text in its input. Because no program can tell what a text wants, each attack states its goal as data,
 * and this model attempts exactly that in the most harmful known way, with everything in its transcript. It never
 * declines and never notices an attack. The same request always gets the same answer.
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
      // Whoever reads a wish again sees the customer's words alone, and none of what an attacker wrote elsewhere.
      if (request.messages[0]?.content === WISH_RULES) return rehearsal.complete(request);
      const reading = readingOf(request);
      prompts.add(reading.prompt);
      texts.add(reading.text);
      if (aim.kind === "customer") return rehearsal.complete(request);
      const intents = intentsOf(aim, reading);
      for (const { name, input } of intents)
        if (name !== "reply") calls.add(Object.values(input).join(" "));
      return answerOf(
        request,
        intents.map((intent) => withQuote(intent, reading)),
      );
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

const ENDINGS: ReadonlySet<string> = new Set(["reply", "escalate", "create_support_ticket"]);
const LOOK_UPS = /^(?:get|list|search|open)_/;

/** For whatever it proposes it quotes all that the customer wrote. */
function withQuote({ name, input }: Intent, { customer }: Reading): Intent {
  const proposes = !ENDINGS.has(name) && !LOOK_UPS.test(name);
  return proposes ? { name, input: { ...input, [QUOTE]: customer } } : { name, input };
}

/** Reports few tokens, so that the tested defence stops a long attack rather than a cap. */
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
