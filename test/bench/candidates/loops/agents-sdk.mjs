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
import { lookUp, QUESTION, SYSTEM, TOOL } from "../work.mjs";

export function openLoop(baseURL) {
  setDefaultOpenAIClient(new OpenAI({ apiKey: "any", baseURL }));
  setOpenAIAPI("chat_completions");
  setTracingDisabled(true);
  const agent = new Agent({
    name: "helpdesk",
    instructions: SYSTEM,
    model: "fake",
    tools: [tool({ ...TOOL, strict: true, execute: async (input) => lookUp(input) })],
  });
  return async () => String((await run(agent, QUESTION)).finalOutput);
}
