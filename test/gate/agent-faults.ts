/** Faults of what stands around a gate, its agent, its page or its process, each with the case that has to find it. */
import {
  ACCEPTED,
  type Approval,
  type Effect,
  type Mode,
  type Offers,
  type System,
  type World,
} from "#conformance/contract.ts";

/** What is otherwise in a world with the fault. */
type Otherwise = Partial<Omit<World, "offered">> & { readonly offered?: Partial<Offers> };

/** One fault: `slip` is an effect that the gate never saw. */
export interface AgentFault {
  readonly name: string;
  readonly found: `P${number}`;
  readonly plant: (
    world: Omit<World, "offered">,
    offered: Offers,
    slip: (effect: Effect) => void,
  ) => Otherwise;
}

const YES = { kind: "yes" } as const;

/** Acts before it is asked; what a yes then brings about is the same effect, not a second. */
function ungated(mode: Mode): AgentFault["plant"] {
  return ({ propose, outside }) => {
    const early: Effect[] = [];
    return {
      async propose(call, how) {
        if (how === mode) early.push(call);
        return propose(call, how);
      },
      async outside() {
        const seen = await outside();
        return seen.length === 0 ? early : seen;
      },
    };
  };
}

/** Each approval that got a yes is handed to what happens then. */
function afterYes(
  plant: (approved: readonly Approval[], world: Omit<World, "offered">, can: Offers) => Otherwise,
): AgentFault["plant"] {
  return (world, offered) => {
    const approved: Approval[] = [];
    const decide: World["decide"] = async (approval, person, decision) => {
      if (decision.kind === "yes") approved.push(approval);
      return world.decide(approval, person, decision);
    };
    return { decide, ...plant(approved, { ...world, decide }, offered) };
  };
}

/** All of them. */
export const AGENT_FAULTS: readonly AgentFault[] = [
  { name: "a streaming run is not gated", found: "P01", plant: ungated("streamed") },
  { name: "a nested agent is not gated", found: "P13", plant: ungated("nested") },
  {
    name: "the answer's arguments are taken",
    found: "P04",
    plant: ({ decide, waiting }) => ({
      offered: {
        async swap(approval, call) {
          await decide(approval, "approver", { kind: "edit", call });
          const [edited = approval] = await waiting();
          return decide(edited, "approver", YES);
        },
      },
    }),
  },
  {
    name: "a yes means another one that waits",
    found: "P07",
    plant: ({ decide, waiting }) => ({
      decide: async (approval, person, decision) =>
        decide(
          (await waiting()).find(({ id }) => id !== approval.id) ?? approval,
          person,
          decision,
        ),
    }),
  },
  {
    name: "the body names the person",
    found: "P10",
    plant: ({ decide }) => ({
      offered: { claiming: (approval, person) => decide(approval, person, YES) },
    }),
  },
  {
    name: "silence is a yes",
    found: "P12",
    plant: ({ decide, waiting }, can) => ({
      offered: {
        async pass(ms) {
          for (const approval of await waiting()) await decide(approval, "approver", YES);
          await can.pass(ms);
        },
      },
    }),
  },
  {
    name: "a yes is for the whole step",
    found: "P14",
    plant: ({ decide, waiting }) => ({
      async decide(_approval, person, decision) {
        for (const one of await waiting()) await decide(one, person, decision);
        return ACCEPTED;
      },
    }),
  },
  {
    name: "a step has one approval",
    found: "P14",
    plant: (_world, can) => ({
      offered: {
        async together(calls) {
          const approvals = await can.together(calls);
          return approvals.flatMap(() => approvals.slice(0, 1));
        },
      },
    }),
  },
  {
    name: "a no after an always-yes is not read",
    found: "P16",
    plant: ({ decide }) => ({
      decide: (approval, person, decision) =>
        decide(approval, person, decision.kind === "no" ? YES : decision),
    }),
  },
  {
    name: "the tool's own word decides",
    found: "P18",
    plant: (_world, _offered, slip) => ({
      offered: { harmless: async (call) => (slip(call), null) },
    }),
  },
  {
    name: "an edit may change the action",
    found: "P20",
    plant: ({ decide }, _offered, slip) => ({
      async decide(approval, person, decision) {
        if (decision.kind === "edit" && decision.call.action === "close") slip(decision.call);
        return decide(approval, person, decision);
      },
    }),
  },
  {
    name: "work before the gate is repeated",
    found: "P29",
    plant: (_world, can, slip) => ({
      offered: {
        async afterWork(call, work) {
          slip(work);
          return can.afterWork(call, work);
        },
      },
    }),
  },
  {
    name: "what is decided is lost at a restart",
    found: "P30",
    plant: afterYes((approved, _world, can) => ({
      offered: {
        async restart() {
          await can.restart();
          for (const approval of approved) await can.withdraw(approval, "approver");
        },
      },
    })),
  },
  {
    name: "an early answer is dropped",
    found: "P32",
    plant({ decide, run }) {
      let hasRun = false;
      return {
        run: () => ((hasRun = true), run()),
        decide: async (...given) => (hasRun ? decide(...given) : ACCEPTED),
      };
    },
  },
  {
    name: "a no ends the others too",
    found: "P33",
    plant: afterYes((approved, { decide }, can) => ({
      async decide(approval, person, decision) {
        if (decision.kind === "no") for (const one of approved) await can.withdraw(one, "approver");
        return decide(approval, person, decision);
      },
    })),
  },
];

/** The same system around which a fault was made. It has to offer everything. */
export function withFault(system: System, { plant }: AgentFault): System {
  return {
    ...system,
    async open(approvers) {
      const world = await system.open(approvers);
      const slipped: Effect[] = [];
      const outside = async (): Promise<readonly Effect[]> => [
        ...slipped,
        ...(await world.outside()),
      ];
      const { offered, ...otherwise } = plant(world, world.offered as Offers, (effect) => {
        slipped.push(effect);
      });
      return { ...world, outside, ...otherwise, offered: { ...world.offered, ...offered } };
    },
  };
}
