/** What is read of the Model Context Protocol (modelcontextprotocol.io, revision 2025-06-18): JSON-RPC 2.0 messages. */
import { z } from "zod";

/** The revision we speak; a server may answer with an older one that has the same messages. */
export const PROTOCOL_VERSION = "2025-06-18";

/** Revisions whose messages are those below. */
export const KNOWN_VERSIONS: readonly string[] = ["2025-11-25", PROTOCOL_VERSION, "2025-03-26"];

/** The answer to one request of ours. */
export const Answer = z.union([
  z.object({
    jsonrpc: z.literal("2.0"),
    id: z.number(),
    result: z.record(z.string(), z.unknown()),
  }),
  z.object({
    jsonrpc: z.literal("2.0"),
    id: z.number().nullable(),
    error: z.object({ code: z.number(), message: z.string() }),
  }),
]);

export const Initialized = z.object({
  protocolVersion: z.string(),
  serverInfo: z.object({ name: z.string(), version: z.string() }),
});

const Schema = z.record(z.string(), z.unknown());

/** A tool as its server describes it: untrusted text and untrusted schemas. */
export const ListedTool = z.object({
  name: z.string().regex(/^[\w.-]{1,128}$/),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: Schema,
  outputSchema: Schema.optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
export type ListedTool = z.infer<typeof ListedTool>;

export const ToolPage = z.object({
  tools: z.array(z.unknown()),
  nextCursor: z.string().optional(),
});

/** What a call came to. Only what is structured is used. */
export const Called = z.object({
  isError: z.boolean().optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).default([]),
});
export type Called = z.infer<typeof Called>;
