/** How the page calls the loops. */
export const LOOP_NAMES: Readonly<Record<string, string>> = {
  ours: "Deskhand",
  "node-http": "node:http, bare",
  "openai-lean": "openai over undici",
  "openai-stock": "openai as it comes",
  "ai-sdk": "AI SDK",
  "agents-sdk": "OpenAI Agents SDK",
  langgraph: "LangGraph",
};
