/** Makes file names of attachments safe to show. */
import { cleanLine } from "./header-values.ts";

const NAME_MAX = 200;

/** A name to show, never a path to write to, and nothing that turns the reading order round ("gpj.exe"). */
export function safeFileName(given: string, mediaType: string, index: number): string {
  const shown = cleanLine(given.replaceAll("\0", "").replaceAll(/\p{Cf}/gu, ""));
  const last = (shown.split(/[/\\]/).at(-1) ?? "").trim();
  if (last !== "" && !/^\.+$/.test(last)) return last.slice(0, NAME_MAX).toWellFormed();
  return mediaType === "text/calendar" ? "invite.ics" : `attachment-${index + 1}`;
}
