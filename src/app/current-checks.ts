/**
 * The models that are asked, and the two checks of every turn, of what comes in and of what goes out, as the policy in force
 * has them; and the second opinion on what comes in. A provider's endpoint for it is spoken to in one of two forms, told by its address: one that
 * ends in `/moderations` gets `{"input"}` and says `flagged` (https://platform.openai.com/docs/api-reference/moderations),
 * any other gets `{"userPrompt", "documents"}` and says `attackDetected`
 * (https://learn.microsoft.com/azure/ai-services/content-safety/quickstart-jailbreak).
 */

import { CODE_RULES, CODE_TOOL, SAYABLE, systemPrompt } from "#agent/prompt.ts";
import { modelOpinion } from "#agent/second-opinion.ts";
import type { Asking } from "#agent/span.ts";
import type { Breakers } from "#connections/circuit-breakers.ts";
import type { SecondOpinion, OpinionTexts } from "#core/contracts/agent.ts";
import type { InputGuard, OutputCheck } from "#core/contracts/guard.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { withKnownHarmless } from "#guard/input/known-harmless.ts";
import { canaryFinder, anyFinder, instructionFinder } from "#guard/output/leaks.ts";
import { toolOperations } from "#guard/claims/operations.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { type CurrentPolicy, following } from "#policy/load-policy.ts";
import type { allTools } from "#tools/index.ts";
import type { EmbeddedParts } from "#sandbox/index.ts";
import type { InstallationSecrets } from "#store/db/installation-secrets.ts";
import type { Config } from "#config/environment.ts";
import { z } from "zod";
import { type Fetch, readJson, wholeFetch } from "#core/connection/http-answer.ts";
import { DeskhandError, invalidConfig } from "#core/values/errors.ts";
import { lacksPrice } from "#agent/prices.ts";
import type { Model } from "#core/contracts/model.ts";
import {
  answeringModel,
  type ModelConnection,
  modelsAsked,
  opinionModel,
  readingModel,
} from "#config/language-model.ts";

/** The tools of this process. */
export type Tools = ReturnType<typeof allTools>;

/** The watched words and people come from the policy, so the guard is rebuilt when the policy changes. */
export function currentInputGuard(policy: CurrentPolicy, tools: Tools): InputGuard {
  const now = following(policy, () =>
    withKnownHarmless(
      createInputGuard({
        toolNames: tools.map(({ name }) => name),
        delicateWords: policy.delicateWatch.words,
        vip: policy.delicateWatch.vip,
      }),
      policy.knownHarmless,
    ),
  );
  return {
    inspect: (messages) => now().inspect(messages),
    inspectText: (text, origin, isOwn) => now().inspectText(text, origin, isOwn),
    delicate: (messages) => now().delicate(messages),
    mask: (text) => now().mask(text),
    languageOf: (messages) => now().languageOf(messages),
  };
}

/** Who is asked about what the guard allows, behind a breaker; null where neither a model nor an address is configured. */
export function configuredOpinion(
  { environment }: Pick<Config, "environment">,
  breakers: Pick<Breakers, "model" | "secondOpinion">,
  asking: Pick<Asking, "clock" | "prices">,
): SecondOpinion | null {
  const named = opinionModel(environment);
  if (named !== null)
    return modelOpinion({ ...asking, model: breakers.model(modelAt(named), "second opinion") });
  const { DESKHAND_GUARD_OPINION_URL: url, DESKHAND_GUARD_OPINION_KEY: key } = environment;
  if (url === undefined || key === undefined) return null;
  return breakers.secondOpinion(secondOpinion({ url, key: key.reveal() }));
}

/** What the output check knows of this installation. */
interface Installation {
  readonly config: Pick<Config, "inboxes">;
  readonly embedded: Pick<EmbeddedParts, "mail">;
  readonly secrets: Pick<InstallationSecrets, "canary">;
}

/** The allowed link hosts and contacts are read from the policy at every check. */
export function currentOutputCheck(
  policy: CurrentPolicy,
  tools: Tools,
  installation: Installation,
): OutputCheck {
  const isMark = canaryFinder(installation.secrets.canary);
  const isRule = instructionFinder(promptRules(tools), SAYABLE);
  return createOutputCheck({
    get linkHosts() {
      return policy.linkHosts;
    },
    get contacts() {
      return policy.contacts;
    },
    ownAddresses: ownAddresses(installation),
    operations: toolOperations(tools),
    isCanary: anyFinder(isMark, isRule),
  });
}

/** The rules in our prompts, with and without tools that change something. */
function promptRules(tools: Tools): string {
  const writing = tools.filter(({ kind }) => kind === "write").map(({ name }) => name);
  // The rules about codes are included whether or not a code can be sent here.
  const rules = [[...writing, CODE_TOOL], []].map((decided) => systemPrompt(decided));
  return [...rules, ...Object.values(CODE_RULES)].join("\n");
}

/** Addresses a reply may name without disclosing personal data: our own. */
function ownAddresses({ config, embedded }: Installation): readonly string[] {
  if (config.inboxes.length > 0)
    return config.inboxes.flatMap(({ address, aliases }) => [address, ...aliases]);
  return embedded.mail === null ? [] : [embedded.mail.address];
}

const ANSWER_BYTES_MAX = 64_000;
const CATEGORIES_MAX = 4;

/**
 * Asks the endpoint at this address. The key goes in both headers that such endpoints read. Throws `system.refused` for
 * what it does not accept, and `system.unavailable` for every other failure, an unreadable answer among them.
 */
export function secondOpinion(
  { url, key }: { readonly url: string; readonly key: string },
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

/** The name of the rehearsal rules in traces and on cards. */
const REHEARSAL = "rehearsal";

/** The model that answers. */
export function chosenModel({ environment }: Pick<Config, "environment">): Model {
  return modelAt(answeringModel(environment));
}

/** The model that reads drafts against their sources; null where no key for one is configured. */
export function chosenVerifier({
  environment,
}: Pick<Config, "environment">): { readonly model: Model; readonly ms: number } | null {
  const connection = readingModel(environment);
  return connection === null ? null : { model: modelAt(connection), ms: connection.timeoutMs };
}

/** A model whose client is loaded with the first question: every role composes one, and many never ask it. */
function modelAt(connection: ModelConnection | null): Model {
  const loading: { client: Promise<Model> | null } = { client: null };
  return {
    name: connection?.model ?? REHEARSAL,
    isRehearsal: connection === null,
    async complete(request) {
      loading.client ??=
        connection === null
          ? import("#sandbox/rehearsal/rehearsal.ts").then(({ rehearsalModel }) => rehearsalModel())
          : import("#agent/model.ts").then(({ openaiModel }) => openaiModel(connection));
      return (await loading.client).complete(request);
    },
  };
}

/** Throws `config.invalid` for a model without a known price: the policy's limits in dollars would never hold. */
export function requirePrice({ environment }: Pick<Config, "environment">): void {
  const unknown = modelsAsked(environment).find(lacksPrice);
  if (unknown === undefined) return;
  const { part, model } = unknown;
  throw invalidConfig(
    `DESKHAND_${part.toUpperCase()}_PRICE: is missing, and the policy's limits in dollars need it, since the price of ${model} is not known (input,kept input,output per million tokens; 0,0,0 for a server of your own)`,
  );
}
