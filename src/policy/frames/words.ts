/** The words around answers: in the built-in languages, by their ISO 639-1 codes, and what a language has to say. */
import { z } from "zod";
import type { PolicyTexts } from "#core/contracts/policy.ts";

export const BUILT_IN: Readonly<Record<string, LanguageFrame>> = {
  en: {
    greeting: "Hello {name},",
    greetingWithoutName: "Hello,",
    closing: "Kind regards",
    automaticLine: "This is an automatic answer. Say so if you would like to talk to a person.",
    handover:
      "Thank you for your message. I have passed it on to our team, and a person will get back to you.",
    unavailable:
      "I cannot check this right now. I will try again, and a person will take over if it does not work.",
    pending: "A teammate has to confirm this first. You will find the answer here.",
    paused: "Your answer takes longer than usual right now. You will find it here.",
    answeredPrivately: "I have sent you the answer in a direct message.",
    closed: "We are closed right now. A person will read your message on {opening}.",
    holding: "Thank you for your message. It is with our team now, and a person will answer you.",
    greetings: phrases("hello, hi, hey, dear, good morning, good afternoon, good evening"),
    closings: phrases(
      "kind regards, best regards, warm regards, regards, best wishes, sincerely, yours sincerely, yours truly, many thanks and best regards",
    ),
  },
  de: {
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
    greetings: phrases(
      "hallo, hi, hey, guten tag, guten morgen, guten abend, liebe, lieber, sehr geehrte, sehr geehrter, moin",
    ),
    closings: phrases(
      "freundliche grüße, mit freundlichen grüßen, viele grüße, beste grüße, liebe grüße, herzliche grüße, freundliche grüsse, mit freundlichen grüssen, viele grüsse",
    ),
  },
  fr: {
    greeting: "Bonjour {name},",
    greetingWithoutName: "Bonjour,",
    closing: "Cordialement",
    automaticLine:
      "Ceci est une réponse automatique. Dites-le-nous si vous souhaitez parler à une personne.",
    handover:
      "Merci pour votre message. Je l'ai transmis à notre équipe, et une personne vous répondra.",
    unavailable:
      "Je ne peux pas vérifier cela pour le moment. Je vais réessayer, et une personne prendra le relais si cela ne fonctionne pas.",
    pending: "Un membre de notre équipe doit d'abord le confirmer. Vous trouverez la réponse ici.",
    paused: "Votre réponse prend plus de temps que d'habitude. Vous la trouverez ici.",
    answeredPrivately: "Je vous ai envoyé la réponse par message direct.",
    closed: "Nous sommes fermés pour le moment. Une personne lira votre message le {opening}.",
    holding:
      "Merci pour votre message. Il est maintenant entre les mains de notre équipe, et une personne vous répondra.",
    familiar: {
      automaticLine:
        "Ceci est une réponse automatique. Dis-le-nous si tu souhaites parler à une personne.",
      handover:
        "Merci pour ton message. Je l'ai transmis à notre équipe, et une personne te répondra.",
      pending: "Un membre de notre équipe doit d'abord le confirmer. Tu trouveras la réponse ici.",
      paused: "Ta réponse prend plus de temps que d'habitude. Tu la trouveras ici.",
      answeredPrivately: "Je t'ai envoyé la réponse par message direct.",
      closed: "Nous sommes fermés pour le moment. Une personne lira ton message le {opening}.",
      holding:
        "Merci pour ton message. Il est maintenant entre les mains de notre équipe, et une personne te répondra.",
    },
    greetings: phrases("bonjour, bonsoir, salut, coucou, cher, chère, chers"),
    closings: phrases(
      "cordialement, bien cordialement, bien à vous, sincères salutations, meilleures salutations, salutations, très cordialement",
    ),
  },
  es: {
    greeting: "Hola, {name}:",
    greetingWithoutName: "Hola:",
    closing: "Un saludo",
    automaticLine: "Esta es una respuesta automática. Díganos si prefiere hablar con una persona.",
    handover: "Gracias por su mensaje. Lo he pasado a nuestro equipo y una persona le responderá.",
    unavailable:
      "Ahora mismo no puedo comprobarlo. Volveré a intentarlo y, si no funciona, se encargará una persona.",
    pending:
      "Alguien de nuestro equipo tiene que confirmarlo primero. Encontrará la respuesta aquí.",
    paused: "Su respuesta tarda más de lo habitual. La encontrará aquí.",
    answeredPrivately: "Le he enviado la respuesta por mensaje directo.",
    closed: "Ahora estamos cerrados. Una persona leerá su mensaje el {opening}.",
    holding: "Gracias por su mensaje. Ya lo tiene nuestro equipo y una persona le responderá.",
    familiar: {
      automaticLine: "Esta es una respuesta automática. Dinos si prefieres hablar con una persona.",
      handover:
        "Gracias por tu mensaje. Lo he pasado a nuestro equipo y una persona te responderá.",
      pending:
        "Alguien de nuestro equipo tiene que confirmarlo primero. Encontrarás la respuesta aquí.",
      paused: "Tu respuesta tarda más de lo habitual. La encontrarás aquí.",
      answeredPrivately: "Te he enviado la respuesta por mensaje directo.",
      closed: "Ahora estamos cerrados. Una persona leerá tu mensaje el {opening}.",
      holding: "Gracias por tu mensaje. Ya lo tiene nuestro equipo y una persona te responderá.",
    },
    greetings: phrases(
      "hola, buenas, buenos días, buenas tardes, buenas noches, estimado, estimada, querido, querida",
    ),
    closings: phrases(
      "un saludo, saludos, saludos cordiales, un cordial saludo, atentamente, cordialmente, reciba un cordial saludo",
    ),
  },
  it: {
    greeting: "Buongiorno {name},",
    greetingWithoutName: "Buongiorno,",
    closing: "Cordiali saluti",
    automaticLine:
      "Questa è una risposta automatica. Ci scriva se preferisce parlare con una persona.",
    handover:
      "Grazie per il suo messaggio. L'ho passato al nostro team e una persona le risponderà.",
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
    greetings: phrases("buongiorno, buonasera, ciao, salve, gentile, caro, cara, egregio"),
    closings: phrases("cordiali saluti, distinti saluti, un cordiale saluto, saluti, a presto"),
  },
  nl: {
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
    greetings: phrases(
      "hallo, hoi, beste, geachte, goedemorgen, goedemiddag, goedenavond, goedendag",
    ),
    closings: phrases(
      "met vriendelijke groet, met vriendelijke groeten, vriendelijke groet, hartelijke groeten, groeten, hoogachtend",
    ),
  },
  pt: {
    greeting: "Olá, {name},",
    greetingWithoutName: "Olá,",
    closing: "Com os melhores cumprimentos",
    automaticLine: "Esta é uma resposta automática. Diga-nos se preferir falar com uma pessoa.",
    handover: "Obrigado pela sua mensagem. Passei-a à nossa equipa e uma pessoa irá responder-lhe.",
    unavailable:
      "Neste momento não consigo verificar. Vou tentar de novo e, se não funcionar, uma pessoa tratará do assunto.",
    pending: "Primeiro, alguém da nossa equipa tem de confirmar. Encontrará a resposta aqui.",
    paused: "A sua resposta está a demorar mais do que o habitual. Irá encontrá-la aqui.",
    answeredPrivately: "Enviei-lhe a resposta por mensagem direta.",
    closed: "Neste momento estamos fechados. Uma pessoa lerá a sua mensagem: {opening}.",
    holding:
      "Obrigado pela sua mensagem. Está agora com a nossa equipa e uma pessoa irá responder-lhe.",
    greetings: phrases("olá, oi, bom dia, boa tarde, boa noite, caro, cara, prezado, prezada"),
    closings: phrases(
      "com os melhores cumprimentos, melhores cumprimentos, cumprimentos, atenciosamente, cordialmente, um abraço",
    ),
  },
  pl: {
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
    greetings: phrases(
      "dzień dobry, dobry wieczór, cześć, witam, witaj, szanowna pani, szanowny panie, szanowni państwo",
    ),
    closings: phrases(
      "z poważaniem, pozdrawiam, pozdrawiamy, z pozdrowieniami, serdecznie pozdrawiam, łączę pozdrowienia",
    ),
  },
};

/** Phrases with commas between them. */
function phrases(text: string): readonly string[] {
  return text.split(", ");
}

/** Text a customer gets without a person checking it again. */
export const CustomerText = z.string().trim().min(10).max(1_000);

/** A text that names the next opening. */
export const ClosedText = CustomerText.refine((text) => text.includes("{opening}"), {
  error: "must say {opening}, which stands for the next opening",
});

/** The words of one language, as an operator writes them for a language that is not built in. */
export const LanguageEntry = z.strictObject({
  greeting: z.string().trim().min(2).max(200),
  greeting_without_name: z.string().trim().min(2).max(200),
  /** The line above the name in a signature, such as "Kind regards". */
  closing: z.string().trim().min(2).max(100),
  automatic_line: z.string().trim().min(5).max(300),
  handover: CustomerText,
  unavailable: CustomerText,
  pending: CustomerText,
  paused: CustomerText,
  answered_privately: CustomerText,
  closed: ClosedText,
  /** What a customer is told about a delicate message. */
  holding: CustomerText,
});

export type LanguageEntry = z.infer<typeof LanguageEntry>;

/** Everything around answers in one language. */
export interface LanguageFrame extends PolicyTexts {
  /** With `{opening}` for the next opening. */
  readonly closed: string;
  /** To the writer of a delicate message. */
  readonly holding: string;
  /** `{name}` is replaced by the first name in the shop's record. */
  readonly greeting: string;
  readonly greetingWithoutName: string;
  readonly closing: string;
  readonly automaticLine: string;
  /** The sentences that differ where customers are addressed as du, tu or tú; left out where the language has one form. */
  readonly familiar?: Partial<FramedSentences>;
  /** With what letters begin in it, in small letters; by these a greeting that a model wrote is found. */
  readonly greetings: readonly string[];
  /** With what letters end in it, in small letters. */
  readonly closings: readonly string[];
}

type FramedSentences = Pick<
  LanguageFrame,
  keyof PolicyTexts | "closed" | "holding" | "automaticLine"
>;

/** The frame with its familiar sentences. */
export function familiarly(frame: LanguageFrame): LanguageFrame {
  return { ...frame, ...frame.familiar };
}

/** The frame of a language the operator has added. Its own greeting and closing are those a model would write. */
export function languageFrame(entry: LanguageEntry): LanguageFrame {
  const { greeting, greeting_without_name, automatic_line, answered_privately, ...same } = entry;
  return {
    ...same,
    greeting,
    greetingWithoutName: greeting_without_name,
    automaticLine: automatic_line,
    answeredPrivately: answered_privately,
    greetings: [greeting, greeting_without_name].flatMap(
      (text) => /^[\p{L}\p{M}]+/u.exec(text.toLowerCase())?.[0] ?? [],
    ),
    closings: [entry.closing.toLowerCase()],
  };
}
