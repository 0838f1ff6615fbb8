/** Customers for tests in which several conversations must not be one case. */
import type { BoundRequester } from "#core/values/identity.ts";

/** A customer of the shop with proven identity; each id is another person. */
export function customerCalled(id: string): BoundRequester {
  return {
    level: 2,
    customerId: id,
    emailOnFile: `${id}@customer.test`,
    name: id,
    reason: "signed",
  };
}
