/** The words around answers in Portuguese. */
import type { LanguageFrame } from "./frame.ts";

export const PORTUGUESE: LanguageFrame = {
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
  greetings: [
    "olá",
    "oi",
    "bom dia",
    "boa tarde",
    "boa noite",
    "caro",
    "cara",
    "prezado",
    "prezada",
  ],
  closings: [
    "com os melhores cumprimentos",
    "melhores cumprimentos",
    "cumprimentos",
    "atenciosamente",
    "cordialmente",
    "um abraço",
  ],
};
