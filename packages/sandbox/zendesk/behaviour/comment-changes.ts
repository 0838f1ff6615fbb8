/** Changes to existing comments, such as redaction. */
import { type Actor, systemOf, viaOf } from "./actor.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { Comment } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket, keepChange } from "#sandbox/zendesk/records/tickets.ts";
import { htmlFromText } from "#sandbox/zendesk/records/comment-html.ts";

/** Zendesk puts this character in the place of each one that was redacted. */
const REDACTED = "▇";

/** An admin takes a public comment back from the customer; it stays for the team. */
export function makePrivate(desk: Desk, commentId: number): void {
  changeComment(desk, commentId, "CommentPrivacyChange", (comment) => ({
    ...comment,
    public: false,
  }));
}

/** An admin redacts every occurrence of `words` in a comment. */
export function redact(desk: Desk, commentId: number, words: string): void {
  changeComment(desk, commentId, "CommentRedactionEvent", (comment) => {
    const text = comment.plain_body.replaceAll(words, REDACTED.repeat(words.length));
    return { ...comment, body: text, plain_body: text, html_body: htmlFromText(text) };
  });
}

function changeComment(
  desk: Desk,
  commentId: number,
  type: "CommentPrivacyChange" | "CommentRedactionEvent",
  changed: (comment: Comment) => Comment,
): void {
  desk.write(() => {
    const comment = desk.comments.get(commentId);
    if (comment === undefined) throw recordNotFound();
    desk.comments.put(changed(comment));
    const before = findTicket(desk, comment.ticket_id);
    const event = { id: desk.nextId("record"), type, comment_id: commentId };
    keepChange(desk, byAdmin(desk), { before, extraEvents: [event] });
  });
}

function byAdmin(desk: Desk): Actor {
  const user = desk.users.all().find(({ role }) => role === "admin");
  if (user === undefined) throw recordNotFound();
  return { user, via: viaOf("web"), system: systemOf(undefined, undefined) };
}
