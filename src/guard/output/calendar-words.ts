/** Words for months, weekdays, near days and units of time. */
import { spelled } from "#guard/languages/spelling.ts";

/** Calendar words in the languages the check reads, each list in calendar order, as patterns for spelled texts. */
const MONTHS: readonly string[] = [
  "january januar janvier enero jan janv ene",
  "february februar février febrero feb févr febr",
  "march märz mars marzo mar mär",
  "april avril abril apr avr abr",
  "may mai mayo",
  "june juni juin junio jun",
  "july juli juillet julio jul juil",
  "august août agosto aug ago",
  "september septembre septiembre setiembre sep sept",
  "october oktober octobre octubre oct okt",
  "november novembre noviembre nov",
  "december dezember décembre diciembre dec dez déc dic",
].map(spelled);
const WEEKDAYS: readonly string[] = [
  "sunday sonntag dimanche domingo",
  "monday montag lundi lunes",
  "tuesday dienstag mardi martes",
  "wednesday mittwoch mercredi miércoles",
  "thursday donnerstag jeudi jueves",
  "friday freitag vendredi viernes",
  "saturday samstag sonnabend samedi sábado",
].map(spelled);

const MONTH_NUMBERS = numbered(MONTHS);
const WEEKDAY_NUMBERS = numbered(WEEKDAYS);

/** Sources of patterns for spelled texts, longer words first. */
export const MONTH_WORDS = alternatives(MONTH_NUMBERS);
export const WEEKDAY_WORDS = alternatives(WEEKDAY_NUMBERS);

/** 1 for January; 0 for a word that is not a month. */
export function monthNumber(word: string): number {
  return (MONTH_NUMBERS.get(word) ?? -1) + 1;
}

/** 0 for Sunday. */
export function weekdayNumber(word: string): number {
  return WEEKDAY_NUMBERS.get(word) ?? 0;
}

/** Days counted from today, by their words. */
export const NEAR_DAYS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    "the day after tomorrow": 2,
    "the day before yesterday": -2,
    yesterday: -1,
    tomorrow: 1,
    today: 0,
    tonight: 0,
    übermorgen: 2,
    vorgestern: -2,
    gestern: -1,
    morgen: 1,
    heute: 0,
    "après-demain": 2,
    "avant-hier": -2,
    hier: -1,
    demain: 1,
    "aujourd'hui": 0,
    "pasado mañana": 2,
    anteayer: -2,
    ayer: -1,
    mañana: 1,
    hoy: 0,
  }).map(([words, offset]): [string, number] => [spelled(words), offset]),
);

/** Units of time, by all their words. */
const UNITS: Readonly<Record<string, string>> = {
  minute: "minute minutes minuten minuto minutos",
  hour: "hour hours stunde stunden heure heures hora horas",
  day: "day days tag tage tagen jour jours día días werktag werktage werktagen arbeitstag arbeitstage arbeitstagen geschäftstage geschäftstagen kalendertage kalendertagen",
  week: "week weeks woche wochen semaine semaines semana semanas",
  month: "month months monat monate monaten mois mes meses",
  year: "year years jahr jahre jahren ans année années año años",
};
const UNIT_OF = new Map(
  Object.entries(UNITS).flatMap(([unit, words]) =>
    words.split(" ").map((word): [string, string] => [spelled(word), unit]),
  ),
);
export const UNIT_WORDS = [...UNIT_OF.keys()].sort((a, b) => b.length - a.length).join("|");

/** `day` for "Tagen"; the word itself when it is not a unit. */
export function unitOf(word: string): string {
  return UNIT_OF.get(word) ?? word;
}

function numbered(lists: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    lists.flatMap((words, at) => words.split(" ").map((word): [string, number] => [word, at])),
  );
}

function alternatives(words: ReadonlyMap<string, number>): string {
  return `(?:${[...words.keys()].sort((a, b) => b.length - a.length).join("|")})`;
}
