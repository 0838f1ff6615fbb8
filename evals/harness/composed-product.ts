/** The composed product of a stage: its policy can change from case to case, and what a case left disturbed is renewed. */
import type { JobContext } from "#jobs/context/job-context.ts";
import { policiesOver } from "./policies.ts";
import type { compose } from "#app/compose.ts";

/** What is wired, and the same with channels in memory. */
interface Opened {
  readonly wired: Wired;
  readonly parts: JobContext;
}

/** The product of a stage, which may be composed anew between cases. */
interface ComposedProduct {
  now(): Opened;
  usePolicy(name: string | null): void;
  /** Under its own policy, and with no provider that it leaves alone because an earlier case made it fail. */
  calm(): Promise<void>;
}

/** Opens the product once, and later only where it has to be calmed. */
export async function composedProduct(given: {
  /** The text of the policy that the others are laid over. */
  readonly base: string;
  readonly open: () => Promise<Opened>;
}): Promise<ComposedProduct> {
  const policies = policiesOver(given.base);
  const current: { opened: Opened; policy: string | null } = {
    opened: await given.open(),
    policy: null,
  };
  const usePolicy = (name: string | null): void => {
    if (name !== current.policy) current.opened.wired.policy.replace(policies(name));
    current.policy = name;
  };
  return {
    now: () => current.opened,
    usePolicy,
    async calm() {
      usePolicy(null);
      const { wired } = current.opened;
      if (Object.values(wired.breakerStates()).every((state) => state === "closed")) return;
      await wired.close();
      current.opened = await given.open();
    },
  };
}

/** The parts that the product's own wiring creates. */
export type Wired = Awaited<ReturnType<typeof compose>>;
