/** Shows on an alert or a list what a click on it did. */

import type { DeskAnswer } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { MessageBlock } from "#slack/api/schema.ts";
import { Done, type Call } from "#slack/api/web-api.ts";
import { blocksAfter, blocksWithoutUndo } from "./case-buttons.ts";
import type { Interaction } from "./parse-interaction.ts";

interface MessageParts {
  readonly call: Call;
  readonly log: Log;
}

const CASE_BUTTONS: ReadonlySet<string> = new Set(["take_over", "undo", "not_junk"]);

/**
 * Replaces the pressed button with what can be done now and says what was done, for everybody. False when this was no
 * message of a case, or Slack would not change it: then the person is told in another way. The decision stands either
 * way, and a button that stays by mistake is refused by the state of the case.
 */
export async function showOnMessage(
  parts: MessageParts,
  { channel, decided, message }: Extract<Interaction, { kind: "decided" }>,
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
      const over = blocksWithoutUndo(blocks, approvalId);
      void update(parts, { channel, ...message, blocks: over });
    }, undoMs).unref();
  return true;
}

async function update(
  { call, log }: MessageParts,
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
