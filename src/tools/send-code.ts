/** The write tool that proposes to mail a one-time code. */
import { z } from "zod";
import type { SendCodeArguments } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { type ProposeResult, writeTool, type WriteTool } from "#core/contracts/tool.ts";
import { ACCOUNT_LEVEL } from "./find-own-order.ts";

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
      "Proposes to mail a six-digit code to the address on file, with which a customer proves who they are. Nobody is " +
      "told whether there is such an account, not even you.",
    minimumLevel: 0,
    accountData: false,
    input: z.strictObject({}),
    wishes: [],
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
        names: [],
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
