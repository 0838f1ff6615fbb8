/** The questions of `deskhand init`: what is asked, what it means, what is suggested, and where the answer is kept. */

import { EMAIL, MODEL, type PartQuestions, SHOP, SLACK, ZENDESK } from "./account-questions.ts";

/** All parts, in the order they are asked in. */
export const QUESTIONS: readonly PartQuestions[] = [
  {
    part: "company",
    title: "Your company",
    questions: [
      {
        field: "name",
        ask: "What is it called",
        help: "Customers read it under each answer: “Kind regards, NAME support team”. The policy file has the whole signature, to be changed at any time.",
      },
    ],
  },
  {
    part: "hours",
    title: "Opening hours",
    questions: [
      {
        field: "zone",
        ask: "Time zone",
        help: "The zone of your opening hours, of days in refund windows, and of every time Deskhand writes. By its IANA name, such as Europe/Berlin.",
        suggest: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
      },
      {
        field: "open",
        ask: "When is the team there",
        help: "Such as “mon-fri 09:00-17:00, sat 10:00-14:00”, “daily 08:00-20:00”, or “always”. Cards expire and remind in these hours only.",
        suggest: () => "mon-fri 09:00-17:00",
      },
    ],
  },
  {
    part: "money",
    title: "Money",
    questions: [
      {
        field: "currency",
        ask: "Currency of your shop",
        help: "Three letters (ISO 4217). An amount in any other currency is always asked about.",
        suggest: (_typed, { hours }) => suggestedCurrency(hours?.zone ?? ""),
      },
      {
        field: "refunds",
        ask: "Refunds: one teammate alone up to, never above, days after delivery",
        help: "Three numbers. With “200, 1000, 30” a teammate approves up to 200 alone, two people (one a lead) up to 1000, and nothing is refunded above 1000 or later than 30 days after delivery. No refund happens without a person.",
        suggest: () => "200, 1000, 30",
      },
    ],
  },
  {
    part: "hosting",
    title: "Where Deskhand runs",
    questions: [
      {
        field: "public_url",
        variable: "DESKHAND_PUBLIC_URL",
        ask: "Public address",
        help: "The https address of your proxy in front of Deskhand, such as https://desk.example.com. Without one, Zendesk's news are fetched every minute instead of being sent, and pages open on this machine only. It can be added later.",
      },
      {
        field: "database",
        variable: "DATABASE_URL",
        ask: "PostgreSQL",
        isSecret: true,
        help: "Like postgres://user:password@host/database. Without one the built-in database is used, which is enough while nothing is sent. It can be added later, with a backup of what is there.",
      },
    ],
  },
  SLACK,
  {
    part: "people",
    title: "Your people",
    questions: [
      {
        field: "leads",
        ask: "Leads, who approve large amounts and change the rules",
        help: "With commas between them: @names or full names in your Slack, or e-mail addresses. The first one is told when no other teammate can approve.",
      },
      {
        field: "support",
        ask: "The others who approve",
        help: "In the same way. Leave it empty when the leads are the whole team.",
      },
    ],
  },
  ZENDESK,
  EMAIL,
  SHOP,
  MODEL,
];

/** The currency most shops in that part of the world use; a suggestion only. */
function suggestedCurrency(zone: string): string {
  if (zone === "Europe/London") return "GBP";
  if (zone === "Europe/Zurich") return "CHF";
  return zone.startsWith("Europe/") ? "EUR" : "USD";
}
