/** LangGraph's ready-made agent. */
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { lookUp, measure, QUESTION, SYSTEM, TOOL, URL_OF_MODEL } from "./harness.mjs";

const agent = createReactAgent({
  llm: new ChatOpenAI({
    model: "fake",
    apiKey: "any",
    configuration: { baseURL: URL_OF_MODEL },
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

await measure(async () => {
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: QUESTION }] });
  return String(messages.at(-1)?.content);
});
