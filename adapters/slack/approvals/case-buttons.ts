/** Buttons about a case that has no card, on alerts and lists, and what the message shows after a click. */

import type { types } from "@slack/bolt";
import type { MessageBlock } from "#slack/api/schema.ts";
import type { AlertedCase } from "#core/values/alert.ts";
import { literal, button, linkButton, webLink } from "#slack/api/text.ts";
import { ACTION_PREFIX, buttonValue, type Decided } from "./parse-interaction.ts";
import type { DeskAnswer } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { Done } from "#slack/api/web-api.ts";
import type { SlackRoom } from "#slack/room.ts";

/** Such a button is about a case and not about a version of a card. */
const NO_VERSION = 1;
const LABELS = { take_over: "Take over", undo: "Undo", not_junk: "Was no junk" } as const;
type CaseButton = keyof typeof LABELS;

/** The block that says what became of the case. */
const SAID = "case:said";
const SAID_MAX = 300;

/** The button; its value names the conversation and nothing else. */
export function caseButton(kind: CaseButton, conversationId: string): types.Button {
  const value = buttonValue(conversationId, NO_VERSION);
  return button(actionId(kind), LABELS[kind], { value });
}

/** What can be done about a case: to take it, and to open it where the team works. `name` tells its link from others. */
export function caseActions(
  { canBeTaken, conversationId, link }: Pick<AlertedCase, "canBeTaken" | "conversationId" | "link">,
  name: string,
): types.Button[] {
  const address = webLink(link.url);
  return [
    ...(canBeTaken ? [caseButton("take_over", conversationId)] : []),
    ...(address === null ? [] : [linkButton(link.label, address, name)]),
  ];
}

/** Who and about what, as far as it is known. */
export function caseTitle(name: string, subject: string): string {
  return [name, subject === "" ? "" : `“${subject}”`].filter((part) => part !== "").join(" · ");
}

/** What a click did, as far as the message it was on has to show it. */
interface CaseClick {
  readonly conversationId: string;
  readonly button: string;
  /** What the person was told. */
  readonly said: string;
  readonly isUndoable: boolean;
}

/**
 * The message after a click: the button that was pressed gives way to what can be done now, and a line says what was
 * done. Everything else stays as it was posted.
 */
function blocksAfter(blocks: readonly MessageBlock[], click: CaseClick): readonly MessageBlock[] {
  const { conversationId, button, said, isUndoable } = click;
  const pressed = isPressed(conversationId, button);
  const next = button === "undo" ? "take_over" : isUndoable ? "undo" : null;
  const instead = next === null ? null : caseButton(next, conversationId);
  const changed = blocks.flatMap((block): readonly MessageBlock[] => {
    if (block.block_id === SAID) return [];
    if (block.accessory !== undefined && pressed(block.accessory))
      return [{ ...block, accessory: undefined }, line(said)];
    return withInstead(block, pressed, instead);
  });
  return button === "not_junk" ? changed : [...changed, { ...line(said), block_id: SAID }];
}

/** The block with another button, or none, in the place of one; nothing where no button is left. */
function withInstead(
  block: MessageBlock,
  isReplaced: ReturnType<typeof isPressed>,
  instead: types.Button | null,
): readonly MessageBlock[] {
  if (block.elements?.some(isReplaced) !== true) return [block];
  const elements = block.elements.flatMap((element) =>
    isReplaced(element) ? (instead === null ? [] : [{ ...instead }]) : [element],
  );
  return elements.length === 0 ? [] : [{ ...block, elements }];
}

function isPressed(conversationId: string, button: string) {
  const value = buttonValue(conversationId, NO_VERSION);
  return (element: {
    readonly action_id?: string | undefined;
    readonly value?: string | undefined;
  }): boolean => element.action_id === actionId(button) && element.value === value;
}

function actionId(button: string): string {
  return `${ACTION_PREFIX}${button}`;
}

function line(said: string): MessageBlock {
  return { type: "context", elements: [{ ...literal(said, SAID_MAX) }] };
}

const CASE_BUTTONS: ReadonlySet<string> = new Set(Object.keys(LABELS));

/**
 * Replaces the pressed button with what can be done now and says what was done, for everybody. False when this was no
 * message of a case, or Slack would not change it: then the person is told in another way. The decision stands either
 * way, and a button that stays by mistake is refused by the state of the case.
 */
export async function showOnMessage(
  parts: SlackRoom,
  { channel, decided, message }: Decided,
  answer: DeskAnswer,
): Promise<boolean> {
  const { approvalId, button } = decided;
  if (message === null || channel === "" || answer.message === "" || !CASE_BUTTONS.has(button))
    return false;
  const { undoMs = 0 } = answer;
  const blocks = blocksAfter(message.blocks, {
    conversationId: approvalId,
    button,
    said: answer.message,
    isUndoable: undoMs > 0,
  });
  if (!(await update(parts, { channel, ...message, blocks }))) return false;
  if (undoMs > 0)
    setTimeout(() => {
      // The button is gone, the line stays.
      const isUndo = isPressed(approvalId, "undo");
      const over = blocks.flatMap((block) => withInstead(block, isUndo, null));
      void update(parts, { channel, ...message, blocks: over });
    }, undoMs).unref();
  return true;
}

async function update(
  { call, log }: SlackRoom,
  message: {
    readonly channel: string;
    readonly ts: string;
    readonly text: string;
    readonly blocks: readonly MessageBlock[];
  },
): Promise<boolean> {
  try {
    await call("patient", "chat.update", { ...message }, Done);
    return true;
  } catch (error) {
    log.warn("an alert could not be shown anew", { reason: reasonOf(error) });
    return false;
  }
}
