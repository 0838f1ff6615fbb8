/** Environment variables of the language model. */

import { z } from "zod";
import { Secret } from "./secret.ts";

const text = z.string().trim().min(1);

/** Which model answers, where it is asked, and what it can do. */
export const MODEL_VARIABLES = {
  DESKHAND_MODEL: text.default("gpt-5-mini").describe("name of the language model at its provider"),
  DESKHAND_MODEL_PICTURES: z
    .enum(["on", "off"])
    .default("off")
    .describe(
      "whether that model takes pictures; with `on`, teammates can have one described on its case page",
    ),
  OPENAI_API_KEY: text
    .transform((value) => new Secret(value))
    .optional()
    .describe(
      "key of the language model; without it the rehearsal model answers. Any text for a server without keys",
    ),
  OPENAI_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "a server other than OpenAI's that speaks its chat completions with strict tool schemas",
    ),
};

/** Settings of a model where none is configured: the rehearsal model has no address, and sees nothing. */
export function modelProblems(set: Readonly<Partial<Record<string, string>>>): readonly string[] {
  if (set["OPENAI_API_KEY"] !== undefined) return [];
  return [
    ...(set["OPENAI_BASE_URL"] === undefined
      ? []
      : [
          "OPENAI_API_KEY: is missing, and OPENAI_BASE_URL needs it (any text does for a server without keys)",
        ]),
    ...(set["DESKHAND_MODEL_PICTURES"] === "on"
      ? [
          "DESKHAND_MODEL_PICTURES: is on, and no model is configured that could see; set OPENAI_API_KEY, or leave it off",
        ]
      : []),
  ];
}
