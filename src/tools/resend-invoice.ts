/** The write tool that proposes to mail an invoice once more. */
import { digest } from "#core/values/canonical-json.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { WriteTool } from "#core/contracts/tool.ts";
import { INVOICE_WISHES } from "#text/plain-request.ts";
import { orderTool } from "./order-tool.ts";

/** Proposes to mail the invoice of one order, which the shop sends to the address on file and nowhere else. */
export function resendInvoice({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "resend_invoice",
    description:
      "Proposes to mail the invoice of one order once more, to the address on file and nowhere else.",
    wishes: INVOICE_WISHES,
    whyNot: () => null,
    planned: ({ id }, { answers }) => ({
      // Asking again in a later message is a new mail.
      key: `invoice:shop:${id}:${digest(answers.toSorted()).slice(0, 32)}`,
      label: `Send the invoice of order ${id} to the address on file`,
    }),
  });
}
