/**
 * A second opinion on what the input guard allowed, by a provider's endpoint. Two forms are spoken, told by the address:
 * one that ends in `/moderations` gets `{"input"}` and says `flagged`
 * (https://platform.openai.com/docs/api-reference/moderations), any other gets `{"userPrompt", "documents"}` and says
 * `attackDetected` (https://learn.microsoft.com/azure/ai-services/content-safety/quickstart-jailbreak).
 */
import { z } from "zod";
import { type Fetch, readJson, wholeFetch } from "#core/connection/http-answer.ts";
import type { OpinionTexts, SecondOpinion } from "#core/contracts/agent.ts";
import { DeskhandError } from "#core/values/errors.ts";

const ANSWER_BYTES_MAX = 64_000;
const CATEGORIES_MAX = 4;

/** Where and how it is asked. */
export interface OpinionConnection {
  readonly url: string;
  readonly key: string;
}

/**
 * Asks the endpoint at this address. The key goes in both headers that such endpoints read. Throws `system.refused` for
 * what it does not accept, and `system.unavailable` for every other failure, an unreadable answer among them.
 */
export function secondOpinion(
  { url, key }: OpinionConnection,
  send: Fetch = wholeFetch(ANSWER_BYTES_MAX),
): SecondOpinion {
  const { hostname, pathname } = new URL(url);
  const form = /\/moderations\/?$/.test(pathname) ? MODERATION : PROMPT_SHIELD;
  return {
    name: hostname,
    async about(texts, _used, signal) {
      const headers = {
        "content-type": "application/json",
        authorization: `Bearer ${key}`,
        "ocp-apim-subscription-key": key,
      };
      const body = JSON.stringify(form.question(texts));
      let answer: unknown;
      let status: number;
      try {
        const response = await send(url, { method: "POST", headers, body, signal });
        status = response.status;
        answer = await readJson(response, ANSWER_BYTES_MAX);
      } catch (cause) {
        throw away(`${hostname} gave no answer`, cause);
      }
      if (status >= 400 && status < 500 && status !== 429)
        throw new DeskhandError("system.refused", `${hostname} refused it with status ${status}`);
      if (status !== 200) throw away(`${hostname} answered with status ${status}`);
      const objection = form.objection(answer);
      if (objection === undefined) throw away(`${hostname} gave an answer that cannot be read`);
      return objection;
    },
  };
}

function away(words: string, cause?: unknown): DeskhandError {
  return new DeskhandError("system.unavailable", words, { cause });
}

/** `objection` gives words, null where there is none, and undefined for an answer of another shape. */
interface OpinionForm {
  readonly question: (texts: OpinionTexts) => object;
  readonly objection: (answer: unknown) => string | null | undefined;
}

const Moderated = z.object({
  results: z
    .array(
      z.object({ flagged: z.boolean(), categories: z.record(z.string(), z.unknown()).optional() }),
    )
    .min(1),
});

const MODERATION: OpinionForm = {
  question: ({ message, others }) => ({ input: [message, ...others].join("\n\n") }),
  objection(answer) {
    const read = Moderated.safeParse(answer);
    if (!read.success) return undefined;
    const flagged = read.data.results.filter((result) => result.flagged);
    if (flagged.length === 0) return null;
    const found = flagged.flatMap(({ categories = {} }) =>
      Object.entries(categories).flatMap(([name, is]) => (is === true ? plainCategory(name) : [])),
    );
    const named = [...new Set(found)].slice(0, CATEGORIES_MAX).join(", ");
    return named === "" ? "objects to it" : `objects to it: ${named}`;
  },
};

/** A category's name is shown to people and comes from outside. */
function plainCategory(name: string): readonly string[] {
  return /^[a-z][a-z/_ -]{1,40}$/i.test(name) ? [name] : [];
}

const Detected = z.object({ attackDetected: z.boolean() });
const Shielded = z.union([
  Detected.transform(({ attackDetected }) => [attackDetected]),
  z
    .object({ userPromptAnalysis: Detected, documentsAnalysis: z.array(Detected).default([]) })
    .transform(({ userPromptAnalysis, documentsAnalysis }) =>
      [userPromptAnalysis, ...documentsAnalysis].map(({ attackDetected }) => attackDetected),
    ),
]);

const PROMPT_SHIELD: OpinionForm = {
  question: ({ message, others }) => ({ userPrompt: message, documents: others }),
  objection(answer) {
    const read = Shielded.safeParse(answer);
    if (!read.success) return undefined;
    return read.data.some((isAttack) => isAttack) ? "takes it for an attack" : null;
  },
};
