/** Compares the tools of an MCP server with what they were when a person looked. */
import { digest } from "#core/values/canonical-json.ts";
import type { ToolPin } from "#systems/contract.ts";
import type { ListedTool } from "./protocol.ts";

type Pins = Readonly<Record<string, ToolPin>>;

/** How each part of a tool is called in what people read. */
const PARTS = {
  words: "its description",
  input: "what it takes",
  output: "what it answers",
  hints: "what it says of itself",
} as const satisfies Readonly<Record<keyof ToolPin, string>>;

/** The digests of all that a server says of a tool: any change of a word or a schema changes one of them. */
export function pinOf({
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: ListedTool): ToolPin {
  return {
    words: digestOf([title ?? null, description ?? null]),
    input: digestOf(inputSchema),
    output: digestOf(outputSchema ?? null),
    hints: digestOf(annotations ?? null),
  };
}

/** Empty, which equals no pin, for a schema that is nested too deeply to be read. */
function digestOf(part: unknown): string {
  try {
    return digest(part);
  } catch (error) {
    if (error instanceof RangeError) return "";
    throw error;
  }
}

/** What became of a tool since a person looked, in words; null when it is as it was. */
export function changeOf(pins: Pins, tools: readonly ListedTool[], name: string): string | null {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) return "the server no longer has it";
  const then = Object.hasOwn(pins, name) ? pins[name] : undefined;
  if (then === undefined) return "no person has looked at it";
  const now = pinOf(tool);
  const parts = ["words", "input", "output", "hints"] as const;
  const changed = parts.filter((part) => now[part] === "" || now[part] !== then[part]);
  if (changed.length === 0) return null;
  return `${changed.map((part) => PARTS[part]).join(" and ")} changed since a person looked`;
}
