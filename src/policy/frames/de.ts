/** The words around answers in German. */
import type { LanguageFrame } from "./frame.ts";

export const GERMAN: LanguageFrame = {
  greeting: "Hallo {name},",
  greetingWithoutName: "Guten Tag,",
  closing: "Freundliche Grüße",
  automaticLine:
    "Dies ist eine automatische Antwort. Schreiben Sie uns, wenn Sie mit einem Menschen sprechen möchten.",
  handover:
    "Vielen Dank für Ihre Nachricht. Ich habe sie an unser Team weitergegeben, und ein Mensch meldet sich bei Ihnen.",
  unavailable:
    "Ich kann das im Moment nicht prüfen. Ich versuche es noch einmal, und wenn es nicht gelingt, übernimmt ein Mensch.",
  pending: "Das muss zuerst jemand aus unserem Team bestätigen. Sie finden die Antwort hier.",
  paused: "Ihre Antwort dauert gerade länger als sonst. Sie finden sie hier.",
  answeredPrivately: "Ich habe Ihnen die Antwort in einer Direktnachricht geschickt.",
  closed: "Wir haben gerade geschlossen. Ein Mensch liest Ihre Nachricht am {opening}.",
  holding:
    "Vielen Dank für Ihre Nachricht. Sie liegt jetzt bei unserem Team, und ein Mensch antwortet Ihnen.",
  familiar: {
    automaticLine:
      "Dies ist eine automatische Antwort. Schreib uns, wenn du mit einem Menschen sprechen möchtest.",
    handover:
      "Vielen Dank für deine Nachricht. Ich habe sie an unser Team weitergegeben, und ein Mensch meldet sich bei dir.",
    pending: "Das muss zuerst jemand aus unserem Team bestätigen. Du findest die Antwort hier.",
    paused: "Deine Antwort dauert gerade länger als sonst. Du findest sie hier.",
    answeredPrivately: "Ich habe dir die Antwort in einer Direktnachricht geschickt.",
    closed: "Wir haben gerade geschlossen. Ein Mensch liest deine Nachricht am {opening}.",
    holding:
      "Vielen Dank für deine Nachricht. Sie liegt jetzt bei unserem Team, und ein Mensch antwortet dir.",
  },
  greetings: [
    "hallo",
    "hi",
    "hey",
    "guten tag",
    "guten morgen",
    "guten abend",
    "liebe",
    "lieber",
    "sehr geehrte",
    "sehr geehrter",
    "moin",
  ],
  closings: [
    "freundliche grüße",
    "mit freundlichen grüßen",
    "viele grüße",
    "beste grüße",
    "liebe grüße",
    "herzliche grüße",
    "freundliche grüsse",
    "mit freundlichen grüssen",
    "viele grüsse",
  ],
};
