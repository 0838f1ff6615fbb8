/** The write tool that proposes a password reset link. */
import { z } from "zod";
import type { ResetPasswordArguments } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import type { Shop } from "#core/contracts/shop.ts";
import {
  type ProposeResult,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import { ACCOUNT_LEVEL } from "./find-own-order.ts";
import { RESET_WISHES } from "#text/plain-request.ts";

/** Proposes a reset link, which the shop mails to the address on file and never shows here. */
export function resetPassword({ shop }: { readonly shop: Shop }): WriteTool {
  return writeTool({
    kind: "write",
    name: "reset_password",
    operation: "reset_password",
    description:
      "Proposes to mail a password reset link to the address on file, when they cannot sign in or ask for one. The " +
      "link is never part of a reply.",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: false,
    wishes: RESET_WISHES,
    input: z.strictObject({}),
    async propose(_input, context): Promise<ProposeResult> {
      // The same for every address, and before the shop is asked: an answer must not tell which ones have an account.
      if (context.requester.level < ACCOUNT_LEVEL) return { kind: "impossible", reason: UNKNOWN };
      const customerId = await requesterAccount(shop, context);
      if (customerId === null)
        return { kind: "impossible", reason: "There is no account for this customer." };
      const reset: ResetPasswordArguments = { customerId };
      return {
        kind: "proposed",
        names: [],
        unproven: [],
        planned: {
          key: `reset:shop:${customerId}:${digest(context.answers.toSorted()).slice(0, 32)}`,
          action: { target: "shop", operation: "reset_password", arguments: reset },
          label: "Send a password reset link to the address on file",
          facts: [],
        },
      };
    },
  });
}

const UNKNOWN =
  "It is not known who writes this. A link can be asked for on the sign-in page without us.";

async function requesterAccount(
  shop: Shop,
  { requester, signal }: ToolContext,
): Promise<string | null> {
  if (requester.customerId !== null) return requester.customerId;
  if (requester.emailOnFile === null) return null;
  const customer = await shop.customerByEmail(requester.emailOnFile, signal);
  return customer?.id ?? null;
}
