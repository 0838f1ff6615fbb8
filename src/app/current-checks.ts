/**
 * The two checks of every turn: of what comes in and of what goes out. Both follow the policy in force while the process
 * runs.
 */
import { SAYABLE, CODE_TOOL, systemPrompt } from "#agent/prompt.ts";
import { modelOpinion } from "#agent/second-opinion.ts";
import type { Asking } from "#agent/span.ts";
import type { Breakers } from "#connections/circuit-breakers.ts";
import { secondOpinion } from "#connections/second-opinion.ts";
import type { SecondOpinion } from "#core/contracts/agent.ts";
import type { InputGuard, OutputCheck } from "#core/contracts/guard.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { withKnownHarmless } from "#guard/input/known-harmless.ts";
import { canaryFinder, anyFinder, instructionFinder } from "#guard/output/leaks.ts";
import { toolOperations } from "#guard/claims/operations.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { type CurrentPolicy, following } from "#policy/current-policy.ts";
import type { allTools } from "#tools/index.ts";
import type { EmbeddedParts } from "#sandbox/index.ts";
import type { InstallationSecrets } from "#store/db/installation-secrets.ts";
import type { Config } from "#config/environment.ts";
import { chosenOpinion } from "./chosen-model.ts";

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
  const model = chosenOpinion({ environment });
  if (model !== null)
    return modelOpinion({ ...asking, model: breakers.model(model, "second opinion") });
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
  return [[...writing, CODE_TOOL], []].map((decided) => systemPrompt(decided)).join("\n");
}

/** Addresses a reply may name without disclosing personal data: our own. */
function ownAddresses({ config, embedded }: Installation): readonly string[] {
  if (config.inboxes.length > 0)
    return config.inboxes.flatMap(({ address, aliases }) => [address, ...aliases]);
  return embedded.mail === null ? [] : [embedded.mail.address];
}
