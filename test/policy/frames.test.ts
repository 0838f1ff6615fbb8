/** The words around answers in the customer's language. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadPolicy } from "#policy/load-policy.ts";
import { berlinText, sandboxText } from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");
const berlin = loadPolicy(berlinText, "berlin.yaml");
const mail = { channel: "email", brand: "OurShop", name: "Ann Fields", automatic: false } as const;

const SWEDISH = `languages:
  sv:
    greeting: "Hej {name},"
    greeting_without_name: "Hej,"
    closing: Vänliga hälsningar
    automatic_line: Det här är ett automatiskt svar.
    handover: Tack för ditt meddelande. Vårt team svarar dig.
    unavailable: Jag kan inte kontrollera det just nu.
    pending: En kollega måste bekräfta det först.
    paused: Ditt svar tar längre tid än vanligt.
    answered_privately: Jag har skickat svaret i ett direktmeddelande.
    closed: Vi har stängt. Vi läser ditt meddelande {opening}.
    holding: Tack för ditt meddelande. Det ligger hos vårt team.
`;
const withSwedish = `${sandboxText}\n${SWEDISH}`;

describe("words around an answer", () => {
  test("are the file's own for its own language and where the language is not known, English where there are none", () => {
    const sign = (language: string | null) => berlin.sign("…", { ...mail, brand: "", language });
    for (const own of ["de", null])
      assert.match(sign(own), /^Hallo Ann,[^]*Ihr Team von Tischlicht$/);
    for (const other of ["en", "sv", "ja"])
      assert.equal(sign(other), "Hello Ann,\n\n…\n\nKind regards\nIhr Team von Tischlicht");
    assert.equal(policy.textsIn("ja", mail).handover, policy.texts.handover);
  });

  test("say once in a window that answers are automatic, in whatever language it was said", () => {
    const chat = { ...mail, channel: "chat", automatic: true } as const;
    const first = policy.sign("…", { ...chat, language: "de" });
    assert.match(first, /automatische Antwort/);
    assert.equal(policy.sign("…", { ...chat, language: "en", above: [first] }), "…");
  });
});

describe("a letter that a model wrote around its answer", () => {
  test("loses its closing with the name, and a greeting on a line of its own", () => {
    for (const [language, text] of [
      ["en", "Hi Ann,\n\nIt is there.\n\nBest regards,\nOurShop Support"],
      ["en", "It is there.\n\nKind regards\n\nAnna\nOurShop"],
      [
        "de",
        "Sehr geehrte Frau Fields,\n\nIt is there.\n\nMit freundlichen Grüßen\nIhr OurShop-Team",
      ],
      ["es", "Estimada Ann:\nIt is there.\nAtentamente,\nOurShop"],
    ] as const) {
      const body = policy.sign(text, { ...mail, channel: "chat", language });
      assert.equal(body, "It is there.", text);
      assert.equal(
        policy.sign(text, { ...mail, language }),
        policy.sign("It is there.", { ...mail, language }),
      );
    }
  });
});

describe("a language that the operator adds", () => {
  test("is refused with its line when a sentence is missing, has no {opening}, or links elsewhere", () => {
    const refused = (from: string, to: string, why: RegExp) =>
      assert.throws(() => loadPolicy(withSwedish.replace(from, to), "sv.yaml"), why);
    refused("    closing: Vänliga hälsningar\n", "", /sv\.yaml:\d+ languages\.sv.*closing/);
    refused(
      "meddelande {opening}",
      "meddelande snart",
      /sv\.yaml:\d+ languages\.sv\.closed: must say \{opening\}/,
    );
    refused(
      "Vårt team svarar dig.",
      "Se https://evil.test/a",
      /languages\.sv\.handover: .*evil\.test/,
    );
    refused("  sv:", "  swedish:", /languages\.swedish/);
  });
});
