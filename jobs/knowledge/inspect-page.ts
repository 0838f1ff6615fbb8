/** Finds instructions to the bot in a help page, in its text and in what is hidden on it. */
import type { PageInspector } from "#core/contracts/knowledge.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { inspectOne } from "#guard/input/one-text.ts";
import { excerpt } from "#core/values/words.ts";

/** What only a program reads, and that speaks to one. On a page people read, the same words are about a product. */
const TO_A_PROGRAM =
  /\b(?:ai|llm|chat ?bots?|assistants?|language models?|ai agents?|system prompt|prompts?)\b[\s\S]{0,200}\b(?:ignore|disregard|forget|must|always|never|instead|reply|respond|answer|tell|say|recommend|send|refund)\b|\b(?:ignore|disregard|forget|override)\b[\s\S]{0,60}\b(?:instructions?|rules?|prompt|above|previous)\b/i;

/** Hidden text that is longer is data, of which the beginning says enough. */
const HIDDEN_MAX = 60_000;
const REASON_MAX = 300;

/**
 * An inspector by the rules of the guard. Hidden text is judged more strictly than text people see: no writer hides an
 * instruction to a bot by mistake.
 */
export function pageInspector(): PageInspector {
  const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  return ({ title, text, hidden = "" }) => {
    const shown = guard.inspectText(`${title}\n${text}`, "its text");
    if (shown.verdict === "block") return excerpt(shown.reasons.join("; "), REASON_MAX);
    const unseen = hidden.slice(0, HIDDEN_MAX);
    const concealed = inspectOne(guard, unseen, "hidden");
    if (concealed.verdict === "block") return excerpt(concealed.reasons.join("; "), REASON_MAX);
    const spoken = TO_A_PROGRAM.exec(unseen)?.[0];
    return spoken === undefined
      ? null
      : excerpt(`its hidden text speaks to a program: "${spoken}"`, REASON_MAX);
  };
}
