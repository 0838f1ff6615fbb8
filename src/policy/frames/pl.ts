/** The words around answers in Polish. */
import type { LanguageFrame } from "./frame.ts";

export const POLISH: LanguageFrame = {
  greeting: "Dzień dobry,",
  greetingWithoutName: "Dzień dobry,",
  closing: "Z poważaniem",
  automaticLine:
    "To jest automatyczna odpowiedź. Proszę napisać, jeśli woli Pani lub Pan porozmawiać z człowiekiem.",
  handover: "Dziękujemy za wiadomość. Trafiła do naszego zespołu i odpowie na nią człowiek.",
  unavailable:
    "W tej chwili nie mogę tego sprawdzić. Spróbuję ponownie, a jeśli się nie uda, sprawę przejmie człowiek.",
  pending: "Najpierw musi to potwierdzić ktoś z naszego zespołu. Odpowiedź pojawi się tutaj.",
  paused: "Odpowiedź zajmuje teraz więcej czasu niż zwykle. Pojawi się tutaj.",
  answeredPrivately: "Odpowiedź została wysłana w wiadomości prywatnej.",
  closed: "Teraz mamy zamknięte. Człowiek przeczyta tę wiadomość: {opening}.",
  holding: "Dziękujemy za wiadomość. Zajmuje się nią nasz zespół i odpowie na nią człowiek.",
  greetings: [
    "dzień dobry",
    "dobry wieczór",
    "cześć",
    "witam",
    "witaj",
    "szanowna pani",
    "szanowny panie",
    "szanowni państwo",
  ],
  closings: [
    "z poważaniem",
    "pozdrawiam",
    "pozdrawiamy",
    "z pozdrowieniami",
    "serdecznie pozdrawiam",
    "łączę pozdrowienia",
  ],
};
