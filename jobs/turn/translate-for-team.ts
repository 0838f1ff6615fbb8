import { ReplyArguments } from "#core/values/action.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { TurnContext } from "./plan-approval.ts";
import type { Bundle } from "./compose-proposal.ts";

/** What a card says in the team's own language, and the turn with what that took. */
export interface TeamTranslation {
  readonly result: TurnResult;
  readonly translation: Card["translation"];
  /** In a sentence, why there is no translation where one is wanted; null otherwise. */
  readonly untranslated: string | null;
}

const NAMES = new Intl.DisplayNames("en", { type: "language" });

/**
 * Translates what was asked and the draft when people have to decide and the customer writes in a language that is none
 * of the team's. What is only shown, and what nobody has to look at, is not worth a question to the model.
 */
export async function translateForTeam(
  { context, unread, startedAt }: TurnContext,
  turn: { readonly result: TurnResult; readonly bundle: Bundle; readonly lost: AbortSignal },
): Promise<TeamTranslation> {
  const { result, bundle, lost } = turn;
  const untouched = { result, translation: null, untranslated: null };
  const [own] = context.policy.teamLanguages;
  const language = context.guard.languageOf(unread);
  if (own === undefined || language === null || bundle.verdict !== "ask") return untouched;
  if (context.policy.teamLanguages.includes(language)) return untouched;
  const [reply] = bundle.replies;
  const from = nameOf(language);
  const into = nameOf(own);
  const words = {
    asked: unread.map(({ text }) => context.guard.mask(text)).join("\n\n"),
    draft: reply === undefined ? "" : ReplyArguments.parse(reply.action.arguments).text,
    from,
    into,
    startedAt,
    signal: lost,
  };
  const told = await context.agent.translate(words, result);
  if ("missing" in told.words)
    return {
      result: told.result,
      translation: null,
      untranslated: `Written in ${from}; ${told.words.missing}`,
    };
  const translation = { into, by: context.agent.modelName, ...told.words };
  return { result: told.result, translation, untranslated: null };
}

/** Its name in English; a code that has none stays a code. */
function nameOf(language: string): string {
  return NAMES.of(language) ?? language;
}
