/** Translates request and draft into the team's language for the card. */

import { ReplyArguments } from "#core/values/action.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { TurnContext } from "#jobs/conversation/turn-context.ts";
import type { Bundle } from "./compose-proposal.ts";

/** What a card says in the team's language, and the turn's result including the cost of the translation. */
export interface TeamTranslation {
  readonly result: TurnResult;
  readonly translation: Card["translation"];
  /** Why a wanted translation is missing, as a sentence; null otherwise. */
  readonly untranslated: string | null;
}

const NAMES = new Intl.DisplayNames("en", { type: "language" });

/**
 * Translates request and draft when people have to decide and the customer's language is none of the team's. Notices
 * and automatic answers are not worth a model call.
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
  const from = languageName(language);
  const into = languageName(own);
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

/** The English name of a language; a code without a name stays a code. */
function languageName(language: string): string {
  return NAMES.of(language) ?? language;
}
