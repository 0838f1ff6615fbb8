/** The seal over what people approve, and the comparison with what is about to happen. Pure. */
import { canonical, digest, isSameDigest } from "./canonical-json.ts";
import type { ApprovalState } from "./states.ts";

/** What an action does, under which key, and the facts that it relies on: all of it is sealed. */
export interface SealedParts {
  readonly key: string;
  readonly action: unknown;
  readonly facts: unknown;
}

/**
 * What a person approves: a digest of every action with target, operation, arguments (recipients and full text are
 * arguments), the revision of what it is about, the facts, and the matching rules with their terms.
 */
export function proposalSeal(sealed: {
  readonly actions: readonly SealedParts[];
  readonly revision: string;
  readonly rules: readonly unknown[];
}): string {
  const { actions, revision, rules } = sealed;
  return digest({ actions: actions.map(sealedParts), revision, rules });
}

function sealedParts({ key, action, facts }: SealedParts): SealedParts {
  return { key, action, facts };
}

/** In what an approval is not what is about to happen. */
export type SealBreak =
  | { readonly what: "changed" | "other_action" }
  | { readonly what: "state"; readonly state: ApprovalState };

/**
 * Compares an approval as it is stored with an effect that is about to begin. `seal` is the stored one and `now` is
 * computed from the row as it is; null when they agree and the effect is the action that was approved. How many people
 * approved is counted apart, from the audit.
 */
export function comparedSeal(
  stored: {
    readonly state: ApprovalState;
    readonly seal: string;
    readonly now: string;
    readonly revision: string;
    readonly actions: readonly SealedParts[];
  },
  effect: SealedParts & { readonly position: number; readonly revision: string | null },
): SealBreak | null {
  if (stored.state !== "approved") return { what: "state", state: stored.state };
  if (!isSameDigest(stored.now, stored.seal) || effect.revision !== stored.revision)
    return { what: "changed" };
  const approved = stored.actions[effect.position];
  return approved === undefined ||
    canonical(sealedParts(approved)) !== canonical(sealedParts(effect))
    ? { what: "other_action" }
    : null;
}
