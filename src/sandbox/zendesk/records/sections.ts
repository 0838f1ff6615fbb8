/** Languages, categories and sections of the local Zendesk's help centre. */
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { Desk } from "./desk.ts";

/** The languages the help centre is written in; the first is the default. */
export const HELP_LOCALES = ["en-us", "de"] as const;

/** A name in each language. */
type Names = Readonly<Record<(typeof HELP_LOCALES)[number], string>>;

/** The one category; it has no parent. */
export const CATEGORY = {
  id: 4_800_000_001,
  names: { "en-us": "At home", de: "Zu Hause" },
} as const;

/** A section of articles; it may lie in another section. */
interface Section {
  readonly id: number;
  readonly parent: number | null;
  readonly names: Names;
}

/** All sections; each lies in the category. */
export const SECTIONS: readonly Section[] = [
  { id: 4_810_000_001, parent: null, names: { "en-us": "Setting up", de: "Aufbau" } },
  { id: 4_810_000_002, parent: 4_810_000_001, names: { "en-us": "Lighting", de: "Licht" } },
  { id: 4_810_000_003, parent: null, names: { "en-us": "For the team", de: "Für das Team" } },
];

/** The section with this id; 404 when there is none. */
export function sectionById(id: number): Section {
  const section = SECTIONS.find((one) => one.id === id);
  if (section === undefined) throw recordNotFound();
  return section;
}

/** The name of a section or of the category in a language; the default language's where there is none. */
export function nameIn(names: Names, locale: string): string {
  return names[HELP_LOCALES.find((known) => known === locale) ?? "en-us"];
}

/** A section as the API shows it. */
export function sectionJson(
  desk: Desk,
  { id, parent, names }: Section,
  locale: string,
): Record<string, unknown> {
  return {
    id,
    url: `${desk.url()}/api/v2/help_center/${locale}/sections/${id}.json`,
    html_url: `${desk.url()}/hc/${locale}`,
    category_id: CATEGORY.id,
    parent_section_id: parent,
    name: nameIn(names, locale),
    description: "",
    locale,
    source_locale: HELP_LOCALES[0],
    outdated: false,
    position: 0,
    sorting: "manual",
  };
}

/** The category as the API shows it. */
export function categoryJson(desk: Desk, locale: string): Record<string, unknown> {
  return {
    id: CATEGORY.id,
    url: `${desk.url()}/api/v2/help_center/${locale}/categories/${CATEGORY.id}.json`,
    html_url: `${desk.url()}/hc/${locale}`,
    name: nameIn(CATEGORY.names, locale),
    description: "",
    locale,
    source_locale: HELP_LOCALES[0],
    outdated: false,
    position: 0,
  };
}
