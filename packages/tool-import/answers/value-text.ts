/** Reads where a value comes from, as a lead writes it: `input amount`, `record payment.id`, `requester email`, `key`. */
import { z } from "zod";
import type { Value } from "#systems/contract.ts";

/** What can be known of the requester without asking the model. */
export const RequesterValueText = z.enum(["customer_id", "email", "system_id"]);

const PATH = String.raw`[A-Za-z0-9_$][A-Za-z0-9_$.-]{0,199}`;
const FORM = new RegExp(`^(input|record) +(${PATH})$|^requester +(customer_id|email|system_id)$`);

const EXPECTED =
  "say `input NAME`, `record FIELD`, `requester email`, `requester customer_id`, `requester system_id`, `key`, or `fixed TEXT`";

/** A number or a yes or no stands for itself; a text is one of the forms, `fixed` in front of any other text. */
export const ValueText = z
  .union([z.number(), z.boolean(), z.string().max(2_000)])
  .transform((given, context): Value => {
    if (typeof given !== "string") return { from: "fixed", value: given };
    const text = given.trim();
    if (text === "key") return { from: "key" };
    if (text.startsWith("fixed "))
      return { from: "fixed", value: text.slice("fixed ".length).trim() };
    const [, kind, name = "", requester] = FORM.exec(text) ?? [];
    const known = RequesterValueText.safeParse(requester);
    if (known.success) return { from: "requester", is: known.data };
    if (kind === "input") return { from: "input", name };
    if (kind === "record") return { from: "record", field: name };
    context.addIssue({ code: "custom", message: EXPECTED });
    return z.NEVER;
  });
