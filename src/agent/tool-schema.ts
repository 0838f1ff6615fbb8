/** Turns a tool into the JSON schema a model is offered. */
import { z } from "zod";
import { JsonObject } from "#core/values/canonical-json.ts";
import type { OfferedTool } from "#core/contracts/model.ts";
import type { AgentTool } from "#tools/ending-tool.ts";

/**
 * Keywords that common providers refuse or ignore in strict tool schemas. Dropping them is safe: the tool's own schema
 * checks every call again.
 */
const DROPPED = new Set([
  "minLength",
  "maxLength",
  "maxItems",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "default",
]);

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

function makeOffer(tool: AgentTool): OfferedTool {
  const schema = z.toJSONSchema(tool.input, {
    io: "input",
    override: ({ jsonSchema }) => {
      for (const keyword of Object.keys(jsonSchema))
        if (DROPPED.has(keyword)) Reflect.deleteProperty(jsonSchema, keyword);
    },
  });
  const { $schema: _, ...parameters } = JsonObject.parse(schema);
  // Strict mode wants every property listed as required, also those the tool could do without.
  const required = Object.keys(JsonObject.catch({}).parse(parameters["properties"]));
  return {
    name: tool.name,
    description: tool.description,
    parameters: { ...parameters, required },
  };
}
