/** Brands of the local Zendesk. */
import type { Desk } from "./desk.ts";

/** Brands of the account: the shop's own, which is the default, another one, and one the bot is not configured for. */
export const BRANDS = [
  { id: 4_300_000_001, name: "OurShop", subdomain: "ourshop" },
  { id: 4_300_000_101, name: "OtherBrand", subdomain: "otherbrand" },
  { id: 4_300_000_102, name: "Wholesale", subdomain: "wholesale" },
] as const;

/** The brand of a ticket that names none. */
export const DEFAULT_BRAND_ID: number = BRANDS[0].id;

/** Where customers of the sandbox write by mail. */
export const SUPPORT_ADDRESS = "support@ourshop.test";

type Brand = (typeof BRANDS)[number];

/** The brand with this id; undefined when the account has none. */
export function brandById(id: number): Brand | undefined {
  return BRANDS.find((brand) => brand.id === id);
}

/** A brand as `GET /brands` shows it. */
export function brandJson(desk: Desk, brand: Brand): Record<string, unknown> {
  const created = "2024-01-08T09:00:00Z";
  return {
    url: `${desk.url()}/api/v2/brands/${brand.id}.json`,
    id: brand.id,
    name: brand.name,
    subdomain: brand.subdomain,
    brand_url: `https://${brand.subdomain}.zendesk.test`,
    active: true,
    default: brand.id === DEFAULT_BRAND_ID,
    has_help_center: brand.id === DEFAULT_BRAND_ID,
    help_center_state: brand.id === DEFAULT_BRAND_ID ? "enabled" : "disabled",
    host_mapping: null,
    is_deleted: false,
    logo: null,
    signature_template: "{{agent.signature}}",
    ticket_form_ids: [],
    created_at: created,
    updated_at: created,
  };
}
