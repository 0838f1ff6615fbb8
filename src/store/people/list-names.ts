/** Lists all names of people in the database. */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { chatUserIn } from "./chat-key-owner.ts";
import { nameOfAuthor, nameText, type PersonName } from "./person-names.ts";

const Row = z.object({ kind: z.enum(["author", "email", "customer", "voter"]), value: z.string() });

/** Every person's name under which data is stored, for comparison with the list of keyed digests of erased names. */
export async function knownNames(transaction: Transaction): Promise<readonly PersonName[]> {
  const rows = await rowsOf(
    transaction,
    Row,
    sql`select 'author' as kind, author_id as value from message where author_kind <> 'bot'
      union select 'email', lower(content -> 'identity' -> 'handle' ->> 'email') from message_content
        where content -> 'identity' -> 'handle' ->> 'email' is not null
      union select 'customer', content -> 'identity' -> 'handle' ->> 'customerId' from message_content
        where content -> 'identity' -> 'handle' ->> 'customerId' is not null
      union select 'email', lower(email_on_file) from challenge where email_on_file is not null
      union select 'email', lower(action -> 'arguments' ->> 'address') from effect
        where operation = 'send_code' and action -> 'arguments' ->> 'address' is not null
      union select 'email', lower(split_part(key, ':', 2)) from conversation_key where key like 'mail:%@%'
      union select 'author', 'chat:' || ${chatUserIn(sql`key`)} from conversation_key where key like 'chat:_%:%'
      union select 'voter', lower(email) from console_pass
      union select 'voter', lower(v ->> 'voter') from approval, jsonb_array_elements(votes) v`,
  );
  const names = new Map<string, PersonName>();
  for (const { kind, value } of rows) {
    const name = nameFrom(kind, value);
    if (name !== null) names.set(nameText(name), name);
  }
  return [...names.values()];
}

function nameFrom(kind: z.infer<typeof Row>["kind"], value: string): PersonName | null {
  if (value === "") return null;
  if (kind === "author") return nameOfAuthor(value);
  if (kind === "customer") return { kind, value };
  return value.includes("@") ? { kind: "email", value } : null;
}
