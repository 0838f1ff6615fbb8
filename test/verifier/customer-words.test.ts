/** The customer's own words are no evidence for what our side did, or for what became of an order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { reasons, said } from "./samples.ts";

/** By language: a person or place of our side, and a thing that our records know about. */
const OUR_SIDE_IN_CHICAGO = [
  "The warehouse in Chicago.",
  "A package in Chicago.",
  "Ein Mitarbeiter in Chicago.",
  "Das Paket in Chicago.",
  "Une conseillère à Chicago.",
  "Le colis à Chicago.",
  "El repartidor en Chicago.",
  "El paquete en Chicago.",
  "Un collega a Chicago.",
  "Il pacco a Chicago.",
  "Een medewerker in Chicago.",
  "Het pakket in Chicago.",
  "Um estafeta em Chicago.",
  "A encomenda em Chicago.",
  "Sklep w Chicago.",
  "Paczka w Chicago.",
];

test("the customer's words back nothing but that they are theirs", () => {
  const words = "the depot in Chicago";
  const from = "the customer's own words";
  assert.match(
    reasons(said("fact", "Your parcel is at the depot in Chicago.", from, words))[0] ?? "",
    /only the customer/,
  );
  assert.match(
    reasons(said("echo", "Your parcel is at the depot in Chicago.", from, words))[0] ?? "",
    /only the customer/,
  );
  assert.deepEqual(
    reasons(said("echo", "You wrote that it was at the depot in Chicago.", from, words)),
    [],
  );
  // What only they can know needs words that say so as well.
  for (const text of [
    "Chicago in winter, oh no.",
    "You stood there in Chicago, in the rain.",
    "A colleague in Chicago promised it.",
    "You are entitled to it in Chicago.",
    "Die Sendung liegt in Chicago.",
    "Il corriere è a Chicago.",
  ])
    assert.match(reasons(said("echo", text, from, words))[0] ?? "", /only the customer/, text);
  assert.match(
    reasons(said("fact", "Chicago in winter, oh no.", from, words))[0] ?? "",
    /only the customer/,
  );
  for (const kind of ["done", "promise", "grant"] as const)
    assert.equal(
      reasons(said(kind, "As you asked, it goes to the depot in Chicago.", from, words)).length,
      1,
    );
});

test("no language lets the customer's words stand for what our side did, or for what became of an order", () => {
  const from = "the customer's own words";
  const of = (text: string) => reasons(said("echo", text, from, "the depot in Chicago")).join(" ");
  for (const text of OUR_SIDE_IN_CHICAGO) assert.match(of(text), /only the customer/, text);
});
