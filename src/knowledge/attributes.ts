/** For whom a page is and how long it holds: as a page declares it, and as a search keeps to it. */
import { z } from "zod";
import type { Asking, PageAttributes } from "#core/contracts/knowledge.ts";
import { Unreadable } from "#knowledge/documents/document.ts";

const NAME_CHARACTERS_MAX = 80;
const OWNER_CHARACTERS_MAX = 120;
const LABELS_MAX = 200;

const Name = z.string().trim().min(1).max(NAME_CHARACTERS_MAX);
/** RFC 5646, 2.1, as far as help centres use it: `de`, `pt-BR`, `zh_Hans`. */
const Language = z
  .string()
  .trim()
  .regex(/^[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,3}$/i, "it has to be a language tag, such as de")
  .transform((tag) => tag.toLowerCase().replaceAll("_", "-"));

/** Fields that mean something here; all others are the page's own affair. */
export const ATTRIBUTE_FIELDS = {
  lang: Language.optional(),
  brand: Name.optional(),
  brands: z.array(Name).min(1).max(50).optional(),
  audience: z.enum(["customers", "team"]).optional(),
  valid_from: z.iso.date().optional(),
  valid_until: z.iso.date().optional(),
  owner: z.string().trim().min(1).max(OWNER_CHARACTERS_MAX).optional(),
  labels: z.array(Name).max(LABELS_MAX).optional(),
} as const;

/** Other programs write languages and owners in forms of their own; a page is not lost for that. */
const Fields = z.object({
  ...ATTRIBUTE_FIELDS,
  lang: ATTRIBUTE_FIELDS.lang.catch(undefined),
  owner: ATTRIBUTE_FIELDS.owner.catch(undefined),
  labels: ATTRIBUTE_FIELDS.labels.catch(undefined),
});
type Fields = z.infer<typeof Fields>;

/** The attributes those fields name. */
export function attributesFrom(fields: Fields): PageAttributes {
  const { lang, audience, valid_from: from, valid_until: until, owner, labels = [] } = fields;
  const brands = [...(fields.brands ?? []), ...(fields.brand === undefined ? [] : [fields.brand])];
  return {
    ...(lang === undefined ? {} : { language: lang }),
    ...(brands.length === 0 ? {} : { brands }),
    ...(audience === undefined ? {} : { audience }),
    ...(from === undefined ? {} : { validFrom: from }),
    ...(until === undefined ? {} : { validUntil: until }),
    ...(owner === undefined ? {} : { owner }),
    ...(labels.length === 0 ? {} : { labels }),
  };
}

/**
 * The attributes that a document's fields name. Throws `Unreadable` for a field without sense: a page whose audience
 * cannot be read might be the team's alone.
 */
export function attributesIn(fields: Readonly<Record<string, unknown>>): PageAttributes {
  const parsed = Fields.safeParse(fields);
  if (parsed.success) return attributesFrom(parsed.data);
  const [issue] = parsed.error.issues;
  throw new Unreadable(
    `its field ${issue?.path.join(".") ?? ""} is not right: ${issue?.message ?? ""}`,
  );
}

/** A language tag as pages carry it; null for what is none. */
export function languageTag(text: string): string | null {
  return Language.safeParse(text).data ?? null;
}

/** What a stored page says of itself, as far as a search asks for it. */
export interface StoredAttributes {
  readonly brands: readonly string[];
  readonly audience: "customers" | "team";
  readonly validFrom: string | null;
  readonly validUntil: string | null;
}

/** Why a customer's reply must not rest on the page on this day (such as 2026-11-22); null when it may. */
export function cautionFor(page: StoredAttributes, today: string): string | null {
  if (page.audience === "team") return "for the team alone";
  if (page.validFrom !== null && today < page.validFrom) return `holds from ${page.validFrom}`;
  if (page.validUntil !== null && today > page.validUntil) return `held until ${page.validUntil}`;
  return null;
}

/** Whether the page may be found by the one who asks. */
export function isFor(page: StoredAttributes, asking: Asking, today: string): boolean {
  if (asking.reader === "teammate") return true;
  const { brands } = page;
  const suits = brands.length === 0 || brands.includes(asking.brand ?? "");
  return suits && cautionFor(page, today) === null;
}
