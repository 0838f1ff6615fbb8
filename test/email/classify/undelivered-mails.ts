/** Bounces of servers that write in their own way, and people who write about such things. */

import { type Row, type Rows, withHeader } from "./automatic-mails.ts";

const RETURNED =
  "Received: from a.test by b.test; Tue, 3 Nov 2026 10:12:00 +0100\nMessage-ID: <77@b.test>\nFrom: support@ourshop.test\nTo: ann@customer.test\nSubject: Your order\n\nIt was sent.";

export const UNDELIVERED: Rows = {
  post_master: {
    from: "post_master@mail.other.test",
    subject: "Undeliverable: your order",
    text: "Sorry.",
  },
  "a misspelt office": {
    from: "posstmaster@other.test",
    subject: "Delivery failed",
    text: "See below.",
  },
};

export const WRITING_OF_IT: Rows = {
  ...Object.fromEntries(
    [
      ["Delivery delayed", "The delivery is delayed again. Order 1001?"],
      ["Delivery failure", "Your message said today, but the delivery failed."],
      ["Invalid address", "It says address not found, but that is where I live."],
      ["Zustellung fehlgeschlagen", "Die Zustellung ist fehlgeschlagen. Delivery failed."],
      ["My order", "Hi. This is the third time I write. Your mail was not delivered."],
    ].map(([subject = "", text = ""]): Row => [`complains: ${subject}`, { subject, text }]),
  ),
  "pastes headers by Outlook": withHeader("X-Mailer", "Microsoft Outlook 16.0", {
    subject: "Help",
    text: `Your message could not be opened. Here it is:\n\n${RETURNED}`,
  }),
  "works at a post office": {
    from: "Pia Master <pia.postmaster-hill@customer.test>",
    subject: "Order",
    text: "Where is it?",
  },
};
