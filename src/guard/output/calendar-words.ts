/** Words for months, weekdays, near days and units of time. */
import { wordAlternatives, byWord } from "#text/spelling.ts";

/*
 * The days, dates and lengths of time of thirteen languages. The words are those of the Unicode locale data
 * (https://cldr.unicode.org), which a test compares, and other forms of them; written out, since asking for them takes
 * longer than all the rest of a start.
 */

/** In calendar order. */
const MONTHS: readonly string[] = [
  "january januar janvier enero gennaio januari janeiro styczeń stycznia ocak jan janv ene leden ledna",
  "february februar février febrero febbraio februari fevereiro luty lutego şubat feb févr febr únor února",
  "march märz mars marzo maart março marzec marca marts mart mar mär březen března",
  "april avril abril aprile kwiecień kwietnia nisan apr avr abr duben dubna",
  "may mai mayo maggio mei maio maj maja mayıs květen května",
  "june juni juin junio giugno junho czerwiec czerwca haziran jun červen června",
  "july juli juillet julio luglio julho lipiec lipca temmuz jul juil červenec července",
  "august août agosto augustus sierpień sierpnia augusti ağustos aug ago srpen srpna",
  "september septembre septiembre settembre setembro wrzesień września eylül sep sept setiembre září",
  "october oktober octobre octubre ottobre outubro październik października ekim oct okt říjen října",
  "november novembre noviembre novembro listopad listopada kasım nov listopadu",
  "december dezember décembre diciembre dicembre dezembro grudzień grudnia aralık dec dez déc dic prosinec prosince desember",
];
const WEEKDAYS: readonly string[] = [
  "sunday sonntag dimanche domingo domenica zondag niedziela söndag søndag pazar niedzielę neděle neděli",
  "monday montag lundi lunes lunedì maandag segunda-feira poniedziałek måndag mandag pazartesi poniedziałku pondělí",
  "tuesday dienstag mardi martes martedì dinsdag terça-feira wtorek tisdag tirsdag salı úterý",
  "wednesday mittwoch mercredi miércoles mercoledì woensdag quarta-feira środa onsdag çarşamba środę středa středu",
  "thursday donnerstag jeudi jueves giovedì donderdag quinta-feira czwartek torsdag perşembe čtvrtek",
  "friday freitag vendredi viernes venerdì vrijdag sexta-feira piątek fredag cuma pátek",
  "saturday samstag samedi sábado sabato zaterdag sobota lördag lørdag cumartesi sonnabend sobotę sobotu",
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
      "vorgestern|avant-hier|anteayer|l'altro ieri|eergisteren|anteontem|przedwczoraj|i förrgår|i forgårs|evvelsi gün|předevčírem|the day before yesterday",
    ],
    [-1, "yesterday|gestern|hier|ayer|ieri|gisteren|ontem|wczoraj|i går|dün|včera"],
    [0, "today|heute|aujourd'hui|hoy|oggi|vandaag|hoje|dzisiaj|i dag|bugün|tonight|dziś|dnes"],
    [1, "tomorrow|morgen|demain|mañana|domani|amanhã|jutro|i morgon|i morgen|yarın|zítra"],
    [
      2,
      "übermorgen|après-demain|pasado mañana|dopodomani|overmorgen|depois de amanhã|pojutrze|i övermorgon|i overmorgen|öbür gün|pozítří|the day after tomorrow",
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
    "minute minutes min mins minuten minuto minutos minuti minuut minuta minuty minut minuter minutter dakika minutę minutt minutách",
  hour: "hour hours hr hrs stunde stunden heure heures hora horas ora ore uur godzina godziny godzin timme timmar timer saat godzinę saatte saatlik hodina hodiny hodin hodinách",
  day: "day days tag tage jour jours día días giorno giorni dag dagen dia dias dzień dni dygn dage gün tagen werktag werktage werktagen arbeitstag arbeitstage arbeitstagen geschäftstage geschäftstagen kalendertage kalendertagen werkdag werkdagen dniach dagar arbetsdagar hverdage arbejdsdage günü günde günden günlük gündür dagarna dager døgn den dny dní dnů dnech",
  week: "week weeks wk wks woche wochen semaine semaines semana semanas settimana settimane weken tydzień tygodnie tygodni vecka veckor uge uger hafta haftada haftadır haftalık tygodniu tygodniach uke uker týden týdny týdnů týdnech",
  month:
    "month months mth mths monat monate mois mes meses mese mesi maand maanden mês miesiąc miesiące miesięcy månad månader måned måneder ay ayda aylık monaten miesiącach měsíc měsíce měsíců měsících",
  year: "year years yr yrs jahr jahre an ans año años anno anni jaar ano anos rok lata lat år yıl yıllık yılda jahren année années roku latach roky let letech",
};
const UNIT_OF = byWord(Object.entries(UNITS));
export const UNIT_WORDS = wordAlternatives(UNIT_OF.keys());

/** `day` for "Tagen"; the word itself when it is not a unit. */
export function calendarUnit(word: string): string {
  return UNIT_OF.get(word) ?? word;
}
