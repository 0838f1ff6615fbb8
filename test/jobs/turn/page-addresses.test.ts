/** A page that an answer names in passing is one the customer can open. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

const page = (title: string, url: string) => ({ id: title, title, url, text: title, score: 0.9 });
const DELIVERY = "https://ourshop.test/help/international-delivery";

onDesk("a draft that names help pages", (bench) => {
  const drafted = async (text: string): Promise<string> => {
    bench.answer(() =>
      replying(text, {
        passages: [
          page("International delivery", DELIVERY),
          page("International delivery", DELIVERY),
          page("delivery", "https://ourshop.test/help/delivery"),
          page("House rules", ""),
          page("about", "about:blank"),
        ],
      }),
    );
    const id = await bench.write("Do you deliver to Iceland?");
    const waiting = await bench.pending(id);
    return waiting?.card.draft?.text ?? bench.replies().at(-1) ?? "";
  };

  test("has their addresses below it, each once, and only where there is one", async () => {
    const text = await drafted(
      "Not to Iceland (see International delivery). Quiet (see House rules), please (see about).",
    );
    assert.ok(text.includes(`please (see about).\n\nInternational delivery: ${DELIVERY}`), text);
    assert.equal(text.split("https://").length, 2);
    assert.doesNotMatch(text, /about:blank/);
  });

  test("is left as it is where it gives the address itself, or only uses a word of a title", async () => {
    for (const words of [
      `No (see International delivery, ${DELIVERY}).`,
      "Our International delivery is quick.",
    ]) {
      const text = await drafted(words);
      assert.doesNotMatch(text, /International delivery: /);
    }
  });
});
