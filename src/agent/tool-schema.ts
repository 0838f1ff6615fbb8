/** What of the tools a turn offers its model. */
import { type OfferedTool, strictSchema } from "#core/contracts/model.ts";
import type { AgentTool } from "#tools/ending-tools.ts";

/** What a turn is offered: with the tools that change something, or in a turn that only reads, without them. */
interface Offers {
  readonly all: readonly OfferedTool[];
  readonly readOnly: readonly OfferedTool[];
  /** Names of the tools whose actions the policy or a person decides on. */
  readonly decided: readonly string[];
}

const OFFERS = new WeakMap<readonly AgentTool[], Offers>();

/** Tools as offered to a model. Computed once for a list of tools, so that what is written of it can be kept as well. */
export function offersOf(tools: readonly AgentTool[]): Offers {
  const before = OFFERS.get(tools);
  if (before !== undefined) return before;
  const made = tools.map((tool) => ({ kind: tool.kind, name: tool.name, offer: makeOffer(tool) }));
  const offers: Offers = {
    all: made.map(({ offer }) => offer),
    readOnly: made.filter(({ kind }) => kind !== "write").map(({ offer }) => offer),
    decided: made.filter(({ kind }) => kind === "write").map(({ name }) => name),
  };
  OFFERS.set(tools, offers);
  return offers;
}

function makeOffer({ name, description, input }: AgentTool): OfferedTool {
  return { name, description, parameters: strictSchema(input) };
}
