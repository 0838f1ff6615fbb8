/** What a file of answers may say, and how a mistake in it is told. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answersFrom, readYaml, sqlAnswersFrom } from "#importing/answers/read-answers.ts";
import { looksSecret } from "#importing/sql/plan-look-up.ts";

describe("a file of answers", () => {
  test("names each field that is wrong and why", () => {
    const text =
      "get_order: { kind: raed, colour: red, belongs: { field: a } }\nsystem: { sign_in: { bearer: sk_live_1 } }";
    assert.throws(
      () => answersFrom(readYaml(text, "my.yaml"), "my.yaml"),
      (error: Error) => {
        assert.match(error.message, /my\.yaml cannot be used, and nothing was written/);
        for (const line of [
          /get_order\.kind: /,
          /get_order\.colour: there is no such question/,
          /get_order\.belongs: say \{field, is\}/,
          /system\.sign_in\.bearer: names a setting/,
        ])
          assert.match(error.message, line);
        return true;
      },
    );
  });

  test("may leave a part empty, as the file that the import writes does", () => {
    const text = "system:\n  # sign_in: { bearer: SHOP_TOKEN }\nget_order:\n  # kind: read\n";
    const { system, operations } = answersFrom(readYaml(text, "my.yaml"), "my.yaml");
    assert.deepEqual(system, answersFrom({}, "my.yaml").system);
    assert.deepEqual([...operations], [["get_order", {}]]);
    assert.doesNotThrow(() => sqlAnswersFrom(readYaml("database:\n", "my.yaml"), "my.yaml"));
  });

  test("that is no YAML or repeats itself by reference is refused", () => {
    assert.throws(() => readYaml("a: [", "my.yaml"), /my\.yaml cannot be used/);
    assert.throws(
      () => readYaml("a: &x [1]\nb: [*x, *x]", "my.yaml"),
      /repeats parts by reference/,
    );
  });
});

const SECRET =
  "password userPassword pwd api_key apiKey access_token password_hash salt Secret cvv pin reset_tokens iban session";
const PLAIN = "shipping status company opinion created_at name pinned panel";

test("names that look like a secret are told from those that only hold such letters", () => {
  for (const name of SECRET.split(" ")) assert.equal(looksSecret(name), true, name);
  for (const name of PLAIN.split(" ")) assert.equal(looksSecret(name), false, name);
});
