/** Languages, categories and sections of the local Zendesk's help centre. */
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { Desk } from "./desk.ts";

/** The languages the help centre is written in; the first is the default. */
export const HELP_LOCALES = ["en-us", "de"] as const;

/** A name in each language. */
type Names = Readonly<Record<(typeof HELP_LOCALES)[number], string>>;

/** Categories; they have no parent. */
export const CATEGORIES: readonly { readonly id: number; readonly names: Names }[] = [
  { id: 4_800_000_001, names: { "en-us": "At home", de: "Zu Hause" } },
  { id: 4_800_000_002, names: { "en-us": "In the shop", de: "Im Geschäft" } },
];

/** A section of articles; it may lie in another section. */
interface Section {
  readonly id: number;
  readonly category: number;
  readonly parent: number | null;
  readonly names: Names;
}

/** All sections, in the order of their numbers. */
export const SECTIONS: readonly Section[] = [
  {
    id: 4_810_000_001,
    category: 4_800_000_001,
    parent: null,
    names: { "en-us": "Setting up", de: "Aufbau" },
  },
  {
    id: 4_810_000_002,
    category: 4_800_000_001,
    parent: 4_810_000_001,
    names: { "en-us": "Lighting", de: "Licht" },
  },
  {
    id: 4_810_000_003,
    category: 4_800_000_002,
    parent: null,
    names: { "en-us": "For the team", de: "Für das Team" },
  },
];

/** The section with this id; 404 when there is none. */
export function sectionById(id: number): Section {
  const section = SECTIONS.find((one) => one.id === id);
  if (section === undefined) throw recordNotFound();
  return section;
}

/** A section as the API shows it. */
export function sectionJson(
  desk: Desk,
  { id, category, parent, names }: Section,
  locale: string,
): Record<string, unknown> {
  return {
    ...headingJson(desk, { id, names }, { kind: "sections", locale }),
    category_id: category,
    parent_section_id: parent,
    sorting: "manual",
  };
}

/** A category as the API shows it. */
export function categoryJson(
  desk: Desk,
  category: (typeof CATEGORIES)[number],
  locale: string,
): Record<string, unknown> {
  return headingJson(desk, category, { kind: "categories", locale });
}

function headingJson(
  desk: Desk,
  { id, names }: { readonly id: number; readonly names: Names },
  { kind, locale }: { readonly kind: string; readonly locale: string },
): Record<string, unknown> {
  return {
    id,
    url: `${desk.url()}/api/v2/help_center/${locale}/${kind}/${id}.json`,
    html_url: `${desk.url()}/hc/${locale}`,
    name: names[HELP_LOCALES.find((known) => known === locale) ?? "en-us"],
    description: "",
    locale,
    source_locale: HELP_LOCALES[0],
    outdated: false,
    position: 0,
  };
}
