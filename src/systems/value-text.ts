/** Where a value of a request comes from, as people write it: `input amount`, `record payment.id`, `requester email`, `key`. */
import { z } from "zod";

/** What is known of the requester without asking the model. `system_id` is their id in this system, found by e-mail. */
export const RequesterValue = z.enum(["customer_id", "email", "system_id"]);
export type RequesterValue = z.output<typeof RequesterValue>;

/** A value in its parts, for names that no text can hold. The model chooses `input` only. */
const OneValue = z.discriminatedUnion("from", [
  /** A property of the tool's input. */
  z.strictObject({ from: z.literal("input"), name: z.string().min(1) }),
  /** Filled in by code from the verified requester. */
  z.strictObject({ from: z.literal("requester"), is: RequesterValue }),
  /** A field of the record the change is about, by its path, such as `payment.id`. Write tools only. */
  z.strictObject({
    from: z.literal("record"),
    field: z.string().min(1),
    /** Not sent where the record does not have it; written with a question mark. */
    isOptional: z.literal(true).exactOptional(),
  }),
  /** The key of the effect, in a form the system takes. Write tools only. */
  z.strictObject({ from: z.literal("key") }),
  z.strictObject({
    from: z.literal("fixed"),
    value: z.union([z.string(), z.number(), z.boolean()]),
  }),
]);
type OneValue = z.output<typeof OneValue>;

/** The same, or a text with such values in it. */
export const ValueParts = z.union([
  OneValue,
  z.strictObject({
    from: z.literal("text"),
    parts: z.array(z.union([z.string(), OneValue])),
  }),
]);
export type Value = z.output<typeof ValueParts>;

/** What a value is made of: itself, or the values in a text. */
export function valuesWithin(value: Value): readonly OneValue[] {
  if (value.from !== "text") return [value];
  return value.parts.flatMap((part) => (typeof part === "string" ? [] : [part]));
}

const PATH = String.raw`[A-Za-z0-9_$][A-Za-z0-9_$.-]{0,199}`;
const FORM = new RegExp(
  `^(input|record) +(${PATH})(\\?)?$|^requester +(customer_id|email|system_id)$`,
);

/** What is said of a text that is none of them. */
export const VALUE_FORMS =
  "say `input NAME`, `record FIELD`, `requester email`, `requester customer_id`, `requester system_id`, `key`, `fixed TEXT`, or `text TEXT with {input NAME}`";

/** A number or a yes or no stands for itself; a text is one of the forms, `fixed` in front of any other text. */
export const ValueText = z
  .union([z.number(), z.boolean(), z.string().max(10_000)])
  .transform((given, context): Value => {
    if (typeof given !== "string") return { from: "fixed", value: given };
    const text = given.trim();
    const parts = text.startsWith("text ") ? textParts(text.slice("text ".length).trim()) : null;
    if (parts !== null && !parts.includes(null))
      return { from: "text", parts: parts.filter((part) => part !== null) };
    const one = oneValue(text);
    if (one !== null) return one;
    context.addIssue({ code: "custom", message: VALUE_FORMS });
    return z.NEVER;
  });

function oneValue(text: string): OneValue | null {
  if (text === "key") return { from: "key" };
  if (text.startsWith("fixed "))
    return { from: "fixed", value: text.slice("fixed ".length).trim() };
  const [, kind, name = "", mark, requester] = FORM.exec(text) ?? [];
  const known = RequesterValue.safeParse(requester);
  if (known.success) return { from: "requester", is: known.data };
  if (kind === "input" && mark === undefined) return { from: "input", name };
  if (kind !== "record") return null;
  return {
    from: "record",
    field: name,
    ...(mark === undefined ? {} : { isOptional: true as const }),
  };
}

/** What stands between braces is a value; null for one that is none. */
function textParts(text: string): readonly (string | OneValue | null)[] {
  return text
    .split(/\{([^{}]*)\}/)
    .map((piece, at) => (at % 2 === 0 ? piece : oneValue(piece.trim())));
}

/** The same value as people write it; one whose name no text can hold keeps its parts. */
export function valueText(value: Value): string | number | boolean | Value {
  const text = written(value);
  const read = ValueText.safeParse(text);
  return read.success && JSON.stringify(read.data) === JSON.stringify(value) ? text : value;
}

function written(value: Value): string | number | boolean {
  switch (value.from) {
    case "input":
      return `input ${value.name}`;
    case "record":
      return `record ${value.field}${value.isOptional === true ? "?" : ""}`;
    case "requester":
      return `requester ${value.is}`;
    case "key":
      return "key";
    case "fixed":
      return typeof value.value === "string" ? `fixed ${value.value}` : value.value;
    case "text":
      return `text ${value.parts.map((part) => (typeof part === "string" ? part : `{${String(written(part))}}`)).join("")}`;
    default:
      throw new Error(`unknown source ${String(value satisfies never)}`);
  }
}
