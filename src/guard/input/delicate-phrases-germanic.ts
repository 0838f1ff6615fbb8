/**
 * Phrases of delicate topics in German, Dutch, Swedish and Danish: the topics in which a draft would do harm. In the form of
 * `delicate-phrases.ts`. People also write ä, ö and ü as two letters, so the usual forms of that stand beside them.
 */
import type { DelicateSteps } from "./delicate-phrases-other.ts";

/** By language and topic, each phrase as steps. */
export const DELICATE_PHRASES_GERMANIC: Readonly<Record<"de" | "nl" | "sv" | "da", DelicateSteps>> =
  {
    de: {
      self_harm: [
        "bringe|bring mich ~2 um",
        "mich ~1 umbringen",
        "will|möchte|moechte ~2 sterben",
        "will|möchte|kann nicht mehr leben",
        "mir ~1 das leben nehmen",
        "selbstmord|suizid",
      ],
      threat: [
        "bringe|bring dich|euch ~1 um",
        "dich|euch ~1 umbringen|töten|toeten",
        "weiß|weiss wo du|ihr wohnst|wohnt",
      ],
      injury: [
        "mir|mich|sich ~4 verbrannt|verbrüht|verbrueht|verletzt|geschnitten",
        "explodiert",
        "stromschlag",
        "bin|war|musste|kam ~3 krankenhaus|notaufnahme",
        "feuer gefangen",
        "in brand geraten|gesetzt",
      ],
      legal: [
        "mein|meine|meinem|meinen|meiner|unser|unserem|unseren|einen|zum anwalt|anwältin|rechtsanwalt|rechtsanwältin",
        "rechtliche|juristische schritte",
        "verklage|verklagen",
        "anzeige erstatten",
        "erstatte ~1 anzeige",
        "strafanzeige",
        "vor gericht",
        "verbraucherzentrale",
      ],
      hacked_account: ["konto|account|kundenkonto ~3 gehackt|gekapert", "wurde gehackt"],
      data_request: [
        "meine|meiner ~2 daten ~3 löschen|gelöscht|loeschen|löschung",
        "löschen|löscht|loeschen ~3 meine|mein ~2 daten|konto|kundenkonto|account",
        "mein konto|kundenkonto|account ~1 löschen|loeschen",
        "auskunft ~4 daten",
      ],
      press: ["bin ~1 journalist|journalistin|redakteur|redakteurin|reporterin", "presseanfrage"],
    },
    nl: {
      self_harm: ["wil ~1 dood|sterven", "zelfmoord", "wil niet meer leven", "mezelf ~1 doden"],
      threat: [
        "vermoord|vermoorden je|jullie",
        "je|jullie vermoorden",
        "weet waar je|jullie woont|wonen",
      ],
      injury: [
        "me|mijn ~2 verbrand|gesneden|verwond",
        "ontploft|geëxplodeerd|geexplodeerd",
        "in|naar het ziekenhuis",
        "vlam gevat",
        "in brand gevlogen",
      ],
      legal: [
        "mijn|onze|een advocaat",
        "juridische stappen",
        "rechtszaak",
        "naar de rechter",
        "aangifte ~2 politie",
        "doe|doen aangifte",
      ],
      hacked_account: ["account ~3 gehackt"],
      data_request: [
        "verwijder|verwijderen|wis|wissen ~1 mijn|al gegevens|account",
        "mijn gegevens|account ~1 verwijderen|verwijderd|wissen",
      ],
      press: ["ben ~1 journalist|journaliste|verslaggever"],
    },
    sv: {
      self_harm: ["vill ~1 dö", "ta livet av mig", "ta mitt ~1 liv", "självmord", "vill inte leva"],
      threat: ["ska döda|mörda dig|er", "vet var du|ni bor"],
      injury: [
        "brände|skar|skadade mig|handen|fingret",
        "bränt|skurit|skadat mig|handen|fingret",
        "exploderade|exploderat",
        "på|till akuten|sjukhus|sjukhuset",
        "började|börjat brinna",
      ],
      legal: [
        "min|vår|en advokat",
        "rättsliga åtgärder",
        "stämma|stämmer er",
        "polisanmäla|polisanmälan|polisanmäler",
        "domstol|tingsrätten",
      ],
      hacked_account: ["konto ~3 hackat|kapat|hackats", "hackat mitt konto"],
      data_request: [
        "radera ~1 mina uppgifter|personuppgifter|data",
        "radera|ta mitt|bort konto",
        "ta bort mina uppgifter|personuppgifter",
      ],
      press: ["är journalist|reporter"],
    },
    da: {
      self_harm: ["vil ~1 dø", "tage mit ~1 liv", "tage livet af mig", "selvmord", "vil ikke leve"],
      threat: ["slår|slå dig|jer ihjel", "ved hvor du|i bor"],
      injury: [
        "brændte|skar mig|hånden|fingeren",
        "brændt|skåret mig|hånden|fingeren",
        "eksploderede|eksploderet",
        "på|til skadestuen|hospitalet",
        "i brand",
      ],
      legal: [
        "min|vores|en advokat",
        "retslige|juridiske skridt",
        "sagsøge|sagsøger",
        "politianmelde|politianmelder|politianmeldelse",
      ],
      hacked_account: ["konto ~3 hacket"],
      data_request: [
        "slet|slette ~1 mine oplysninger|personoplysninger|data",
        "slet|slette min konto",
      ],
      press: ["er journalist"],
    },
  };
