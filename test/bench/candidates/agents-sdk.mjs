/** OpenAI's Agents SDK over chat completions. */
import {
  Agent,
  run,
  setDefaultOpenAIClient,
  setOpenAIAPI,
  setTracingDisabled,
  tool,
} from "@openai/agents";
import OpenAI from "openai";
import { lookUp, measure, QUESTION, SYSTEM, TOOL, URL_OF_MODEL } from "./harness.mjs";

setDefaultOpenAIClient(new OpenAI({ apiKey: "any", baseURL: URL_OF_MODEL }));
setOpenAIAPI("chat_completions");
setTracingDisabled(true);

const agent = new Agent({
  name: "helpdesk",
  instructions: SYSTEM,
  model: "fake",
  tools: [tool({ ...TOOL, strict: true, execute: async (input) => lookUp(input) })],
});

await measure(async () => {
  const { finalOutput } = await run(agent, QUESTION);
  return String(finalOutput);
});
