/** The stand-ins by name, each with the settings under which the ready-made tools find it. */
import { shopify } from "./shopify.ts";
import { type ShopStandIn, startStandIn } from "./stand-in.ts";
import { stripe } from "./stripe.ts";
import { wooCommerce } from "./woocommerce.ts";

/** A stand-in that runs, and what the tools have to know of it. */
export interface StartedShop extends ShopStandIn {
  /** Settings by name, the secrets of the stand-in among them. */
  readonly settings: Readonly<Record<string, string>>;
}

const SHOPS = {
  stripe: {
    behaviour: () => stripe("sk_test_standin"),
    settings: (url: string) => ({ STRIPE_ADDRESS: url, STRIPE_KEY: "sk_test_standin" }),
  },
  woocommerce: {
    behaviour: () => wooCommerce({ key: "ck_standin", secret: "cs_standin" }),
    settings: (url: string) => ({
      WOOCOMMERCE_ADDRESS: `${url}/wp-json/wc/v3`,
      WOOCOMMERCE_KEY: "ck_standin",
      WOOCOMMERCE_SECRET: "cs_standin",
    }),
  },
  shopify: {
    behaviour: () => shopify("shpat_standin"),
    settings: (url: string) => ({
      SHOPIFY_ADDRESS: `${url}/admin/api/2026-10`,
      SHOPIFY_TOKEN: "shpat_standin",
    }),
  },
};

export type StandInName = keyof typeof SHOPS;

/** True for the name of a stand-in. */
export function isStandIn(name: string): name is StandInName {
  return Object.hasOwn(SHOPS, name);
}

/** Starts one on 127.0.0.1, on a free port unless one is given. Rejects when the port is taken. */
export async function startShop(name: StandInName, port?: number): Promise<StartedShop> {
  const { behaviour, settings } = SHOPS[name];
  const started = await startStandIn(behaviour(), port);
  return { ...started, settings: settings(started.url) };
}
