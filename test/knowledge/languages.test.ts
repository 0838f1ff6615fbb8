/** Pages in other languages are found by words with other endings. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { openPages, type OpenKnowledge } from "#knowledge/index.ts";
import type { Page } from "#knowledge/pages.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { emptyStore, listeningLog, never, page } from "./bench.ts";
import { DATABASES } from "#test/support/deskhand.ts";

const written = (slug: string, language: string, text: string): Page => ({
  ...page(slug, text),
  title: "",
  language,
});

const PAGES: readonly Page[] = [
  written("refunds", "", "Refunds are paid to your card within five days."),
  written("refunds-en", "en-gb", "Refunds of gift cards are paid as a new gift card."),
  written("refunds-de", "de", "Rückerstattungen gehen auf die Karten, mit denen bezahlt wurde."),
  written("parcels-de", "de-at", "Verlorene Pakete suchen wir bei den Zustellern."),
  written("refunds-fr", "fr", "Nous remboursons les commandes annulées en cinq jours."),
  written("refunds-es", "es", "Los reembolsos de pedidos cancelados tardan cinco días."),
  written("refunds-ru", "ru", "Возвраты денег за отменённые заказы занимают пять дней."),
  written("refunds-pl", "pl", "Zwroty pieniędzy trwają pięć dni."),
];

/** Words that no page has in this form, where the language has a dictionary. */
const QUESTIONS: readonly (readonly [string, string])[] = [
  ["Is my refund paid within a day?", "refunds"],
  ["Kann eine Rückerstattung auf eine andere Karte gehen?", "refunds-de"],
  ["Mein Paket hat der Zusteller verloren", "parcels-de"],
  ["Est-ce qu'une commande annulée est remboursée ?", "refunds-fr"],
  ["¿Cuánto tarda el reembolso de un pedido cancelado?", "refunds-es"],
  ["Где возврат за отменённый заказ?", "refunds-ru"],
  ["zwroty pieniędzy?", "refunds-pl"],
];

for (const kind of DATABASES)
  describe(`pages in several languages on ${kind}`, () => {
    let database: Awaited<ReturnType<typeof emptyStore>>;
    let knowledge: OpenKnowledge;
    before(async () => {
      database = await emptyStore(kind);
      const { store } = database;
      knowledge = await openPages({ store, log: listeningLog(), pages: PAGES, embedder: null });
    });
    after(async () => {
      await knowledge.close();
      await database.destroy();
    });

    test("a question finds the page of its language though its words have other endings", async () => {
      for (const [question, slug] of QUESTIONS) {
        const [first] = await knowledge.search(question, 3, never);
        assert.equal(first?.id, `${slug}#top`, question);
      }
    });

    test("a passage that an older version stores is read as English", async () => {
      const [row] = await database.store.run(async (transaction) => {
        await transaction.execute(
          sql`insert into help_passage (id, slug, position, title, url, heading, body)
              values ('refunds#old', 'refunds', 9, 'Refunds', '', '', 'paid at once')`,
        );
        return rowsOf(
          transaction,
          z.object({ words: z.string() }),
          sql`delete from help_passage where id = 'refunds#old' returning words::text`,
        );
      });
      assert.equal(row?.words, "'paid':2 'refund':1C");
    });
  });
