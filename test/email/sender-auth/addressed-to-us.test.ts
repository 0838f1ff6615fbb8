/** Signed mails that reach us, although they were written to another address. */

import { OF_ANN, testAll, type Case } from "./judged.ts";
import { openly, signed, topped, written, type Written } from "#test/email/mails.ts";

const SENT_ON =
  "no address of ours stands in a signed To or Cc, so it may have been written to others and sent on";

const TO_WHOM: readonly (Omit<Case, "mail"> & { readonly mail: Written })[] = [
  { name: "to another address", mail: { to: "mallory@evil.test" }, level: 1, reason: SENT_ON },
  {
    name: "to no address, by Bcc",
    mail: { to: "undisclosed-recipients:;" },
    level: 1,
    reason: SENT_ON,
  },
  {
    name: "to an address that only begins like ours",
    mail: { to: "support@ourshop.test.evil.test" },
    level: 1,
    reason: SENT_ON,
  },
  {
    name: "to an address with our display name",
    mail: { to: '"support@ourshop.test" <mallory@evil.test>' },
    level: 1,
    reason: SENT_ON,
  },
  {
    name: "to us among others",
    mail: { to: "bob@elsewhere.test, Support@OurShop.test" },
    level: 2,
    reason: OF_ANN,
  },
  {
    name: "to us with a plus part",
    mail: { to: "support+t-12ab@ourshop.test" },
    level: 2,
    reason: OF_ANN,
  },
  {
    name: "to another inbox of ours",
    mail: { to: "Help <help@ourshop.test>" },
    level: 2,
    reason: OF_ANN,
  },
  {
    name: "to us in Cc",
    mail: { to: "bob@elsewhere.test", headers: [["Cc", "support@ourshop.test"]] },
    level: 2,
    reason: OF_ANN,
  },
];

testAll([
  ...TO_WHOM.map(({ mail, ...rest }) => ({ ...rest, mail: () => openly(mail) })),
  {
    name: "with our address in a To that no signature covers",
    mail: () =>
      signed(written({}), "customer.test", {
        headerList: "from:subject:date:content-type:content-transfer-encoding",
      }),
    level: 1,
    reason: "the signature covers neither To nor Cc, and no second witness is set up",
  },
  {
    name: "to another address, with ours in a second To on top",
    mail: async () => topped(await openly({ to: "mallory@evil.test" }), "To: support@ourshop.test"),
    level: 1,
    reason: SENT_ON,
  },
  {
    name: "to another address, with ours in a Cc on top",
    mail: async () =>
      topped(
        await signed(written({ to: "mallory@evil.test" }), "customer.test"),
        "Cc: support@ourshop.test",
      ),
    level: 1,
    reason: SENT_ON,
  },
]);
