/** Tools of an MCP server as an import declares them: one that looks up a return, pinned as it was then. */
import { z } from "zod";
import { toolPin } from "#systems/mcp/look-at-servers.ts";
import { ListedTool } from "#systems/mcp/session.ts";
import type { ReadDeclaration } from "#systems/contract.ts";
import { RETURN_TOOLS } from "./mcp-stand-in.ts";

/** What an import writes into the connection file. */
export const RETURN_PINS = Object.fromEntries(
  RETURN_TOOLS.map((tool) => ListedTool.parse(tool)).map((tool) => [tool.name, toolPin(tool)]),
);

/** The look-up of a return at the server with this address. */
export function findReturn(address: string): ReadDeclaration {
  return {
    kind: "read",
    connection: {
      name: "returns",
      addressFrom: "RETURNS_ADDRESS",
      address,
      authentication: { kind: "none" },
      limits: { timeoutMs: 2_000, answerBytesMax: 100_000, perMinute: null },
      mcp: { tools: RETURN_PINS },
    },
    name: "get_return",
    description: "One return by its id.",
    minimumLevel: 2,
    input: z.strictObject({ return_id: z.string() }),
    from: {
      request: {
        method: "POST",
        path: "/get_return",
        body: { encoding: "json", fields: { return_id: { from: "input", name: "return_id" } } },
      },
      at: "",
      many: false,
      record: z.object({ id: z.string(), customer_email: z.string(), state: z.string() }),
    },
    belongsTo: { by: "field", field: "customer_email", is: "email" },
    personal: ["customer_email"],
    shownMax: 1,
  };
}
