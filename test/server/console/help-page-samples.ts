/** Help pages, and what a lead's form sends. */

export const REFUNDS = {
  slug: "refund-policy",
  title: "Refund policy",
  url: "https://help.ourshop.test/refund-policy",
  updated: "2026-02-01",
  text: "You have **30 days** after delivery.\n\n## Partial refunds\n\n- For one item of [many](https://help.ourshop.test/items)\n- Never <b>cash</b>\n",
};
export const TEAM_ONLY = {
  slug: "goodwill",
  title: "Goodwill vouchers",
  url: "https://help.ourshop.test/goodwill",
  updated: "2026-02-01",
  audience: "team" as const,
  text: "A goodwill voucher may be worth ten euros.\n",
};
const EMPTY_FORM = {
  url: "",
  language: "",
  brands: "",
  audience: "customers",
  validFrom: "",
  validUntil: "",
  owner: "",
  labels: "",
  note: "",
  basis: "0",
  replaces: "",
};
export const SKATES = {
  ...EMPTY_FORM,
  title: "Are skates repaired?",
  body: "We sharpen **skates** in Hamburg.\n\n## Price\n\nIt costs nine euros.",
};
