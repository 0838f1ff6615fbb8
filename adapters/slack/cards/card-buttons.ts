/** The buttons of a card: the decision in one row, and everything else in the menu at its end. */

import type { types } from "@slack/bolt";
import type { Button, Card } from "#core/contracts/approval-desk.ts";
import {
  ACTION_PREFIX,
  buttonValue,
  MORE,
  optionValue,
  WHY,
} from "#slack/approvals/parse-interaction.ts";
import { cardButtons } from "#core/contracts/card-sections.ts";
import { BUTTON_LABELS } from "#core/values/card-text.ts";
import { button as buttonElement, plainText } from "#slack/api/blocks.ts";
import { clip, literal } from "#slack/api/text.ts";

/** A confirm dialog holds 300 characters, its buttons 30, a button 75, an option 75 (Block Kit reference). */
const CONFIRM_MAX = 300;
const CONFIRM_BUTTON_MAX = 30;
const BUTTON_MAX = 75;
/** A menu of this kind holds five options (Block Kit reference). */
const OPTIONS_MAX = 5;
/** A block id holds 255 characters. */
const BLOCK_ID_MAX = 255;

/** The block id that identifies this version of this card in the channel. */
export function cardMarker({ approvalId, version }: Card): string {
  return clip(`ap:${approvalId}:v${version}`, BLOCK_ID_MAX);
}

/** The row of buttons with its menu, which carries the card's marker; null for a card without buttons. */
export function buttonRow(card: Card): types.ActionsBlock | null {
  if (card.buttons.length === 0) return null;
  const { row, menu, hasWhy } = cardButtons(card);
  return {
    type: "actions",
    block_id: cardMarker(card),
    elements: [
      ...row.map((button) => cardButton(button, card)),
      ...overflowMenu(menu, hasWhy, card),
    ],
  };
}

function buttonLabel(button: Button, { approveLabel }: Card): string {
  return clip(button === "approve" ? approveLabel || "Approve" : BUTTON_LABELS[button], BUTTON_MAX);
}

function cardButton(button: Button, card: Card): types.Button {
  const label = buttonLabel(button, card);
  return buttonElement(`${ACTION_PREFIX}${button}`, label, {
    value: buttonValue(card.approvalId, card.version),
    ...(button === "approve" ? { style: "primary" } : {}),
    ...(button === "reject" ? { style: "danger" } : {}),
    ...(button === "approve" && card.confirm !== "" ? { confirm: confirmation(card, label) } : {}),
  });
}

/**
 * What is needed less often, with "Why?" at its end. A menu of "Why?" alone would hide it behind a second click, so
 * there it is a button.
 */
function overflowMenu(
  rest: readonly Button[],
  why: boolean,
  card: Card,
): (types.Overflow | types.Button)[] {
  const { approvalId, version } = card;
  if (rest.length === 0)
    return why ? [buttonElement(WHY, "Why?", { value: buttonValue(approvalId, version) })] : [];
  const options = [...rest, ...(why ? (["why"] as const) : [])].map((button) => ({
    text: plainText(button === "why" ? "Why?" : buttonLabel(button, card)),
    value: optionValue(button, approvalId, version),
  }));
  return [{ type: "overflow", action_id: MORE, options: options.slice(-OPTIONS_MAX) }];
}

/** Asks before money moves; on a phone it is easy to press the wrong button. */
function confirmation(card: Card, label: string): types.ConfirmationDialog {
  return {
    title: plainText("Please confirm"),
    text: literal(card.confirm, CONFIRM_MAX),
    confirm: plainText(clip(label, CONFIRM_BUTTON_MAX)),
    deny: plainText("Not yet"),
  };
}
