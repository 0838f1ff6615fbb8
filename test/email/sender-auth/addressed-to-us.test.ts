/** Signed mails that reach us, although they were written to another address. */

import { OF_ANN, testAll, type Case } from "./judged.ts";
import { openly, signed, topped, written, type Written } from "#test/email/mails.ts";

const SENT_ON =
  "no address of ours stands in a signed To or Cc, so it may have been written to others and sent on";

const TO_WHOM: Readonly<Record<string, Omit<Case, "mail"> & { readonly mail: Written }>> = {
  "to another address": { mail: { to: "mallory@evil.test" }, level: 1, reason: SENT_ON },
  "to no address, by Bcc": {
    mail: { to: "undisclosed-recipients:;" },
    level: 1,
    reason: SENT_ON,
  },
  "to an address that only begins like ours": {
    mail: { to: "support@ourshop.test.evil.test" },
    level: 1,
    reason: SENT_ON,
  },
  "to an address with our display name": {
    mail: { to: '"support@ourshop.test" <mallory@evil.test>' },
    level: 1,
    reason: SENT_ON,
  },
  "to us among others": {
    mail: { to: "bob@elsewhere.test, Support@OurShop.test" },
    level: 2,
    reason: OF_ANN,
  },
  "to us with a plus part": {
    mail: { to: "support+t-12ab@ourshop.test" },
    level: 2,
    reason: OF_ANN,
  },
  "to another inbox of ours": {
    mail: { to: "Help <help@ourshop.test>" },
    level: 2,
    reason: OF_ANN,
  },
  "to us in Cc": {
    mail: { to: "bob@elsewhere.test", headers: [["Cc", "support@ourshop.test"]] },
    level: 2,
    reason: OF_ANN,
  },
};

/** Forms of a mail in which its verifier finds a signed field that a reader with other rules does not. */
const HIDDEN: Readonly<Record<string, (mail: string, field: string) => string>> = {
  "below two thousand others": (mail, field) =>
    mail
      .replace(`\r\n${field}`, "")
      .replace("\r\n\r\n", `\r\n${"X: y\r\n".repeat(2_000)}${field}\r\n\r\n`),
  "folded before its colon": (mail, field) => mail.replace(field, field.replace(":", "\r\n :")),
};

const FORGED: readonly (readonly [signed: string, forged: string, to: string])[] = [
  ["To: mallory@evil.test", "To: support@ourshop.test", "mallory@evil.test"],
  ["Cc: eve@evil.test", "Cc: support@ourshop.test", "mallory@evil.test"],
  ["Subject: My order", "Subject: Cancel all", "support@ourshop.test, mallory@evil.test"],
];

const MANY_WAYS = "its headers can be read in more than one way";

testAll(
  Object.fromEntries(
    FORGED.flatMap(([field, forged, to]) =>
      Object.entries(HIDDEN).map(([where, hidden]) => [
        `with "${forged}" on top and the signed one ${where}`,
        {
          mail: async () => {
            const honest = await signed(written({ to, headers: [["Cc", "eve@evil.test"]] }));
            const raw = hidden(honest.toString("latin1"), field);
            return topped(Buffer.from(raw, "latin1"), forged);
          },
          level: 1 as const,
          reason: MANY_WAYS,
        },
      ]),
    ),
  ),
);

testAll({
  "with a field that is one only where any blank counts": {
    mail: async () => topped(await openly({}), "Cc\u00a0: bob@elsewhere.test"),
    level: 1,
    reason: MANY_WAYS,
  },
  ...Object.fromEntries(
    Object.entries(TO_WHOM).map(([name, { mail, ...rest }]) => [
      name,
      { ...rest, mail: () => openly(mail) },
    ]),
  ),
  "with our address in a To that no signature covers": {
    mail: () =>
      signed(written({}), "customer.test", {
        headerList: "from:subject:date:content-type:content-transfer-encoding",
      }),
    level: 1,
    reason: "the signature covers neither To nor Cc, and no second witness is set up",
  },
  "to another address, with ours in a second To on top": {
    mail: async () => topped(await openly({ to: "mallory@evil.test" }), "To: support@ourshop.test"),
    level: 1,
    reason: SENT_ON,
  },
  "to another address, with ours in a Cc on top": {
    mail: async () =>
      topped(
        await signed(written({ to: "mallory@evil.test" }), "customer.test"),
        "Cc: support@ourshop.test",
      ),
    level: 1,
    reason: SENT_ON,
  },
});
