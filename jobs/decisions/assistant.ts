/**
 * What an assistant proposes in a teammate's name: a reply, an action or a note. It becomes a card, or the next version of
 * the one that waits, without a vote, and the teammate counts as its author. Nothing here decides, and nothing is sent.
 */
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { WriteTool } from "#core/contracts/tool.ts";
import { reasonOf } from "#core/values/errors.ts";
import { isFromRequester } from "#core/values/message.ts";
import { inWords } from "#core/values/words.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import { hasUnreadMessage } from "#store/conversations/read-snapshot.ts";
import { messagesOfCase } from "#store/console/case.ts";
import type { Transaction } from "#store/db/database.ts";
import { effectsUnderWay } from "#store/effects/ledger.ts";
import { isBlank } from "#text/normalize.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import { NO_ROLE, RACED } from "#jobs/approval/refusals.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { type ProposalAnswer, saveWish } from "./assistant-card.ts";
import { type Standing, type Wish, wishedAction, wishedNote } from "./assistant-wishes.ts";
import { pressOn } from "./card-press.ts";
import { readThread, type Thread } from "./reply-basis.ts";

/** About which case it proposes something, and which version of its waiting card it has read; null where it saw none. */
export interface ProposedFor {
  readonly caseId: string;
  readonly version: number | null;
}

/** The three things an assistant may propose. None of them throws for what a person has to be told. */
export interface AssistantDesk {
  draftReply(who: DeskTeammate, about: ProposedFor, text: string): Promise<ProposalAnswer>;
  addNote(who: DeskTeammate, about: ProposedFor, text: string): Promise<ProposalAnswer>;
  proposeAction(
    who: DeskTeammate,
    about: ProposedFor,
    wished: { readonly operation: string; readonly input: unknown },
  ): Promise<ProposalAnswer>;
  /** What may be proposed, for people to choose from. */
  readonly operations: readonly WriteTool[];
}

/** `tools` are those of the bot; of them an assistant may propose what rests on the account of a proven customer. */
export function assistantDesk(context: JobContext, tools: readonly WriteTool[]): AssistantDesk {
  const operations = tools.filter(({ accountData }) => accountData);
  return {
    operations,
    draftReply: (who, about, text) =>
      propose(context, who, about, async () =>
        isBlank(text) ? "The reply must not be empty." : { text, added: [] },
      ),
    addNote: (who, about, text) =>
      propose(context, who, about, (standing) => wishedNote(context, who, standing, text)),
    proposeAction: (who, about, wished) =>
      propose(context, who, about, (standing) =>
        wishedAction(context, operations, standing, wished),
      ),
  };
}

type Make = (standing: Standing) => Promise<Wish | string>;

/** A lost race is one look more: a person's press or edit comes first. */
const LOOKS_MAX = 3;

async function propose(
  context: JobContext,
  who: DeskTeammate,
  about: ProposedFor,
  make: Make,
): Promise<ProposalAnswer> {
  if (pressingVoter(context, who).role === null) return { refused: NO_ROLE };
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const standing = await readStanding(context, about);
    if (typeof standing === "string") return { refused: standing };
    const barrier = await whyNotThisCard(context, who, standing, about.version);
    if (barrier !== null) return { refused: barrier };
    const wish = await make(standing);
    if (typeof wish === "string") return { refused: wish };
    const saved = await saveWish(context, who, standing, wish);
    if (saved === RACED) continue;
    if ("card" in saved) await showCardsSoon(context).catch(logged(context));
    return saved;
  }
  return { refused: "Others change this card at the same moment. Read it again, then propose." };
}

/** It waits in any case; it shows later. */
function logged({ log }: Pick<JobContext, "log">) {
  return (error: unknown): void => log.warn("a card shows later", { reason: reasonOf(error) });
}

/** What there is, or why nothing can be proposed about this case now. */
async function readStanding(
  context: JobContext,
  { caseId }: ProposedFor,
): Promise<Standing | string> {
  return context.store.run(async (transaction) => {
    const thread = await readThread(context, transaction, caseId);
    if (typeof thread === "string") return thread;
    const running = await effectsUnderWay(transaction, thread.members);
    if (running.length > 0)
      return `Under way in this case: ${running.map(({ operation }) => inWords(operation)).join(", ")}. Wait until it is done, or a person takes it back.`;
    const { id } = thread.state.conversation;
    const pending = await pendingApproval(transaction, id);
    return pending === null && (await isBotAt(transaction, thread))
      ? "Deskhand is drafting an answer to this now. Propose once its card waits."
      : { thread, pending };
  });
}

const NEWEST = 20;

/** True while the bot has something here that it has not read, or not answered: its own card follows. */
async function isBotAt(transaction: Transaction, { state }: Thread): Promise<boolean> {
  const { id } = state.conversation;
  if (state.owner !== "bot") return false;
  if (await hasUnreadMessage(transaction, id)) return true;
  const { messages } = await messagesOfCase(transaction, [id], { before: null, most: NEWEST });
  return messages.some(
    ({ message, outcome }) =>
      isFromRequester(message) && message.ignore === null && outcome === null,
  );
}

/** Why this card is not changed: it was not read as it is, it is over, or a person is at it. */
async function whyNotThisCard(
  context: JobContext,
  who: DeskTeammate,
  { pending }: Standing,
  version: number | null,
): Promise<string | null> {
  if (pending === null)
    return version === null ? null : "No card waits in this case any more. Read it again.";
  if (version !== pending.version)
    return `A card waits in this case, as version ${pending.version}. Read it, then propose with that version.`;
  const asked = { approvalId: pending.id, version, teammate: who };
  const press = await pressOn(context, asked, pending, { meaning: "none" });
  if ("answer" in press) return press.answer.message;
  if (pending.kind !== "proposal" || pending.proposal === null)
    return "The guard holds this message back, so a person looks at it first.";
  const { claim } = pending;
  return claim === null || claim.voter === press.voter.voter
    ? null
    : `${claim.name} is at this card. Ask them first.`;
}
