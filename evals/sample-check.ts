/** The product's output check with the sample shop's settings, for texts that were written without a turn. */
import type { OutputCheck } from "#core/contracts/guard.ts";
import { toolOperations } from "#guard/claims/operations.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { DECLARED_TOOLS } from "#tools/index.ts";

export function sampleCheck(): OutputCheck {
  return createOutputCheck({
    operations: toolOperations(DECLARED_TOOLS),
    linkHosts: ["help.ourshop.test"],
    contacts: [],
    ownAddresses: ["support@ourshop.test"],
    isCanary: () => false,
  });
}
