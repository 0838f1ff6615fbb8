/** Words for months, weekdays, near days and units of time. */
import { spelled } from "#guard/languages/spelling.ts";

/*
 * The days, dates and lengths of time of eleven languages. The words are those of the Unicode locale data
 * (https://cldr.unicode.org), which a test compares, and other forms of them; written out, since asking for them takes
 * longer than all the rest of a start.
 */

/** In calendar order, as patterns for spelled texts. */
const MONTHS: readonly string[] = [
  "january januar janvier enero gennaio januari janeiro styczeń stycznia ocak jan janv ene",
  "february februar février febrero febbraio februari fevereiro luty lutego şubat feb févr febr",
  "march märz mars marzo maart março marzec marca marts mart mar mär",
  "april avril abril aprile kwiecień kwietnia nisan apr avr abr",
  "may mai mayo maggio mei maio maj maja mayıs",
  "june juni juin junio giugno junho czerwiec czerwca haziran jun",
  "july juli juillet julio luglio julho lipiec lipca temmuz jul juil",
  "august août agosto augustus sierpień sierpnia augusti ağustos aug ago",
  "september septembre septiembre settembre setembro wrzesień września eylül sep sept setiembre",
  "october oktober octobre octubre ottobre outubro październik października ekim oct okt",
  "november novembre noviembre novembro listopad listopada kasım nov",
  "december dezember décembre diciembre dicembre dezembro grudzień grudnia aralık dec dez déc dic",
].map(spelled);
const WEEKDAYS: readonly string[] = [
  "sunday sonntag dimanche domingo domenica zondag niedziela söndag søndag pazar niedzielę",
  "monday montag lundi lunes lunedì maandag segunda-feira poniedziałek måndag mandag pazartesi poniedziałku",
  "tuesday dienstag mardi martes martedì dinsdag terça-feira wtorek tisdag tirsdag salı",
  "wednesday mittwoch mercredi miércoles mercoledì woensdag quarta-feira środa onsdag çarşamba środę",
  "thursday donnerstag jeudi jueves giovedì donderdag quinta-feira czwartek torsdag perşembe",
  "friday freitag vendredi viernes venerdì vrijdag sexta-feira piątek fredag cuma",
  "saturday samstag samedi sábado sabato zaterdag sobota lördag lørdag cumartesi sonnabend sobotę",
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
    yesterday: -1,
    today: 0,
    tomorrow: 1,
    vorgestern: -2,
    gestern: -1,
    heute: 0,
    morgen: 1,
    übermorgen: 2,
    "avant-hier": -2,
    hier: -1,
    "aujourd'hui": 0,
    demain: 1,
    "après-demain": 2,
    anteayer: -2,
    ayer: -1,
    hoy: 0,
    mañana: 1,
    "pasado mañana": 2,
    "l'altro ieri": -2,
    ieri: -1,
    oggi: 0,
    domani: 1,
    dopodomani: 2,
    eergisteren: -2,
    gisteren: -1,
    vandaag: 0,
    overmorgen: 2,
    anteontem: -2,
    ontem: -1,
    hoje: 0,
    amanhã: 1,
    "depois de amanhã": 2,
    przedwczoraj: -2,
    wczoraj: -1,
    dzisiaj: 0,
    jutro: 1,
    pojutrze: 2,
    "i förrgår": -2,
    "i går": -1,
    "i dag": 0,
    "i morgon": 1,
    "i övermorgon": 2,
    "i forgårs": -2,
    "i morgen": 1,
    "i overmorgen": 2,
    "evvelsi gün": -2,
    dün: -1,
    bugün: 0,
    yarın: 1,
    "öbür gün": 2,
    "the day after tomorrow": 2,
    "the day before yesterday": -2,
    tonight: 0,
    dziś: 0,
  }).map(([words, offset]): [string, number] => [spelled(words), offset]),
);

/** Units of time, by all their words. */
const UNITS: Readonly<Record<string, string>> = {
  minute:
    "minute minutes minuten minuto minutos minuti minuut minuta minuty minut minuter minutter dakika minutę",
  hour: "hour hours stunde stunden heure heures hora horas ora ore uur godzina godziny godzin timme timmar timer saat godzinę saatte saatlik",
  day: "day days tag tage jour jours día días giorno giorni dag dagen dia dias dzień dni dygn dage gün tagen werktag werktage werktagen arbeitstag arbeitstage arbeitstagen geschäftstage geschäftstagen kalendertage kalendertagen werkdag werkdagen dniach dagar arbetsdagar hverdage arbejdsdage günü günde günden günlük gündür dagarna",
  week: "week weeks woche wochen semaine semaines semana semanas settimana settimane weken tydzień tygodnie tygodni vecka veckor uge uger hafta haftada haftadır haftalık tygodniu tygodniach",
  month:
    "month months monat monate mois mes meses mese mesi maand maanden mês miesiąc miesiące miesięcy månad månader måned måneder ay ayda aylık monaten miesiącach",
  year: "year years jahr jahre an ans año años anno anni jaar ano anos rok lata lat år yıl yıllık yılda jahren année années roku latach",
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
