/** Attachments described in text. */
import type { Attachment } from "./message.ts";

const KINDS = [
  ["image/", "photo"],
  ["audio/", "recording"],
  ["video/", "video"],
] as const;

/** "2 photos and 1 file", for people and for the model alike; empty when there are none. */
export function inKinds(attachments: readonly Pick<Attachment, "mediaType">[]): string {
  const counts = new Map<string, number>();
  for (const { mediaType } of attachments) {
    const kind = KINDS.find(([start]) => mediaType.toLowerCase().startsWith(start))?.[1] ?? "file";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const told = [...counts].map(([kind, count]) => `${count} ${kind}${count === 1 ? "" : "s"}`);
  const last = told.pop() ?? "";
  return told.length === 0 ? last : `${told.join(", ")} and ${last}`;
}

/** "2 photos, not seen by the bot"; empty when the bot has read everything. */
export function unseen(attachments: readonly Attachment[]): string {
  const which = inKinds(attachments.filter(({ read }) => read !== true));
  return which === "" ? "" : `${which}, not seen by the bot`;
}
