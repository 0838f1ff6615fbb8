/** The openai client as it comes. */
import OpenAI from "openai";
import { loopOver, measure, URL_OF_MODEL } from "./harness.mjs";

const client = new OpenAI({ apiKey: "any", baseURL: URL_OF_MODEL });

await measure(loopOver((body) => client.chat.completions.create(body)));
