/** The read tool for the requester's name and address on file. */
import { z } from "zod";
import type { Shop } from "#core/contracts/shop.ts";
import { readTool, type ReadTool } from "#core/contracts/tool.ts";
import { ACCOUNT_LEVEL, mayReadAccount, NotFound } from "./find-own-order.ts";

const CustomerResult = z.discriminatedUnion("found", [
  NotFound,
  z.strictObject({ found: z.literal(true), name: z.string(), email: z.string() }),
]);

/** Returns the name and address on file of the requester. */
export function getCustomer({ shop }: { readonly shop: Shop }): ReadTool {
  return readTool({
    kind: "read",
    provenance: "own",
    name: "get_customer",
    description:
      "Name and e-mail address on file, only for when they ask what is on file about them.",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    input: z.strictObject({}),
    output: CustomerResult,
    async run(_input, context): Promise<z.infer<typeof CustomerResult>> {
      const { customerId } = context.requester;
      const customer = customerId === null ? null : await shop.customer(customerId, context.signal);
      return customer === null || !mayReadAccount(context)
        ? { found: false, remark: "There is no account for this customer." }
        : { found: true, name: customer.name, email: customer.email };
    },
  });
}
