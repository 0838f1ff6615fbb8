/** Bounces and alerts of loops from servers that write in their own way, and people who write about such things. */

import { type Row, withHeader } from "./automatic-mails.ts";

const RETURNED =
  "Received: from a.test by b.test; Tue, 3 Nov 2026 10:12:00 +0100\nMessage-ID: <77@b.test>\nFrom: support@ourshop.test\nTo: ann@customer.test\nSubject: Your order\n\nIt was sent.";

export const UNDELIVERED: readonly Row[] = [
  [
    "post_master",
    { from: "post_master@mail.other.test", subject: "Undeliverable: your order", text: "Sorry." },
  ],
  [
    "post.master, in words",
    {
      from: "Post.Master <post.master@other.test>",
      subject: "Notice",
      text: "Your message to ann@customer.test could not be delivered.",
    },
  ],
  [
    "a misspelt office",
    { from: "posstmaster@other.test", subject: "Delivery failed", text: "See below." },
  ],
  [
    "post_master with the mail below",
    { from: "post_master@other.test", subject: "Notice", text: `Unknown here.\n\n${RETURNED}` },
  ],
  [
    "a loop told by a list",
    {
      from: "ml-admin@list.test",
      subject: "Loop Alert: your order",
      text: `Sorry.\n\nOriginal mail as follows:\n\n${RETURNED}`,
    },
  ],
  [
    "a loop told by a server",
    {
      from: "gateway@other.test",
      subject: "Mail loop detected",
      text: `This mail came here before.\n\n${RETURNED}`,
    },
  ],
  [
    "a loop in words",
    {
      from: "forward@other.test",
      subject: "Returned",
      text: `Too many hops: the message is not forwarded again.\n\n${RETURNED}`,
    },
  ],
  [
    "a loop and the sender of servers",
    {
      from: "Mail System <system@other.test>",
      subject: "Notice",
      text: "The forwarding loop was broken off.",
    },
  ],
  [
    "a duplicate told by a list",
    {
      from: "fml-owner@list.test",
      subject: "Notice",
      text: "Duplicated Message-ID in <77@b.test>",
    },
  ],
  [
    "words and the mail below",
    {
      from: "mx@other.test",
      subject: "Notice",
      text: `Delivery to the following recipients failed.\n\nann@customer.test\n\n${RETURNED}`,
    },
  ],
];

export const WRITING_OF_IT: readonly Row[] = [
  [
    "asks about a loop of wool",
    { subject: "Loop", text: "Does the scarf have a loop at the back?" },
  ],
  [
    "asks about a loop of mails",
    { subject: "Mail loop?", text: "I get your newsletter again and again. Is that a mail loop?" },
  ],
  [
    "pastes headers by Outlook",
    withHeader("X-Mailer", "Microsoft Outlook 16.0", {
      subject: "Help",
      text: `Your message could not be opened. Here it is:\n\n${RETURNED}`,
    }),
  ],
  [
    "attaches a mail",
    {
      subject: "Your mail",
      headers: [["Content-Type", "multipart/mixed; boundary=b"]],
      text: `--b\nContent-Type: text/plain\n\nYour message could not be opened.\n--b\nContent-Type: message/rfc822\n\n${RETURNED}\n--b--`,
    },
  ],
  [
    "works at a post office",
    {
      from: "Pia Master <pia.postmaster-hill@customer.test>",
      subject: "Order",
      text: "Where is it?",
    },
  ],
  [
    "is of a list's office and asks",
    { from: "ml-admin@club.test", subject: "Order 1042", text: "Where are our lamps?" },
  ],
];
