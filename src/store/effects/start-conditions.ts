/** Reads with one statement what decides whether an effect may begin. */
import { z } from "zod";
import { conversationRevision } from "#core/cases/ownership.ts";
import { REVISED_BY, RevisedBy, StoredConversation } from "#store/conversations/conversations.ts";
import { ask, type Reader, type Transaction } from "#store/db/database.ts";
import { type Effect, StoredEffect } from "./ledger.ts";
import { PAUSE_SETTINGS, pauseIn } from "./pause.ts";
import { DOWNTIME } from "./recovery.ts";

const SETTINGS = [...PAUSE_SETTINGS, DOWNTIME.name].map((name) => `'${name}'`).join(", ");

const conditionsWith = (more: string): string => `
select to_json(c) as state, (select to_json(l) from conversation l where l.id = c.linked_id) as linked,
  exists (select 1 from hint h where h.conversation_id = c.id and h.state = 'unread'
            and h.payload ->> 'kind' = 'message') as "hasUnread",
  (select coalesce(json_object_agg(s.name, s.value), '{}') from setting s where s.name in (${SETTINGS})) as settings${more}
from conversation c where c.id = $1`;

const Row = z.object({
  state: StoredConversation,
  /** The conversation on the other side of a hand-over. */
  linked: StoredConversation.nullable(),
  /** A message has arrived that was not read yet. */
  hasUnread: z.boolean(),
  settings: z.record(z.string(), z.unknown()),
});
/** The conversation of an effect at the moment it is to begin. */
export type StartConditions = ReturnType<typeof conditionsFrom>;

const CONDITIONS = { name: "start_conditions", text: conditionsWith(""), row: Row } as const;

const CONDITIONS_AND_REVISION = {
  name: "start_conditions_and_revision",
  text: conditionsWith(`, ${REVISED_BY} as messages`),
  row: Row.extend({ messages: RevisedBy }),
} as const;

/** Each bundle with anything open, with what of it is done, in the order in which all of it has to happen. */
const OPEN_BUNDLES = `
  (select coalesce(json_agg(e order by e.created_at, e.bundle, e.position), '[]') from effect e
     where e.bundle in (select o.bundle from effect o
                          where o.conversation_id = c.id and o.state in ('intended', 'executing')))`;

const CONDITIONS_AND_BUNDLES = {
  name: "start_conditions_and_bundles",
  text: conditionsWith(`, ${OPEN_BUNDLES} as effects`),
  row: Row.extend({ effects: z.array(StoredEffect) }),
} as const;

/** The same with the effects of all bundles in which anything is open. */
export async function conditionsAndBundles(
  reader: Reader,
  conversationId: string,
): Promise<(StartConditions & { readonly effects: readonly Effect[] }) | null> {
  const [row] = await ask(reader, CONDITIONS_AND_BUNDLES, [conversationId]);
  if (row === undefined) return null;
  return { ...conditionsFrom(row), effects: row.effects };
}

/** Null for a conversation that is gone. Where the caller holds the pause, it stays as read. */
export async function startConditions(
  transaction: Transaction,
  conversationId: string,
): Promise<StartConditions | null> {
  const [row] = await ask(transaction, CONDITIONS, [conversationId]);
  return row === undefined ? null : conditionsFrom(row);
}

/** The same with the revision the conversation has by its rows as they are now, as its state. */
export async function conditionsAtNewRevision(
  transaction: Transaction,
  conversationId: string,
): Promise<StartConditions> {
  const [row] = await ask(transaction, CONDITIONS_AND_REVISION, [conversationId]);
  if (row === undefined) throw new Error(`there is no conversation ${conversationId}`);
  const conditions = conditionsFrom(row);
  const { owner, participants } = conditions.state;
  const revision = conversationRevision(owner, row.messages, participants.changes);
  return { ...conditions, state: { ...conditions.state, revision } };
}

function conditionsFrom({ state, linked, hasUnread, settings }: z.infer<typeof Row>) {
  const stored = new Map(Object.entries(settings));
  /** The newest return from a restore or a downtime. */
  const back = DOWNTIME.from(stored.get(DOWNTIME.name));
  return { state, linked, hasUnread, pause: pauseIn(stored), back };
}
