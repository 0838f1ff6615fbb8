/** A model endpoint for one worker alone. */
import type { Arena } from "./arena.ts";
import { startFakeModel, type ModelFate } from "./vendors/model.ts";

/** A model of one worker's own, which decides by what the customer wrote. */
export async function modelOf(
  arena: Arena,
  fate: (texts: readonly string[]) => ModelFate,
): Promise<Readonly<Record<string, string>>> {
  const model = await startFakeModel({ fate: (_call, { unread }) => fate(unread) });
  arena.onEnd(() => model.close());
  return { OPENAI_BASE_URL: model.url };
}
