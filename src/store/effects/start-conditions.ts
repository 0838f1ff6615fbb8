/** Reads with one statement what decides whether an effect may begin. */
import { z } from "zod";
import { conversationRevision } from "#core/cases/ownership.ts";
import {
  REVISED_BY,
  RevisedBy,
  stateOfRow,
  type ConversationState,
} from "#store/conversations/conversations.ts";
import { ask, type Reader, type Transaction } from "#store/db/database.ts";
import { rowFromJson } from "#store/db/statement.ts";
import { conversation, effect } from "#store/db/schema.ts";
import { Effect } from "./ledger.ts";
import { PAUSE_SETTINGS, pauseIn, type Pause } from "./pause.ts";
import { DOWNTIME, type Downtime } from "./recovery.ts";

/** The conversation of an effect at the moment it is to begin. */
export interface StartConditions {
  readonly state: ConversationState;
  /** The conversation on the other side of a hand-over. */
  readonly linked: ConversationState | null;
  /** A message has arrived that was not read yet. */
  readonly hasUnread: boolean;
  readonly pause: Pause;
  /** The newest return from a restore or a downtime. */
  readonly back: Downtime | null;
}

const SETTINGS = [...PAUSE_SETTINGS, DOWNTIME.name].map((name) => `'${name}'`).join(", ");

const conditionsWith = (more: string): string => `
select to_json(c) as state, (select to_json(l) from conversation l where l.id = c.linked_id) as linked,
  exists (select 1 from hint h where h.conversation_id = c.id and h.state = 'unread'
            and h.payload ->> 'kind' = 'message') as "hasUnread",
  (select coalesce(json_object_agg(s.name, s.value), '{}') from setting s where s.name in (${SETTINGS})) as settings${more}
from conversation c where c.id = $1`;

const Row = z.object({
  state: z.unknown(),
  linked: z.unknown(),
  hasUnread: z.boolean(),
  settings: z.record(z.string(), z.unknown()),
});

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
  row: Row.extend({ effects: z.array(z.unknown()) }),
} as const;

/** The same with the effects of all bundles in which anything is open. */
export async function conditionsAndBundles(
  reader: Reader,
  conversationId: string,
): Promise<(StartConditions & { readonly effects: readonly Effect[] }) | null> {
  const [row] = await ask(reader, CONDITIONS_AND_BUNDLES, [conversationId]);
  if (row === undefined) return null;
  const effects = row.effects.map((json) => Effect.parse(rowFromJson(effect, json)));
  return { ...conditionsFrom(row), effects };
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

function conditionsFrom(row: z.infer<typeof Row>): StartConditions {
  const settings = new Map(Object.entries(row.settings));
  return {
    state: stateOfRow(rowFromJson(conversation, row.state)),
    linked: row.linked === null ? null : stateOfRow(rowFromJson(conversation, row.linked)),
    hasUnread: row.hasUnread,
    pause: pauseIn(settings),
    back: DOWNTIME.from(settings.get(DOWNTIME.name)),
  };
}
