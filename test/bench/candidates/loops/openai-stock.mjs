/** The openai client as it comes. */
import OpenAI from "openai";
import { loopOver } from "../work.mjs";

export function openLoop(baseURL) {
  const client = new OpenAI({ apiKey: "any", baseURL });
  return loopOver((body) => client.chat.completions.create(body));
}
