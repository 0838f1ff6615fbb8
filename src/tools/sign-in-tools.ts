/** The write tools that help a customer in: a link for a new password, a one-time code. */
import { z } from "zod";
import type { Shop } from "#core/contracts/shop.ts";
import {
  type ProposeResult,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import type { ResetPasswordArguments, SendCodeArguments } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { ACCOUNT_LEVEL } from "./own-order.ts";

/** Proposes a reset link, which the shop mails to the address on file and never shows here. */
export function resetPassword({ shop }: { readonly shop: Shop }): WriteTool {
  return writeTool({
    kind: "write",
    name: "reset_password",
    operation: "reset_password",
    description: "Mails a password reset link to the address on file.",
    // Its answer tells a writer who is not known where to ask for a link.
    minimumLevel: 0,
    accountData: false,
    input: z.strictObject({}),
    async propose(_input, context): Promise<ProposeResult> {
      // The same for every address, and before the shop is asked: an answer must not tell which ones have an account.
      if (context.requester.level < ACCOUNT_LEVEL) return impossible(UNKNOWN);
      const customerId = await requesterAccount(shop, context);
      if (customerId === null) return impossible("There is no account for this customer.");
      const reset: ResetPasswordArguments = { customerId };
      return {
        kind: "proposed",
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

/**
 * Proposes a one-time code to the address on file of the account the writer claims. It does not ask the shop: whether
 * the account exists is checked when the mail is sent, so that neither answer nor action discloses it.
 */
export function sendCode(): WriteTool {
  return writeTool({
    kind: "write",
    name: "send_code",
    operation: "send_code",
    description:
      "Mails a six-digit code to the address on file, with which a customer proves who they are. Nobody is told whether " +
      "there is such an account.",
    minimumLevel: 0,
    accountData: false,
    input: z.strictObject({}),
    personDecides: true,
    async propose(_input, { requester, claimedAddress, conversationId, answers }) {
      if (requester.level === 3)
        return impossible("The customer has entered a code already; none is needed.");
      // A proven writer gets it at the address on file; any other names an account by the address they claim.
      const address = requester.level >= ACCOUNT_LEVEL ? requester.emailOnFile : claimedAddress;
      if (address === null)
        return impossible(
          requester.level >= ACCOUNT_LEVEL
            ? "It is known who writes; no code is needed."
            : "It takes the e-mail address of the account, exactly one, in the customer's own words.",
        );
      const challenge = digest([conversationId, answers.toSorted(), address]).slice(0, 32);
      const send: SendCodeArguments = {
        challengeId: `code_${challenge}`,
        conversationId,
        address,
        answers: [...answers],
      };
      return {
        kind: "proposed",
        planned: {
          key: `code:${conversationId}:${challenge}`,
          action: { target: "identity", operation: "send_code", arguments: send },
          label: "Send a one-time code to the address on file, if there is such an account",
          facts: [],
        },
        unproven: [],
      };
    },
  });
}

function impossible(reason: string): ProposeResult {
  return { kind: "impossible", reason };
}
