/** Opens an MCP server: lists its tools and describes them like the operations of a document. */
import { inProcessAllowances } from "#core/connection/rate-limit.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { answersFrom } from "#importing/answers/answer-file.ts";
import { givenAnswers, type ToolImports } from "#importing/command/screen.ts";
import type { OpenedSystem } from "#importing/description.ts";
import { openContent } from "#importing/openapi/open.ts";
import { saidSignIn } from "#importing/questions/plan-system.ts";
import type { Authentication } from "#systems/contract.ts";
import type { SystemClientOptions } from "#systems/http/client.ts";
import { listTools } from "#systems/mcp/list-tools.ts";
import { toolPin } from "#systems/mcp/look-at-servers.ts";
import { serverDocument } from "./document.ts";

/** What it needs beside the address: how the server is asked, and what may not reach a model. */
interface McpOpening {
  readonly asked: Omit<SystemClientOptions, "connection" | "breaker">;
  readonly authentication: SystemClientOptions["connection"]["authentication"];
  /** Why a text of the server must not reach the model; null when it may. */
  readonly inspect: (text: string) => string | null;
}

const TIMEOUT_MS = 15_000;
const ANSWER_BYTES_MAX = 4_000_000;

/** A program, or how some clients write one; whatever else is no address of ours is refused where it is asked. */
const PROGRAM = /^(?:stdio:|file:|(?![a-z][a-z0-9+.-]*:\/\/))/i;

/**
 * Lists the tools at an address. Each is pinned by the digest of all that its server says of it now. Throws
 * `system.unavailable` when the server does not answer in the protocol, and `input.invalid` for a server that is a
 * local program.
 */
async function openMcp(
  address: string,
  { asked, authentication, inspect }: McpOpening,
): Promise<OpenedSystem> {
  if (PROGRAM.test(address))
    throw new DeskhandError(
      "input.invalid",
      "An MCP server is named by its address, https://…. One that is a local program (stdio) is not started, because it would run with the rights of Deskhand and could read its secrets and its database. Run it apart, under a user of its own, behind a gateway that offers it over streamable HTTP, and import that address. Nothing was started or written.",
    );
  const connection = {
    name: "the MCP server",
    // No setting has this name, so that the address is the one that was typed.
    addressFrom: "",
    address,
    authentication,
    limits: { timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX, perMinute: null },
  };
  const { about, tools } = await listTools(
    { ...asked, connection },
    AbortSignal.timeout(TIMEOUT_MS),
  );
  const { origin } = new URL(address);
  const content = serverDocument(about.serverInfo, address, tools);
  const opened = await openContent(
    {
      at: address,
      place: { kind: "address", origin, isLocal: false },
      bytes: JSON.stringify(content).length,
      content,
    },
    "the list of tools",
    inspect,
  );
  const pins = Object.fromEntries(tools.map((tool) => [tool.name, toolPin(tool)]));
  return { ...opened, system: { ...opened.system, pins } };
}

/**
 * Opens the server that a lead named, signed in as the answers say. Throws `input.invalid` for answers that cannot be
 * used, and what `openMcp` throws.
 */
export async function openNamedMcp(
  address: string,
  answersFile: string | null,
  { folder, inspect, setting }: ToolImports,
): Promise<OpenedSystem> {
  const asked = {
    settings: { text: setting, file: () => "" },
    allowances: inProcessAllowances(),
    clock: { now: () => new Date() },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
  const authentication = await signIn(folder, answersFile);
  return openMcp(address, { asked, authentication, inspect });
}

async function signIn(folder: string, answersFile: string | null): Promise<Authentication> {
  const { given, source } = await givenAnswers(folder, answersFile, answersFrom);
  const said = answersFrom(given, source).system.sign_in ?? "none";
  return said === "none" ? { kind: "none" } : saidSignIn(said);
}
