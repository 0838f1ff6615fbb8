/** Names of columns that are offered only with a confirmation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { looksSecret } from "#importing/sql/plan-look-up.ts";

const SECRET =
  "password userPassword pwd api_key apiKey access_token password_hash salt Secret cvv pin reset_tokens iban session";
const PLAIN = "shipping status company opinion created_at name pinned panel";

test("names that look like a secret are told from those that only hold such letters", () => {
  for (const name of SECRET.split(" ")) assert.equal(looksSecret(name), true, name);
  for (const name of PLAIN.split(" ")) assert.equal(looksSecret(name), false, name);
});
