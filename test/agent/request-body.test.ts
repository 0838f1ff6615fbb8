import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bodyWriter, messageOf } from "#agent/request-body.ts";
import { isAscii } from "#text/matches.ts";
import type { ModelMessage, OfferedTool } from "#core/contracts/model.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { runs } from "#test/support/tiers.ts";

const { signal } = new AbortController();

/** The same request in one piece. */
function whole(
  model: string,
  messages: readonly ModelMessage[],
  tools: readonly OfferedTool[],
): unknown {
  return {
    model,
    messages: messages.map(messageOf),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map((tool) => ({ type: "function", function: { ...tool, strict: true } })),
        }),
    max_completion_tokens: 500,
    temperature: 0,
  };
}

const text = fc.oneof(fc.string({ unit: anyCharacter }), fc.string({ unit: "grapheme" }));
const message: fc.Arbitrary<ModelMessage> = fc.oneof(
  fc.record({ role: fc.constantFrom("system" as const, "user" as const), content: text }),
  fc.record({ role: fc.constant("tool" as const), toolCallId: text, content: text }),
  fc.record({
    role: fc.constant("assistant" as const),
    content: text,
    toolCalls: fc.array(fc.record({ id: text, name: text, arguments: text }), { maxLength: 2 }),
  }),
);
const tool: fc.Arbitrary<OfferedTool> = fc.record({
  name: text,
  description: text,
  parameters: fc.dictionary(fc.string(), text),
});

describe("what is sent to a model", () => {
  test("is at every step of a growing transcript what it would be if written in one piece", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("gpt-4.1", 'quo"ted'),
        fc.array(message, { minLength: 1, maxLength: 6 }),
        fc.array(tool, { maxLength: 3 }),
        (model, all, tools) => {
          const write = bodyWriter(model);
          const messages: ModelMessage[] = [];
          for (const next of all) {
            messages.push(next);
            const body = write({ messages, tools, outputTokensMax: 500, signal });
            assert.ok(isAscii(body));
            const sent: unknown = JSON.parse(body);
            const expected: unknown = JSON.parse(JSON.stringify(whole(model, messages, tools)));
            assert.deepEqual(sent, expected);
          }
        },
      ),
      { numRuns: runs(300), seed: 1 },
    );
  });

  test("follows a transcript whose messages were exchanged or taken away, too", () => {
    const write = bodyWriter("m");
    const say = (content: string): ModelMessage => ({ role: "user", content });
    const messages = [say("one"), say("two"), say("three")];
    const sent = () => write({ messages, tools: [], outputTokensMax: 1, signal });
    assert.match(sent(), /"one".*"two".*"three"/);
    messages[1] = say("other");
    assert.match(sent(), /"one".*"other".*"three"/);
    assert.doesNotMatch(sent(), /"two"/);
    messages.length = 1;
    assert.doesNotMatch(sent(), /other|three/);
    messages.push(say("last"));
    assert.match(sent(), /"one".*"last"/);
  });
});
