/** LangGraph's ready-made agent. */
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { lookUp, QUESTION, SYSTEM, TOOL } from "../work.mjs";

export function openLoop(baseURL) {
  const agent = createReactAgent({
    llm: new ChatOpenAI({
      model: "fake",
      apiKey: "any",
      configuration: { baseURL },
      useResponsesApi: false,
    }),
    tools: [
      tool(async (input) => lookUp(input), {
        name: TOOL.name,
        description: TOOL.description,
        schema: z.object({ order_id: z.string() }),
      }),
    ],
    prompt: SYSTEM,
  });
  return async () => {
    const { messages } = await agent.invoke({ messages: [{ role: "user", content: QUESTION }] });
    return String(messages.at(-1)?.content);
  };
}
