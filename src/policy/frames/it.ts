/** The words around answers in Italian. */
import type { LanguageFrame } from "./frame.ts";

export const ITALIAN: LanguageFrame = {
  greeting: "Buongiorno {name},",
  greetingWithoutName: "Buongiorno,",
  closing: "Cordiali saluti",
  automaticLine:
    "Questa è una risposta automatica. Ci scriva se preferisce parlare con una persona.",
  handover: "Grazie per il suo messaggio. L'ho passato al nostro team e una persona le risponderà.",
  unavailable:
    "Al momento non posso verificarlo. Riproverò e, se non funziona, se ne occuperà una persona.",
  pending: "Prima deve confermarlo una persona del nostro team. Troverà la risposta qui.",
  paused: "La sua risposta richiede più tempo del solito. La troverà qui.",
  answeredPrivately: "Le ho inviato la risposta in un messaggio diretto.",
  closed: "In questo momento siamo chiusi. Una persona leggerà il suo messaggio: {opening}.",
  holding:
    "Grazie per il suo messaggio. Ora è nelle mani del nostro team e una persona le risponderà.",
  familiar: {
    automaticLine:
      "Questa è una risposta automatica. Scrivici se preferisci parlare con una persona.",
    handover:
      "Grazie per il tuo messaggio. L'ho passato al nostro team e una persona ti risponderà.",
    pending: "Prima deve confermarlo una persona del nostro team. Troverai la risposta qui.",
    paused: "La tua risposta richiede più tempo del solito. La troverai qui.",
    answeredPrivately: "Ti ho inviato la risposta in un messaggio diretto.",
    closed: "In questo momento siamo chiusi. Una persona leggerà il tuo messaggio: {opening}.",
    holding:
      "Grazie per il tuo messaggio. Ora è nelle mani del nostro team e una persona ti risponderà.",
  },
  greetings: ["buongiorno", "buonasera", "ciao", "salve", "gentile", "caro", "cara", "egregio"],
  closings: ["cordiali saluti", "distinti saluti", "un cordiale saluto", "saluti", "a presto"],
};
