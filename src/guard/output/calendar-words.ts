/** Words for months, weekdays, near days and units of time. */
import { wordAlternatives, byWord } from "#text/spelling.ts";

/*
 * The days, dates and lengths of time of eleven languages. The words are those of the Unicode locale data
 * (https://cldr.unicode.org), which a test compares, and other forms of them; written out, since asking for them takes
 * longer than all the rest of a start.
 */

/** In calendar order. */
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
];
const WEEKDAYS: readonly string[] = [
  "sunday sonntag dimanche domingo domenica zondag niedziela söndag søndag pazar niedzielę",
  "monday montag lundi lunes lunedì maandag segunda-feira poniedziałek måndag mandag pazartesi poniedziałku",
  "tuesday dienstag mardi martes martedì dinsdag terça-feira wtorek tisdag tirsdag salı",
  "wednesday mittwoch mercredi miércoles mercoledì woensdag quarta-feira środa onsdag çarşamba środę",
  "thursday donnerstag jeudi jueves giovedì donderdag quinta-feira czwartek torsdag perşembe",
  "friday freitag vendredi viernes venerdì vrijdag sexta-feira piątek fredag cuma",
  "saturday samstag samedi sábado sabato zaterdag sobota lördag lørdag cumartesi sonnabend sobotę",
];

const MONTH_NUMBERS = byWord(MONTHS.entries());
const WEEKDAY_NUMBERS = byWord(WEEKDAYS.entries());

/** Sources of patterns for spelled texts. */
export const MONTH_WORDS = `(?:${wordAlternatives(MONTH_NUMBERS.keys())})`;
export const WEEKDAY_WORDS = `(?:${wordAlternatives(WEEKDAY_NUMBERS.keys())})`;

/** 1 for January; 0 for a word that is not a month. */
export function monthNumber(word: string): number {
  return (MONTH_NUMBERS.get(word) ?? -1) + 1;
}

/** 0 for Sunday. */
export function weekdayNumber(word: string): number {
  return WEEKDAY_NUMBERS.get(word) ?? 0;
}

/** Days counted from today, by their words. */
export const NEAR_DAYS: ReadonlyMap<string, number> = byWord(
  [
    [
      -2,
      "vorgestern|avant-hier|anteayer|l'altro ieri|eergisteren|anteontem|przedwczoraj|i förrgår|i forgårs|evvelsi gün|the day before yesterday",
    ],
    [-1, "yesterday|gestern|hier|ayer|ieri|gisteren|ontem|wczoraj|i går|dün"],
    [0, "today|heute|aujourd'hui|hoy|oggi|vandaag|hoje|dzisiaj|i dag|bugün|tonight|dziś"],
    [1, "tomorrow|morgen|demain|mañana|domani|amanhã|jutro|i morgon|i morgen|yarın"],
    [
      2,
      "übermorgen|après-demain|pasado mañana|dopodomani|overmorgen|depois de amanhã|pojutrze|i övermorgon|i overmorgen|öbür gün|the day after tomorrow",
    ],
  ],
  "|",
);

/** Feasts on the same day of each year, as English names them: month and day. */
export const FEASTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "christmas eve": "12-24",
    "christmas day": "12-25",
    "new year's eve": "12-31",
    "new year's day": "01-01",
    "valentine's day": "02-14",
  }),
);

/** Units of time, by all their words. */
const UNITS: Readonly<Record<string, string>> = {
  minute:
    "minute minutes min mins minuten minuto minutos minuti minuut minuta minuty minut minuter minutter dakika minutę",
  hour: "hour hours hr hrs stunde stunden heure heures hora horas ora ore uur godzina godziny godzin timme timmar timer saat godzinę saatte saatlik",
  day: "day days tag tage jour jours día días giorno giorni dag dagen dia dias dzień dni dygn dage gün tagen werktag werktage werktagen arbeitstag arbeitstage arbeitstagen geschäftstage geschäftstagen kalendertage kalendertagen werkdag werkdagen dniach dagar arbetsdagar hverdage arbejdsdage günü günde günden günlük gündür dagarna",
  week: "week weeks wk wks woche wochen semaine semaines semana semanas settimana settimane weken tydzień tygodnie tygodni vecka veckor uge uger hafta haftada haftadır haftalık tygodniu tygodniach",
  month:
    "month months mth mths monat monate mois mes meses mese mesi maand maanden mês miesiąc miesiące miesięcy månad månader måned måneder ay ayda aylık monaten miesiącach",
  year: "year years yr yrs jahr jahre an ans año años anno anni jaar ano anos rok lata lat år yıl yıllık yılda jahren année années roku latach",
};
const UNIT_OF = byWord(Object.entries(UNITS));
export const UNIT_WORDS = wordAlternatives(UNIT_OF.keys());

/** `day` for "Tagen"; the word itself when it is not a unit. */
export function calendarUnit(word: string): string {
  return UNIT_OF.get(word) ?? word;
}
