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
import { buttonsOf } from "#core/contracts/card-sections.ts";
import { BUTTON_LABELS } from "#core/values/card-text.ts";
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
  const { row, menu, hasWhy } = buttonsOf(card);
  return {
    type: "actions",
    block_id: cardMarker(card),
    elements: [...row.map((button) => buttonOf(button, card)), ...menuOf(menu, hasWhy, card)],
  };
}

function labelOf(button: Button, { approveLabel }: Card): string {
  return clip(button === "approve" ? approveLabel || "Approve" : BUTTON_LABELS[button], BUTTON_MAX);
}

function buttonOf(button: Button, card: Card): types.Button {
  const label = labelOf(button, card);
  return {
    type: "button",
    action_id: `${ACTION_PREFIX}${button}`,
    value: buttonValue(card.approvalId, card.version),
    text: { type: "plain_text", text: label },
    ...(button === "approve" ? { style: "primary" as const } : {}),
    ...(button === "reject" ? { style: "danger" as const } : {}),
    ...(button === "approve" && card.confirm !== "" ? { confirm: confirmation(card, label) } : {}),
  };
}

/**
 * What is needed less often, with "Why?" at its end. A menu of "Why?" alone would hide it behind a second click, so
 * there it is a button.
 */
function menuOf(
  rest: readonly Button[],
  why: boolean,
  card: Card,
): (types.Overflow | types.Button)[] {
  if (rest.length === 0) return why ? [whyButton(card)] : [];
  const options = [
    ...rest.map((button) => ({
      text: { type: "plain_text" as const, text: labelOf(button, card) },
      value: optionValue(button, card.approvalId, card.version),
    })),
    ...(why
      ? [
          {
            text: { type: "plain_text" as const, text: "Why?" },
            value: optionValue("why", card.approvalId, card.version),
          },
        ]
      : []),
  ];
  return [{ type: "overflow", action_id: MORE, options: options.slice(-OPTIONS_MAX) }];
}

function whyButton({ approvalId, version }: Card): types.Button {
  return {
    type: "button",
    action_id: WHY,
    value: buttonValue(approvalId, version),
    text: { type: "plain_text", text: "Why?" },
  };
}

/** Asks before money moves; on a phone it is easy to press the wrong button. */
function confirmation(card: Card, label: string): types.ConfirmationDialog {
  return {
    title: { type: "plain_text", text: "Please confirm" },
    text: literal(card.confirm, CONFIRM_MAX),
    confirm: { type: "plain_text", text: clip(label, CONFIRM_BUTTON_MAX) },
    deny: { type: "plain_text", text: "Not yet" },
  };
}
