/** A policy object that always answers with the policy in force, also after the file changes. */
import type { Policy } from "#core/contracts/policy.ts";
import type { LoadedPolicy } from "./load-policy.ts";

/** A policy that always answers as the one in force does. Its users need no notification of a change. */
export interface CurrentPolicy extends LoadedPolicy {
  /** From this call on, the next policy answers. */
  replace(next: LoadedPolicy): void;
}

/**
 * Stands in for the policy in force: each member is read from it at the moment of use. `reading` is applied to every
 * policy before it answers, so that this installation's own precautions outlive a change of the file.
 */
export function currentPolicy(
  first: LoadedPolicy,
  reading: (policy: LoadedPolicy) => LoadedPolicy = (policy) => policy,
): CurrentPolicy {
  const inForce = { policy: reading(first) };
  const replace = (next: LoadedPolicy): void => void (inForce.policy = reading(next));
  return new Proxy<CurrentPolicy>(
    { ...inForce.policy, replace },
    {
      get: (_, member) => (member === "replace" ? replace : Reflect.get(inForce.policy, member)),
    },
  );
}

/** A value built from the policy's text once and rebuilt when the policy changes: lists become one matcher. */
export function following<Made>(policy: Pick<Policy, "version">, make: () => Made): () => Made {
  const last: { version: string; made: Made } = { version: policy.version, made: make() };
  return () => {
    if (last.version !== policy.version) {
      last.made = make();
      last.version = policy.version;
    }
    return last.made;
  };
}
