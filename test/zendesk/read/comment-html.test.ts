import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readCommentHtml } from "#zendesk/read/comment-html.ts";

describe("the words of a comment", () => {
  test("quoted history and signatures are apart from the new words", () => {
    const html =
      '<p>New words</p><div class="gmail_signature">Ann</div><blockquote><p>Old <b>words</b></p></blockquote>';
    assert.deepEqual(readCommentHtml(html), {
      text: "New words",
      segments: [
        { kind: "quoted", text: "Old words" },
        { kind: "signature", text: "Ann" },
      ],
    });
  });
});
