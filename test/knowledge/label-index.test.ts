/** Pages are found by their labels in the forms in which customers write them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuse, indexBuilder, pageLabelIndex } from "#knowledge/rank.ts";
import { vectorTable } from "#knowledge/vectors.ts";
import { indexed } from "./bench.ts";

const PAGES = [
  { page: "shipping", labels: ["Versand", "livraison", "dostawa", "frais de port"] },
  { page: "returns", labels: ["retourner", "reso", "zwrócić"] },
  { page: "abroad", labels: ["livraison", "Versand ins Ausland"] },
];

const found = (question: string): readonly string[] =>
  [...pageLabelIndex(PAGES).pagesFor(question)]
    .toSorted(([, one], [, other]) => other - one)
    .map(([page]) => page);

test("other endings and compounds of a label's words find its page", () => {
  assert.deepEqual(found("ile kosztują dostawy?"), ["shipping"]);
  assert.deepEqual(found("Gibt es einen Versandkostenrabatt?"), ["shipping"]);
  assert.deepEqual(found("je veux le retournez svp"), ["returns"]);
  assert.deepEqual(found("ZWRÓCIĆ TOWAR"), ["returns"]);
});

test("a search puts the passages of a labelled page before those that share no more than a word", () => {
  const passage = (id: string, text: string, labels: readonly string[] = []) => ({
    id,
    words: "'ile':1 'parcel':2",
    dictionary: "english",
    text,
    labels,
  });
  const index = indexed([
    passage("files#top", "Files, parcels and ile"),
    { ...passage("shipping#top", "How long delivery takes", ["dostawa"]), words: "'deliveri':1" },
  ]);
  const question = {
    text: "ile trwa dostawa",
    stems: new Map([["english", ["ile", "trwa", "dostawa"]]]),
    vector: null,
  };
  const [first, second] = fuse([question], index);
  assert.deepEqual([first?.id, second?.id], ["shipping#top", "files#top"]);
  assert.ok((first?.covered ?? 0) >= 0.6);
});

test("a label weighs the less, the more of the question's words a passage has", () => {
  const passage = { dictionary: "english", labels: [] };
  const index = indexed([
    { ...passage, id: "gifts#wrap", words: "'wrap':1 'gift':2" },
    { ...passage, id: "cards#top", words: "'gift':1", labels: ["wrapping"] },
  ]);
  const stems = new Map([["english", ["wrap", "gift"]]]);
  const [first] = fuse([{ text: "wrapping a gift", stems, vector: null }], index);
  assert.equal(first?.id, "gifts#wrap");
});

test("what no page answers is compared with a question the same wherever its page stands, and not where it shares no word", () => {
  const passage = (id: string, words: string) => ({ id, words, dictionary: "english", labels: [] });
  const apart = (unanswered: string, ...ids: readonly string[]) => {
    const builder = indexBuilder();
    for (const id of ids) builder.add(passage(id, id === "gifts#wrap" ? "'wrap':1" : "'parcel':1"));
    const index = { ...builder.built([passage("gifts#wrap", unanswered)]), vectors: vectorTable() };
    const stems = new Map([["english", ["wrap", "flower"]]]);
    return fuse([{ text: "wrap flowers", stems, vector: null }], index)[0]?.apart;
  };
  const flowers = "'flower':1 'wrap':2";
  const first = apart(flowers, "gifts#wrap", "other#x");
  assert.ok(first !== null && (first ?? 0) < 0);
  assert.equal(apart(flowers, "other#x", "gifts#wrap"), first);
  assert.equal(apart("'unicorn':1", "gifts#wrap", "other#x"), null);
});
