/** Reads what cards show of their cases: the other conversations, and one a teammate is asked about. */
import { z } from "zod";
import { ChannelName, Owner } from "#core/values/vocabulary.ts";
import { ownerFactsIn } from "#core/cases/ownership.ts";
import { ask, type Transaction } from "#store/db/database.ts";

const Row = z.object({
  /** The conversation whose card shows it. */
  shownBy: z.string(),
  /** True when it belongs to the case; false when a teammate is asked whether it does. */
  isMember: z.boolean(),
  id: z.string(),
  channel: ChannelName,
  externalId: z.string(),
  subject: z.string(),
  writtenAt: z.coerce.date(),
  owner: Owner,
  ownerReason: z.string(),
  isOpen: z.boolean(),
  /** Why the card's own conversation belongs to it, or may belong to it. */
  reasons: z.array(z.string()),
});
const ShownRow = Row.transform(({ ownerReason, ...shown }) => ({
  ...shown,
  /** True for one that people have because of its delicate topic. */
  isDelicate: shown.owner === "human" && ownerFactsIn(ownerReason).delicate !== null,
}));
export type ShownConversation = z.infer<typeof ShownRow>;

const SHOWN = {
  name: "shown_cases",
  text: `
select own.conversation_id as "shownBy", k.case_id is not distinct from own.case_id and own.case_id is not null as "isMember",
  o.id, o.channel, case when o.external_id = '' then o.id else o.external_id end as "externalId", o.subject,
  k.written_at as "writtenAt", o.owner, o.owner_reason as "ownerReason", own.reasons,
  o.solved_at is null and (o.owner = 'human' or exists (
    select 1 from message m where m.conversation_id = o.id and m.author_kind = 'requester' and m.visibility = 'public'
      and m.outcome is null)) as "isOpen"
from case_member own
join case_member k on k.conversation_id <> own.conversation_id
  and (k.case_id = own.case_id or k.conversation_id = own.asked_about)
join conversation o on o.id = k.conversation_id
where own.conversation_id = any (array(select jsonb_array_elements_text($1::jsonb)))
order by k.written_at, o.id`,
  row: ShownRow,
} as const;

/** What the cards of these conversations show of other conversations; nothing for those that belong to no case. */
export async function readShownCases(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<readonly ShownConversation[]> {
  if (conversationIds.length === 0) return [];
  return ask(transaction, SHOWN, [JSON.stringify([...new Set(conversationIds)])]);
}
