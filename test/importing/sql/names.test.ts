/** Names of columns that are offered only with a confirmation. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { looksSecret } from "#importing/sql/plan-look-up.ts";

describe("names that look like a secret", () => {
  it("are told from those that only hold such letters", () => {
    for (const name of [
      "password",
      "userPassword",
      "pwd",
      "api_key",
      "apiKey",
      "access_token",
      "password_hash",
      "salt",
      "Secret",
      "cvv",
      "pin",
      "reset_tokens",
      "iban",
      "session",
    ])
      assert.equal(looksSecret(name), true, name);
    for (const name of [
      "shipping",
      "status",
      "company",
      "opinion",
      "created_at",
      "name",
      "pinned",
      "panel",
    ])
      assert.equal(looksSecret(name), false, name);
  });
});
