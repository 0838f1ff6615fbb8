/** Places a turn among the customer's other conversations, in the transaction that saves it. */
import { placeInCase } from "#core/cases/same-case.ts";
import { changeApproval } from "#store/approvals/approvals.ts";
import {
  askAbout,
  joinConversations,
  keepWaiting,
  lockCustomer,
  rememberEntry,
  sizesOfCases,
} from "#store/cases/changes.ts";
import { MEMBERS_MAX, type OtherMember, readOthers } from "#store/cases/members.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { StaleTurnError } from "#jobs/context/job-context.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { Plan, PlannedCase } from "#jobs/plan/plan.ts";
import { clockText } from "#core/values/moment.ts";
import { factsOfOther, isLive, openIn } from "./facts.ts";
import { calledBy } from "#core/values/message.ts";

/** What saving a turn knows when its place in a case is looked for. */
interface PlacedTurn {
  readonly conversationId: string;
  readonly snapshot: ConversationSnapshot;
  readonly plan: Plan;
  /** The customer's other conversations that wait, as the turn's own commit found them. */
  readonly waiting: readonly string[];
  readonly now: Date;
}

/** The turn belongs to a case it did not know of: it is joined, and planned again with the whole case. */
export class CaseFound extends StaleTurnError {
  override readonly atOnce = true;
  /** What to join, as it was when it was found. */
  readonly joined: {
    readonly conversationId: string;
    readonly other: string;
    readonly entry: NonNullable<PlannedCase["entry"]>;
    readonly reasons: readonly string[];
  };

  constructor(joined: CaseFound["joined"]) {
    super(`it is one case with ${joined.other}`);
    this.joined = joined;
  }
}

/**
 * Compares the turn with what else waits for its customer. What is surely the same and still waits is joined and
 * planned again as one case; what has ended is linked; what may be the same is asked about on the card. Throws
 * `StaleTurnError` when the case has moved on since the plan was made.
 */
export async function placeTurn(transaction: Transaction, turn: PlacedTurn): Promise<void> {
  const { snapshot, plan, waiting, now } = turn;
  const { entry, facts } = plan.case;
  if (entry === null || facts === null || waiting.length === 0) return;
  const others = await readOthers(transaction, waiting, now);
  await forgetEnded(transaction, turn, others);
  await markMoneyCards(transaction, turn, others);
  const caseId = snapshot.caseMember?.caseId ?? null;
  const isMine = ({ member }: OtherMember): boolean => caseId !== null && member.caseId === caseId;
  refuseMoved(snapshot, others.filter(isMine));
  if (snapshot.caseMember?.keptApart === true) return;
  const apart = others.filter((each) => !isMine(each) && !each.member.keptApart);
  const joinable = await thatFit(transaction, caseId, apart);
  const { kind, other, reasons } = placeInCase(facts, joinable.map(comparable));
  if (other === null) return;
  if (kind === "same") await join(transaction, turn, { found: other.found, entry, reasons });
  else await askOnCard(transaction, turn, { found: other.found, reasons });
}

/**
 * Whatever the customer writes may correct what they wrote before. A card elsewhere that would change something of theirs
 * says that they wrote since, as a new version without votes: who has not seen that cannot approve it.
 */
async function markMoneyCards(
  transaction: Transaction,
  { snapshot, plan, now }: PlacedTurn,
  others: readonly OtherMember[],
): Promise<void> {
  const { entry, covers } = plan.case;
  const { conversation } = snapshot.state;
  for (const { member, pending } of others) {
    if (entry === null || pending === null || entry.writtenAt <= member.writtenAt) continue;
    if (covers.some(({ conversation: { id } }) => id === member.conversationId)) continue;
    const { actions } = pending.proposal ?? { actions: [] };
    if (actions.every(({ action }) => action.operation === "reply")) continue;
    const at = clockText(entry.writtenAt, pending.card.zone);
    const line = `The customer wrote again at ${at}, in ${conversation.channel} ${calledBy(conversation)}. Read it before you decide.`;
    if (pending.card.changes.includes(line)) continue;
    const version = pending.version + 1;
    const lapsed = pending.votes.map(({ name }) => `${name}'s approval lapsed.`);
    const card = { ...pending.card, version, changes: [line, ...lapsed] };
    if (!(await changeApproval(transaction, pending, { version, votes: [], card }, now)))
      throw new StaleTurnError("a card of the same customer was decided meanwhile");
  }
}

/** Those with which the case would not grow beyond what is read of one. */
async function thatFit(
  transaction: Transaction,
  caseId: string | null,
  others: readonly OtherMember[],
): Promise<readonly OtherMember[]> {
  const cases = [caseId, ...others.map(({ member }) => member.caseId)].filter((id) => id !== null);
  const sizes = await sizesOfCases(transaction, [...new Set(cases)]);
  const caseSize = (id: string | null): number => (id === null ? 1 : (sizes.get(id) ?? 1));
  return others.filter(({ member }) => caseSize(caseId) + caseSize(member.caseId) <= MEMBERS_MAX);
}

function comparable(found: OtherMember) {
  const { conversationId, caseId } = found.member;
  return { found, conversationId, caseId, facts: factsOfOther(found) };
}

/** What still waits is planned again together; what has ended is only linked. */
async function join(
  transaction: Transaction,
  { conversationId }: PlacedTurn,
  same: {
    readonly found: OtherMember;
    readonly entry: CaseFound["joined"]["entry"];
    readonly reasons: readonly string[];
  },
): Promise<void> {
  const { found, entry, reasons } = same;
  const other = found.member.conversationId;
  if (isLive(found)) throw new CaseFound({ conversationId, other, entry, reasons });
  await joinConversations(transaction, [conversationId, other], reasons);
}

/** Only a card can ask, and only while there is something to join. */
async function askOnCard(
  transaction: Transaction,
  { conversationId, snapshot, plan }: PlacedTurn,
  { found, reasons }: { readonly found: OtherMember; readonly reasons: readonly string[] },
): Promise<void> {
  const asks = plan.card?.content.kind === "proposal" && snapshot.caseMember?.caseId == null;
  if (asks && isLive(found))
    await askAbout(transaction, conversationId, found.member.conversationId, reasons);
}

/** What is older than a case lasts need not be looked at again. */
async function forgetEnded(
  transaction: Transaction,
  { plan, conversationId, waiting }: PlacedTurn,
  others: readonly OtherMember[],
): Promise<void> {
  const { entry } = plan.case;
  if (entry === null || others.length === waiting.length) return;
  const left = waiting.filter((id) => others.some(({ member }) => member.conversationId === id));
  const own = entry.waits ? [conversationId] : [];
  await keepWaiting(transaction, entry.customerId, [...left, ...own]);
}

/** What came in elsewhere in the case since the turn was begun may change its answer. */
function refuseMoved({ caseOthers }: ConversationSnapshot, members: readonly OtherMember[]): void {
  const seen = new Set(caseOthers.flatMap(openIn).map(({ key }) => key));
  const moved = members.some(
    (other) => other.state.owner === "bot" && openIn(other).some(({ key }) => !seen.has(key)),
  );
  if (moved) throw new StaleTurnError("more was said in the case");
}

/** Joins what a turn found, in a commit of its own: the turn's commit was taken back. */
export async function joinFound(
  store: Store,
  { joined: { conversationId, other, entry, reasons } }: CaseFound,
  now: Date,
): Promise<void> {
  await store.run(async (transaction) => {
    await lockCustomer(transaction, entry.customerId);
    await rememberEntry(transaction, conversationId, entry, now);
    await joinConversations(transaction, [conversationId, other], reasons);
  });
}
