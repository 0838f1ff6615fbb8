/** `deskhand tools import mcp`: opens the server that a lead named, signed in as the answers say. */
import { resolve } from "node:path";
import { inProcessAllowances } from "#core/connection/rate-limit.ts";
import { answersFrom } from "#importing/answers/answer-file.ts";
import type { OpenedSystem } from "#importing/description.ts";
import { openMcp } from "#importing/mcp/open-mcp.ts";
import { saidSignIn } from "#importing/questions/plan-system.ts";
import type { Authentication } from "#systems/contract.ts";
import type { ToolImports } from "./place.ts";
import { rawAnswers } from "./screen.ts";

/** Throws `input.invalid` for answers that cannot be used, and `system.unavailable` for a server that does not answer. */
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
  if (answersFile === null) return { kind: "none" };
  const raw = await rawAnswers(resolve(folder, answersFile), answersFile, answersFrom);
  const said = answersFrom(raw, answersFile).system.sign_in ?? "none";
  return said === "none" ? { kind: "none" } : saidSignIn(said);
}
