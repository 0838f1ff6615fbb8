import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { guard } from "./input/inbox.ts";
import { runs } from "#test/support/tiers.ts";

const MASKED: readonly (readonly [string, string])[] = [
  ["My card is 4111 1111 1111 1111, thanks", "My card is [card number removed], thanks"],
  ["4111-1111-1111-1111", "[card number removed]"],
  ["378282246310005", "[card number removed]"],
  ["cvv 123", "cvv [code removed]"],
  [
    "CVC: 1234 and the security code is 987",
    "CVC: [code removed] and the security code is [code removed]",
  ],
  ["my password is hunter2.", "my password is [secret removed]."],
  ["Password: correct-horse", "Password: [secret removed]"],
  ["my password for the shop is Sommer!", "my password for the shop is [secret removed]!"],
  ['password = "abc def"', 'password = "[secret removed] def"'],
  ["the verification code is 123456", "the verification code is [code removed]"],
  ["code: 123456", "code: [code removed]"],
  ["OTP 12 34 56", "OTP [code removed]"],
  ["my pin is 1234", "my pin is [code removed]"],
  ["IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [bank account removed] please"],
  ["GB82WEST12345698765432", "[bank account removed]"],
  ["key sk-proj-abcdefghijklmnop1234", "key [secret removed]"],
  ["Authorization: Bearer abc.def-123", "Authorization: Bearer [secret removed]"],
  ["token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlMTIz", "token [secret removed]"],
  ["xoxb-1234567890-abcdef", "[secret removed]"],
  ["AKIAIOSFODNN7EXAMPLE", "[secret removed]"],
];

for (const [text, expected] of MASKED) {
  test(`masked: ${text}`, () => {
    assert.equal(guard.mask(text), expected);
  });
}

const KEPT = [
  "Where is my order 456?",
  "Order 4111111111111112 is no card number",
  "The tracking number is 1Z999AA10123456784",
  "My password is not working",
  "My password is wrong. My password was reset.",
  "I forgot my password",
  "Error code 404123 on zip code 90210",
  "Refund 120.00 USD of order 789 to me",
  "Call me at +1 800 555 0199",
  "It was delivered on 2025-01-10 at 12:30",
  "DE00 1234 5678 9012 3456 78 is no account",
];

for (const text of KEPT) {
  test(`kept: ${text}`, () => {
    assert.equal(guard.mask(text), text);
  });
}

/** Texts full of the words and digits that masking looks for. */
const telling = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "password",
        "is",
        ":",
        "=",
        " ",
        "\n",
        "code",
        "cvv",
        "otp",
        "pin",
        "token",
        "bearer ",
        "[",
        "]",
        "removed",
        "4111 1111 1111 1111",
        "123456",
        "1234",
        "12",
        "DE89 3704 0044 0532 0130 00",
        "sk-proj-abcdefghijklmnop",
        "-",
        '"',
      ),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(""));

test("masking a second time changes nothing", () => {
  fc.assert(
    fc.property(telling, (text) => {
      const once = guard.mask(text);
      assert.equal(guard.mask(once), once);
    }),
    { numRuns: runs(5_000) },
  );
});
