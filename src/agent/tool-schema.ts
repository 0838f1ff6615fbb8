/** Turns a tool into the JSON schema a model is offered. */
import { z } from "zod";
import { JsonObject } from "#core/values/canonical-json.ts";
import type { OfferedTool } from "#core/contracts/model.ts";
import type { AgentTool } from "#tools/ending-tool.ts";

/**
 * Keywords that common providers refuse or ignore in strict tool schemas. Dropping them is safe: the tool's own schema
 * checks every call again.
 */
const DROPPED = new Set(["minLength", "maxLength", "pattern", "format", "minimum", "maximum"]);

const OFFERS = new WeakMap<AgentTool, OfferedTool>();

/** A tool as offered to a model. Computed once per tool, since the schema does not change. */
export function offerOf(tool: AgentTool): OfferedTool {
  const before = OFFERS.get(tool);
  if (before !== undefined) return before;
  const offer = makeOffer(tool);
  OFFERS.set(tool, offer);
  return offer;
}

function makeOffer(tool: AgentTool): OfferedTool {
  const schema = z.toJSONSchema(tool.input, {
    io: "input",
    override: ({ jsonSchema }) => {
      for (const keyword of Object.keys(jsonSchema))
        if (DROPPED.has(keyword)) Reflect.deleteProperty(jsonSchema, keyword);
    },
  });
  // Strict mode wants every property listed as required; an empty object has none to list.
  const { $schema: _, ...parameters } = JsonObject.parse(schema);
  return {
    name: tool.name,
    description: tool.description,
    parameters: { required: [], ...parameters },
  };
}
