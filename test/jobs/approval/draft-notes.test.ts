/** A draft noted in the helpdesk that will not go out is followed by a note that says so, once. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { NoteArguments } from "#core/values/action.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("notes about drafts", (bench) => {
  beforeEach(() => bench.answer(() => replying("It is on its way.")));

  const notes = () =>
    bench.left.flatMap(({ action }) =>
      action.operation === "note" ? [NoteArguments.parse(action.arguments).text] : [],
    );
  const write = () => bench.write("Where is it?", { channel: "zendesk", thread: "7" });

  test("a teammate answers: the note says that the draft is withdrawn, and why", async () => {
    const id = await write();
    assert.match(notes()[0] ?? "", /not sent\. It goes out when a teammate approves it/);
    await bench.write("I look into it.", {
      channel: "zendesk",
      thread: "7",
      message: {
        author: { kind: "teammate", id: "zendesk:dana", name: "Dana Cole" },
        answerTo: null,
      },
    });
    await bench.wake(id);
    const [, withdrawn, ...more] = notes();
    assert.match(
      withdrawn ?? "",
      /^Withdrawn: the draft noted here on 20 Nov 10:00 is not sent\. Dana Cole/,
    );
    assert.deepEqual(more, []);
    await bench.wake(id);
    await bench.tick();
    assert.equal(notes().length, 2);
  });

  test("so it is for a rejected card, and for one that is never approved", async () => {
    const id = await write();
    await bench.press("reject", id, undefined, { rejection: "no_answer" });
    assert.match(notes()[1] ?? "", /^Withdrawn: .* Rejected, no answer needed · sam\.$/);
  });

  test("a new draft replaces the one before, and an approved one is followed by nothing", async () => {
    const id = await write();
    bench.answer(() => replying("It comes tomorrow."));
    await bench.write("And?", { channel: "zendesk", thread: "7" });
    assert.match(notes()[1] ?? "", /It replaces the draft noted before\./);
    await bench.press("approve", id);
    bench.skip(60_000);
    await bench.tick();
    assert.deepEqual(bench.replies().length, 1);
    assert.equal(notes().length, 2);
  });
});
