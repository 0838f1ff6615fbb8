/** Brands of the local Zendesk. */

/** Brands of the account: the shop's own, which is the default, another one, and one the bot is not configured for. */
const BRANDS = [
  { id: 4_300_000_001, name: "OurShop" },
  { id: 4_300_000_101, name: "OtherBrand" },
  { id: 4_300_000_102, name: "Wholesale" },
] as const;

/** The brand of a ticket that names none. */
export const DEFAULT_BRAND_ID: number = BRANDS[0].id;

/** Where customers of the sandbox write by mail. */
export const SUPPORT_ADDRESS = "support@ourshop.test";

/** True for the number of a brand of the account. */
export function isBrand(id: number): boolean {
  return BRANDS.some((brand) => brand.id === id);
}
