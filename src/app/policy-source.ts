/** Decides which policy a process starts with, and follows its changes. */

import type { Clock } from "#core/contracts/ports.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { inWords, policyWatch, type PolicyWatch } from "#jobs/policy/watch-file.ts";
import type { Store } from "#store/db/database.ts";
import { activePolicy, type PolicyChange } from "#store/policy/policy-changes.ts";
import type { Config } from "#config/environment.ts";
import { policyFileStamp, configuredPolicySource, readPolicyFile } from "#config/policy-file.ts";
import { randomIds } from "./random-ids.ts";
import type { ComposedApp } from "./composed-app.ts";

interface PolicySourceContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}

/**
 * The policy this process starts with. A file that differs from the policy in force counts as a change made while no
 * process was running: what permits more waits for the desk's approval, and the old policy stays in force.
 */
export async function policyAtStart(
  { config, clock, say }: PolicySourceContext,
  store: Store,
  text: string,
): Promise<PolicyChange> {
  const parts = { store, clock, ids: randomIds };
  const considered = await checkPolicyFile(parts, configuredPolicySource(config), text, "start");
  const words = inWords(considered);
  if (words !== null) say(words);
  return considered.inForce;
}

/**
 * The start policy of a process that leaves the file to others: the policy in force, whatever its own copy of the file
 * says. Only the very first process uses that copy.
 */
export async function policyInForce(
  context: PolicySourceContext,
  store: Store,
  text: string,
): Promise<PolicyChange> {
  const { kind } = configuredPolicySource(context.config);
  const active = await store.run((transaction) => activePolicy(transaction, kind));
  return active ?? policyAtStart(context, store, text);
}

/** Follows the policy in force while this process runs, and watches the file if that is its task. */
export function policySourceWatch(
  { config, say }: Pick<PolicySourceContext, "config" | "say">,
  parts: ComposedApp,
  inForce: PolicyChange,
  watchesFile: boolean,
): PolicyWatch {
  return policyWatch({
    context: parts,
    file: {
      source: configuredPolicySource(config),
      stamp: () => (watchesFile ? policyFileStamp(config) : "left to others"),
      read: () => readPolicyFile(config),
    },
    requireRules: (read) => parts.requireRules(read),
    say,
    inForce,
  });
}
