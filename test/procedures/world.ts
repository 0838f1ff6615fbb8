/** What procedures are checked against in tests: the sandbox's policy, the tools and pages of the sample shop. */
import { readdirSync, readFileSync } from "node:fs";
import { createInputGuard } from "#guard/input/input-guard.ts";
import type { ProcedureText, ProcedureWorld } from "#procedures/check.ts";

const ROOT = new URL("../../", import.meta.url);

const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });

/** The tools and pages of the sample shop, with a guard. */
export function worldOf(): ProcedureWorld {
  return {
    tools: new Map([
      ["get_order_status", null],
      ["list_orders", null],
      ["get_payments", null],
      ["reply", null],
      ["issue_refund", "refund"],
      ["change_address", "change_address"],
      ["reset_password", "reset_password"],
      ["create_support_ticket", null],
      ["start_return", "start_return"],
      ["cancel_order", "cancel_order"],
      ["exchange_item", "exchange_item"],
    ]),
    pages: new Set(
      readdirSync(new URL("src/knowledge/pages/", ROOT)).map((name) => name.replace(/\.md$/, "")),
    ),
    inspect: (text, origin) => guard.inspectText(text, origin),
  };
}

/** The ten procedures of the sample shop. */
export function sampleProcedures(): readonly ProcedureText[] {
  return readdirSync(new URL("procedures/", ROOT))
    .toSorted()
    .map((name) => ({
      name: name.replace(/\.md$/, ""),
      text: readFileSync(new URL(`procedures/${name}`, ROOT), "utf8"),
    }));
}

/** A procedure with these steps and fields; what is not given is in order. */
export function procedureText({
  steps = "1. Look the order up with @get_order_status.",
  fields = "",
  tools = "[get_order_status, issue_refund]",
  tests = "",
}: {
  readonly steps?: string;
  readonly fields?: string;
  readonly tools?: string;
  readonly tests?: string;
} = {}): string {
  return `---
title: Late parcel
when: The customer asks where a parcel is.
tools: ${tools}
owner: lead@ourshop.test
${fields}---

${steps}

## Tests
${tests}`;
}
