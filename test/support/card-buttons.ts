/** The buttons of a card in Slack, by the words people read on them. */
import assert from "node:assert/strict";
import { z } from "zod";
import { buttonsOf, shownText, type SlackMessage } from "./slack.ts";

/** The labels of a card's buttons, in order. */
export function labelsOf(card: SlackMessage): readonly string[] {
  return buttonsOf(card).map((button) => Label.parse(button).text.text);
}

const Label = z.looseObject({ text: z.looseObject({ text: z.string() }) });

/** Finds a button by its label, as a person does. */
export function actionOf(card: SlackMessage, label: string): string {
  const found = buttonsOf(card).find((button) => Label.parse(button).text.text === label);
  assert.ok(found?.action_id, `there is no button “${label}” on the card:\n${shownText(card)}`);
  return found.action_id;
}
