/** Bounces and alerts of loops from servers that write in their own way, and people who write about such things. */

import { type Rows, withHeader } from "./automatic-mails.ts";

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
  "a loop told by a list": {
    from: "ml-admin@list.test",
    subject: "Loop Alert: your order",
    text: `Sorry.\n\nOriginal mail as follows:\n\n${RETURNED}`,
  },
  "a loop in words": {
    from: "forward@other.test",
    subject: "Returned",
    text: `Too many hops: the message is not forwarded again.\n\n${RETURNED}`,
  },
  "a duplicate told by a list": {
    from: "fml-owner@list.test",
    subject: "Notice",
    text: "Duplicated Message-ID in <77@b.test>",
  },
};

export const WRITING_OF_IT: Rows = {
  "asks about a loop of wool": { subject: "Loop", text: "Does the scarf have a loop at the back?" },
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
