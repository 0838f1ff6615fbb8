import assert from "node:assert/strict";
import { test } from "node:test";
import { splitReply } from "#email/parse/split-reply.ts";
import { ATTRIBUTIONS, HEADER_BLOCKS } from "./new-text-forms.ts";
import { DEVICE_LINES, FORWARDS, SEPARATORS } from "./new-text-marks.ts";

const ANSWER = "Thanks, that fits.\n\nPlease send the other one as well.";
const OLDER = "Does the hat fit?\n\nRegards\nDana";
const OLDER_MARKED = "> Does the hat fit?\n>\n> Regards\n> Dana";

for (const [program, lines] of ATTRIBUTIONS)
  test(`above a quote and above plain text, the attribution of ${program} ends the answer`, () => {
    assert.equal(splitReply(`${ANSWER}\n\n${lines}\n\n${OLDER_MARKED}\n`).text, ANSWER);
    assert.equal(splitReply(`${ANSWER}\n${lines}\n${OLDER_MARKED}\n`).text, ANSWER);
    assert.equal(splitReply(`${ANSWER}\n\n${lines}\n\n${OLDER}\n`).text, ANSWER);
  });

for (const [program, block] of HEADER_BLOCKS)
  test(`the header block of ${program} ends the answer`, () => {
    assert.equal(splitReply(`${ANSWER}\n\n${block}\n\n${OLDER}\n`).text, ANSWER);
    assert.equal(splitReply(`${ANSWER}\n\n\n${block}\n\n${OLDER_MARKED}\n`).text, ANSWER);
    const marked = block.split("\n").map((line) => `> ${line}`);
    assert.equal(
      splitReply(`${ANSWER}\n\n${marked.join("\n")}\n>\n${OLDER_MARKED}\n`).text,
      ANSWER,
    );
  });

for (const mark of SEPARATORS)
  test(`"${mark}" ends the answer`, () => {
    assert.equal(splitReply(`${ANSWER}\n\n${mark}\n\n${OLDER}\n`).text, ANSWER);
    assert.equal(splitReply(`${ANSWER}\n${mark}\nFrom: Dana\n\n${OLDER}\n`).text, ANSWER);
  });

for (const mark of FORWARDS)
  test(`the text below "${mark}" was forwarded, and is kept when there is no other`, () => {
    const forward = `${mark}\nFrom: Dana Poe <dana@poe.test>\nDate: Tue, 4 Feb 2025\nSubject: Hat\nTo: Ann\n\n${OLDER}\n`;
    const below = splitReply(`${ANSWER}\n\n${forward}`);
    assert.equal(below.text, ANSWER);
    assert.deepEqual(
      below.segments.map(({ kind }) => kind),
      ["forwarded"],
    );
    assert.match(splitReply(forward).text, /^Does the hat fit\?/);
  });

for (const line of DEVICE_LINES)
  test(`"${line}" is not part of the text`, () => {
    assert.equal(splitReply(`${ANSWER}\n\n${line}\n`).text, ANSWER);
    assert.equal(
      splitReply(`${ANSWER}\n\n${line}\n\n${ATTRIBUTIONS[0]?.[1]}\n\n${OLDER_MARKED}\n`).text,
      ANSWER,
    );
  });
