/** Opens the help pages for a process, and follows the places they come from. */
import type { PassageSource } from "#core/contracts/knowledge.ts";
import { openKnowledge, type OpenKnowledge } from "#knowledge/index.ts";
import { dueReader } from "#knowledge/sources/due-sources.ts";
import { followSources, type FollowedSources } from "#knowledge/sync-sources.ts";
import { ROLE_TASKS } from "#config/process-roles.ts";
import type { Foundation } from "./composed-app.ts";

/** The help pages, and the follower that keeps the team's own texts up to date. */
export async function knowledgeFor(
  { config, store, clock, log }: Foundation,
  sources: readonly PassageSource[],
): Promise<{ readonly knowledge: OpenKnowledge; readonly followed: FollowedSources }> {
  const { EMBEDDINGS, DESKHAND_ROLE } = config.environment;
  // Only processes that run turns search the help pages; the others need neither the thread nor its memory.
  const embeddings = EMBEDDINGS === "builtin" && ROLE_TASKS[DESKHAND_ROLE].works;
  const names = sources.map(({ name }) => name);
  const knowledge = await openKnowledge({ store, log, embeddings, sources: names, clock });
  return {
    knowledge,
    followed: followSources({
      knowledge,
      sources,
      log,
      readDue: dueReader({ store, clock, log, knowledge }),
    }),
  };
}
