import assert from "node:assert/strict";
import { test } from "node:test";
import { datesIn, epochDay } from "#guard/output/dates.ts";
import { amountsIn, durationsIn, ordersIn } from "#guard/output/facts.ts";
import { numberValue } from "#text/numbers.ts";

const TODAY = epochDay(new Date("2026-11-20T12:00:00Z"));

function keysOf(facts: readonly { readonly keys: readonly string[] }[]): readonly string[] {
  return facts.flatMap(({ keys }) => keys.slice(0, 1));
}

const AMOUNTS: Readonly<Record<string, string>> = {
  "amount:123450:USD": "1,234.50 USD | $1,234.50 | 1.234,50 USD | 1 234,50 USD | USD 1'234.50",
  "amount:1200:USD": "12 USD | $12 | 12 dollars | twelve dollars | US$12.00 | zwölf Dollar",
  "amount:12000:EUR":
    "120 € | €120 | 120,00 EUR | einhundertzwanzig Euro | cent vingt euros | ciento veinte euros | one hundred and twenty euros",
  "amount:8000:EUR": "quatre-vingts euros | achtzig Euro | ochenta euros",
  "amount:120000:EUR": "1.200 EUR | 1,200 EUR | 1 200 EUR",
  "amount:12000:?": "120.00 | 120,00",
  "amount:9900:JPY": "9,900 JPY | 9.900 JPY | 9900 yen",
  "amount:990000:?": "¥9,900 | ₩9900 | 9900 kr",
  "amount:9900:KRW": "9900 KRW | KRW 9,900",
  "amount:49900:PHP": "PHP 499.00 | 499.00 PHP",
  "amount:50000:PLN": "500 zł | 500,00 PLN",
  "amount:990000:INR": "₹9,900 | 9900.00 INR | 9900 rupees",
  "amount:99500:KWD": "99.500 KWD | KWD 99.500",
  "amount:1250500:KWD": "1.250,500 KWD | 1,250.500 KWD",
  "percent:12.5": "12.5% | 12,5 % | 12,5 Prozent | 12.5 percent | 12,5 por ciento",
  "amount:5000:USD":
    "50 dollars | $50 | fünfzig Dollar | cinquanta dollari | vijftig dollar | cinquenta dólares | 50 dolarów | cincuenta dólares",
};

test("an amount is the same in every way it is written", () => {
  for (const [key, texts] of Object.entries(AMOUNTS))
    for (const text of texts.split(" | "))
      assert.deepEqual(keysOf(amountsIn(`It is ${text}.`)), [key], text);
});

test("letters beside a number that are no currency there make no amount of it", () => {
  const others = [
    "10 CUP | ALL 5 | our TOP 3 | an AMD 5800 | try 2 times | sur 3 jours | PHP 8.3 | 12 KGS",
    "GEL 1130 | nel maggio 2026 Lei ha ricevuto | alle sette Lei ha scritto",
  ].join(" | ");
  for (const text of others.split(" | ")) assert.deepEqual(amountsIn(`It is ${text}.`), [], text);
  const money = {
    "amount:12000:USD": "refunded ALL 120 USD",
    "amount:2000:EUR": "refunded ALL 20 € | TOP 20 EUR",
    "amount:49900:TRY": "499 TRY | TRY 499.00",
    "amount:5000000:COP": "50000 COP | COP 50.000",
  };
  for (const [key, texts] of Object.entries(money))
    for (const text of texts.split(" | "))
      assert.deepEqual(keysOf(amountsIn(`It is ${text}.`)), [key], text);
  assert.deepEqual(keysOf(amountsIn("Try 20% or all 20 EUR.")), ["percent:20", "amount:2000:EUR"]);
});

test("an order number beside an amount is not swallowed by it", () => {
  const [fact] = amountsIn("Order 789 120.00 USD.");
  assert.ok(fact?.keys.includes("amount:12000:USD"));
  assert.deepEqual(keysOf(ordersIn("Orders: 120.00 USD and 50 %. Your orders: 12000 KRW.")), []);
  assert.deepEqual(keysOf(ordersIn("Order 123 try again, order 456 ALL in one")), [
    "id:123",
    "id:456",
  ]);
});

test("of three digits behind a comma both readings count where the currency has three", () => {
  const [fact] = amountsIn("You paid 120,500 TND.");
  assert.ok(fact?.keys.includes("amount:120500:TND") && fact.keys.includes("amount:120500000:TND"));
});

test("of two amounts with one currency between them both have it", () => {
  const keys = keysOf(amountsIn("From 10.00 to 500.00 USD, or 3.50 at the counter."));
  assert.ok(keys.includes("amount:1000:USD") && keys.includes("amount:50000:USD"));
  assert.ok(keys.includes("amount:350:?"));
});

const DURATIONS: Readonly<Record<string, string>> = {
  "duration:30-30:day": "30 days | thirty days | 30 Tage | dreißig Tagen | 30 jours | 30 días",
  "duration:5-7:working-day":
    "5-7 business days | five to seven working days | 5 bis 7 Werktage | 5 à 7 jours ouvrés | 5 a 7 días hábiles | entre 5 y 7 días laborables",
  "duration:14-14:day":
    "two weeks | zwei Wochen | deux semaines | dos semanas | 14 days | due settimane | twee weken | duas semanas | dwa tygodnie | 2 wks",
  "duration:24-24:month":
    "2 years | zwei Jahre | deux ans | dos años | a 2-year warranty | two years | 2-year | due anni | twee jaar | dois anos | dwa lata | 2 yrs",
  "duration:60-60:minute": "within an hour | in einer Stunde | dans une heure | 60 minutes",
  "duration:2-2:day": "within 48 hours | 2 days | en 48 horas",
  "duration:3-5:working-day":
    "3-5 business days | 3 bis 5 Werktage | da 3 a 5 giorni lavorativi | 3 tot 5 werkdagen | de 3 a 5 dias úteis | 3–5 dni roboczych | 3 à 5 jours ouvrés",
};

test("a length of time is the same in every language that is read", () => {
  for (const [key, texts] of Object.entries(DURATIONS))
    for (const text of texts.split(" | ")) assert.deepEqual(keysOf(durationsIn(text)), [key], text);
});

const AGO: readonly string[] = ["12 days ago", "vor 12 Tagen", "il y a 12 jours", "hace 12 días"];
const AHEAD: readonly string[] = ["in 2 days", "in zwei Tagen", "dans 2 jours", "en dos días"];

test("a length of time that is counted from today points to its day", () => {
  for (const text of AGO) assert.deepEqual(durationsIn(text)[0]?.pointsTo, [-12], text);
  for (const text of AHEAD) assert.deepEqual(durationsIn(text)[0]?.pointsTo, [2], text);
  assert.deepEqual(durationsIn("5 business days ago")[0]?.pointsTo, []);
});

const DAYS: Readonly<Record<string, string>> = {
  "-12":
    "2026-11-08 | 8 November 2026 | November 8th, 2026 | 8. November 2026 | 8 novembre 2026 | 8 de noviembre de 2026",
  "-1": "yesterday | gestern | livré hier | ayer",
  "1": "tomorrow | morgen | demain | llegará mañana",
  "2": "the day after tomorrow | übermorgen | après-demain | pasado mañana",
  "-2": "the day before yesterday | vorgestern | avant-hier | anteayer",
};

test("a day is the same in every language that is read", () => {
  for (const [offset, texts] of Object.entries(DAYS))
    for (const text of texts.split(" | "))
      assert.ok(
        datesIn(`It was ${text}, she said`, TODAY).some(({ keys }) =>
          keys.includes(`day:${TODAY + Number(offset)}`),
        ),
        text,
      );
});

test("words that only look like days are none", () => {
  for (const text of [
    "Guten Morgen, wie geht es Ihnen?",
    "Hier ist der Link für Sie.",
    "Llame por la mañana.",
    "How can I help you today?",
    "You may 5 times a day",
  ])
    assert.deepEqual(datesIn(text, TODAY), [], text);
});

test("times of day are read in each language", () => {
  for (const text of ["at 5 pm", "um 17 Uhr", "à 17h", "17:00", "a las 17"])
    assert.ok(
      datesIn(text, TODAY).some(({ keys }) => keys.includes("time:1020")),
      text,
    );
  for (const text of ["voor 17.00 uur", "bis 17.00 Uhr", "alle 17.00", "kl. 17.00"]) {
    assert.ok(
      datesIn(text, TODAY).some(({ keys }) => keys.includes("time:1020")),
      text,
    );
    assert.deepEqual(amountsIn(text), [], text);
  }
  for (const text of ["alle 17.00 EUR", "alle 117.00", "17.00"])
    assert.equal(amountsIn(text).length, 1, text);
});

test("order numbers are found behind the word for order in each language", () => {
  for (const text of [
    "order 789",
    "orders 456 and 789",
    "Bestellung Nr. 789",
    "Bestellungen 456 und 789",
    "commande n° 789",
    "pedido 789",
    "#789",
  ])
    assert.ok(keysOf(ordersIn(text)).includes("id:789"), text);
});

test("what is no number has no value", () => {
  assert.equal(numberValue("lamp"), null);
  assert.equal(numberValue("1.2.3"), null);
  assert.equal(numberValue("einundzwanzig"), 21);
  assert.equal(numberValue("two thousand three hundred"), 2_300);
});
