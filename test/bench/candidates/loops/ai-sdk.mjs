/** Vercel's AI SDK. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, stepCountIs, tool } from "ai";
import { lookUp, QUESTION, SYSTEM, TOOL } from "../work.mjs";

export function openLoop(baseURL) {
  const provider = createOpenAICompatible({ name: "fake", baseURL, apiKey: "any" });
  const tools = {
    [TOOL.name]: tool({
      description: TOOL.description,
      inputSchema: jsonSchema(TOOL.parameters),
      execute: async (input) => lookUp(input),
    }),
  };
  return async () => {
    const { text } = await generateText({
      model: provider("fake"),
      system: SYSTEM,
      prompt: QUESTION,
      tools,
      stopWhen: stepCountIs(8),
    });
    return text;
  };
}
