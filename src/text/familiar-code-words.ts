/** What a writer reads about one-time codes where the brand says du, tu or je. */
import type { CodeWords } from "./code-words.ts";

/** The sentences of an answer; the mail with the code keeps the polite form. */
export type FamiliarSentences = Pick<CodeWords, "sent" | "offered" | "addressWanted">;

/** By language; one that has no other form, or one form for both, is left out. */
export const FAMILIAR: Readonly<Record<string, FamiliarSentences>> = {
  de: {
    sent: "Wenn es zu dieser Adresse ein Konto gibt, ist ein sechsstelliger Code dorthin unterwegs. Bitte schreib den Code hierher.",
    offered: "Wenn du einen neuen Code brauchst, sag es einfach.",
    addressWanted:
      "Wenn du mir die E-Mail-Adresse deines Kontos nennst, kann ich einen sechsstelligen Code dorthin senden.",
  },
  fr: {
    sent: "S'il existe un compte avec cette adresse, un code à six chiffres lui est envoyé. Écris le code ici, s'il te plaît.",
    offered: "Si tu as besoin d'un nouveau code, dis-le simplement.",
    addressWanted:
      "Si tu m'indiques l'adresse e-mail de ton compte, je peux y envoyer un code à six chiffres.",
  },
  es: {
    sent: "Si existe una cuenta con esta dirección, un código de seis cifras va de camino a ella. Escribe el código aquí, por favor.",
    offered: "Si necesitas un código nuevo, dilo sin más.",
    addressWanted:
      "Si me dices la dirección de correo de tu cuenta, puedo enviarte allí un código de seis cifras.",
  },
  it: {
    sent: "Se esiste un account con questo indirizzo, un codice di sei cifre è in arrivo. Scrivi qui il codice, per favore.",
    offered: "Se ti serve un nuovo codice, basta dirlo.",
    addressWanted:
      "Se mi indichi l'indirizzo e-mail del tuo account, posso inviare lì un codice di sei cifre.",
  },
  nl: {
    sent: "Als er een account met dit adres is, is er een code van zes cijfers naartoe onderweg. Schrijf de code hier, alsjeblieft.",
    offered: "Als je een nieuwe code nodig hebt, zeg het gewoon.",
    addressWanted:
      "Als je me het e-mailadres van je account geeft, kan ik er een code van zes cijfers naartoe sturen.",
  },
};
