/** Attaches the full text of a long card as a file in its thread. */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Log } from "#core/contracts/ports.ts";
import { Done, type Call, type SendTo } from "#slack/api/web-api.ts";
import type { Posted, Posting } from "#slack/api/post-once.ts";
import { UploadAnswer } from "#slack/api/schema.ts";
import { visible } from "#slack/api/text.ts";

/** How long a card waits for its attachment; after that it is posted without and says so. */
const ATTACH_MAX_MS = 10_000;

/** True when the text of this version is in the card's thread, new or from before. Never throws. */
export type AttachText = (place: Posted, card: Card, signal: AbortSignal) => Promise<boolean>;

/**
 * Uploads through `call`. Slack offers no idempotency for files either, so a version's file is recognized by its name:
 * it is searched before the upload, and again after a lost answer.
 */
export function attachFullText(parts: {
  readonly call: Call;
  readonly posting: Pick<Posting, "read">;
  /** Sends to the upload address, which Slack names. */
  readonly send: SendTo;
  readonly log: Log;
}): AttachText {
  const { call, posting, log } = parts;

  const isThere = async (channel: string, thread: string, name: string): Promise<boolean> => {
    const { messages } = await posting.read({ channel, thread });
    return messages.some(({ files }) => files?.some((file) => file.name === name) === true);
  };

  const upload = async (
    { channel, ts: thread }: Posted,
    card: Card,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const name = snippetName(card);
    if (await isThere(channel, thread, name)) return true;
    const bytes = new TextEncoder().encode(fullText(card));
    const given = await call(
      "patient",
      "files.getUploadURLExternal",
      { filename: name, length: bytes.length, snippet_type: "text" },
      UploadAnswer,
    );
    await parts.send(given.upload_url, { type: "text/plain; charset=utf-8", body: bytes, signal });
    // Once aborted, another process may handle the card and upload the file again, so stop before completing.
    signal.throwIfAborted();
    const title = `Full text of card ${card.approvalId}, version ${card.version}`;
    const files = [{ id: given.file_id, title }];
    const where = { channel_id: channel, thread_ts: thread };
    try {
      await call("once", "files.completeUploadExternal", { files, ...where }, Done);
      return true;
    } catch (error) {
      if (!(error instanceof DeskhandError) || error.code !== "channel.uncertain") throw error;
      return isThere(channel, thread, name);
    }
  };

  return async (place, card, signal) => {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(ATTACH_MAX_MS)]);
    try {
      return await upload(place, card, inTime);
    } catch (error) {
      log.warn("the full text of a card could not be attached", { reason: reasonOf(error) });
      return false;
    }
  };
}

/** One name per card and version, by which the file is found again. */
function snippetName({ approvalId, version }: Card): string {
  return `${approvalId.replaceAll(/[^\w-]/g, "_")}-v${version}.txt`;
}

/**
 * The full text of what the card shows in part. Each line of third-party text gets a leading bar, so that none can be
 * mistaken for a heading of ours.
 */
function fullText({ approvalId, version, requester, asked, draft, translation }: Card): string {
  const parts = [
    ...(draft === null ? [] : [textWithHeading(`Draft to ${draft.to}`, draft.text)]),
    textWithHeading(`${requester.name} wrote`, asked),
    ...(translation === null
      ? []
      : [
          textWithHeading(
            `Translation of what was written, for the team (${translation.into})`,
            translation.asked,
          ),
          textWithHeading(
            `Translation of the draft, never sent (${translation.into})`,
            translation.draft,
          ),
        ]),
  ];
  return [`Card ${approvalId}, version ${version}`, ...parts.filter((words) => words !== "")].join(
    "\n\n",
  );
}

function textWithHeading(heading: string, text: string): string {
  if (text.trim() === "") return "";
  const title = visible(heading).replaceAll(/\s+/g, " ");
  const lines = visible(text).split("\n");
  return [title, ...lines.map((line) => `| ${line}`)].join("\n");
}
