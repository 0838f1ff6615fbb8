/** The systems whose packages lie beside this file, each under its settings, at the versions that are installed. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { System } from "@deskhand/gate-conformance/contract.ts";
import { aiSdk } from "./ai-sdk.ts";
import { langGraph } from "./langgraph.ts";
import { openaiAgents } from "./openai-agents.ts";

const Installed = z.object({ version: z.string() });

function installedVersion(name: string): string {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return Installed.parse(JSON.parse(readFileSync(file, "utf8"))).version;
}

/** All of them, by the names they are asked for. */
export function installedSystems(name: string): readonly System[] {
  switch (name) {
    case "openai-agents":
      return openaiAgents(installedVersion("@openai/agents"));
    case "ai":
      return aiSdk(installedVersion("ai"));
    case "langgraph":
      return langGraph(installedVersion("@langchain/langgraph"));
    default:
      return [];
  }
}
