/** Vercel's AI SDK. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, stepCountIs, tool } from "ai";
import { lookUp, measure, QUESTION, SYSTEM, TOOL, URL_OF_MODEL } from "./harness.mjs";

const provider = createOpenAICompatible({ name: "fake", baseURL: URL_OF_MODEL, apiKey: "any" });
const tools = {
  [TOOL.name]: tool({
    description: TOOL.description,
    inputSchema: jsonSchema(TOOL.parameters),
    execute: async (input) => lookUp(input),
  }),
};

await measure(async () => {
  const { text } = await generateText({
    model: provider("fake"),
    system: SYSTEM,
    prompt: QUESTION,
    tools,
    stopWhen: stepCountIs(8),
  });
  return text;
});
