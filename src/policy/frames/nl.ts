/** The words around answers in Dutch. */
import type { LanguageFrame } from "./frame.ts";

export const DUTCH: LanguageFrame = {
  greeting: "Hallo {name},",
  greetingWithoutName: "Hallo,",
  closing: "Met vriendelijke groet",
  automaticLine:
    "Dit is een automatisch antwoord. Laat het weten als u liever met een medewerker spreekt.",
  handover:
    "Bedankt voor uw bericht. Ik heb het doorgegeven aan ons team en een medewerker neemt contact met u op.",
  unavailable:
    "Ik kan dit op dit moment niet nakijken. Ik probeer het opnieuw en als het niet lukt, neemt een medewerker het over.",
  pending: "Een medewerker moet dit eerst bevestigen. U vindt het antwoord hier.",
  paused: "Uw antwoord duurt nu langer dan gewoonlijk. U vindt het hier.",
  answeredPrivately: "Ik heb u het antwoord in een privébericht gestuurd.",
  closed: "We zijn nu gesloten. Een medewerker leest uw bericht op {opening}.",
  holding: "Bedankt voor uw bericht. Het ligt nu bij ons team en een medewerker antwoordt u.",
  familiar: {
    automaticLine:
      "Dit is een automatisch antwoord. Laat het weten als je liever met een medewerker spreekt.",
    handover:
      "Bedankt voor je bericht. Ik heb het doorgegeven aan ons team en een medewerker neemt contact met je op.",
    pending: "Een medewerker moet dit eerst bevestigen. Je vindt het antwoord hier.",
    paused: "Je antwoord duurt nu langer dan gewoonlijk. Je vindt het hier.",
    answeredPrivately: "Ik heb je het antwoord in een privébericht gestuurd.",
    closed: "We zijn nu gesloten. Een medewerker leest je bericht op {opening}.",
    holding: "Bedankt voor je bericht. Het ligt nu bij ons team en een medewerker antwoordt je.",
  },
  greetings: [
    "hallo",
    "hoi",
    "beste",
    "geachte",
    "goedemorgen",
    "goedemiddag",
    "goedenavond",
    "goedendag",
  ],
  closings: [
    "met vriendelijke groet",
    "met vriendelijke groeten",
    "vriendelijke groet",
    "hartelijke groeten",
    "groeten",
    "hoogachtend",
  ],
};
