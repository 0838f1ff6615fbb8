import assert from "node:assert/strict";
import { z } from "zod";

const TextObject = z.object({
  type: z.enum(["plain_text", "mrkdwn"]),
  text: z.string(),
  verbatim: z.boolean().optional(),
});
type TextObject = z.infer<typeof TextObject>;

/** Every text object among these blocks, however deep. */
export function textObjectsIn(value: unknown): readonly TextObject[] {
  if (Array.isArray(value)) return value.flatMap(textObjectsIn);
  if (typeof value !== "object" || value === null) return [];
  const { success, data } = TextObject.safeParse(value);
  return success ? [data] : Object.values(value).flatMap(textObjectsIn);
}

const Blocks = z.array(z.object({ type: z.string(), text: z.unknown().optional() }));

/** What Slack would refuse: a section over 3,000 characters, over 50 blocks, over 13,000 characters together. */
export function assertWithinLimits(blocks: unknown): void {
  const parsed = Blocks.parse(blocks);
  assert.ok(parsed.length <= 50, `${parsed.length} blocks`);
  assert.ok(JSON.stringify(blocks).length <= 13_000, `${JSON.stringify(blocks).length} characters`);
  for (const { type, text } of textObjectsIn(blocks)) {
    assert.ok(text.length > 0 && text.length <= 3_000, `${text.length} characters in a ${type}`);
  }
  for (const { type, text } of parsed.filter((block) => block.type === "header"))
    assert.ok(TextObject.parse(text).text.length <= 150, `a long ${type}`);
}

/** The text of a message's sections one after the other, as a reader sees them. */
export function sectionText(blocks: unknown): string {
  const sections = Blocks.parse(blocks).filter(({ type }) => type === "section");
  return textObjectsIn(sections)
    .map(({ text }) => text)
    .join("");
}
