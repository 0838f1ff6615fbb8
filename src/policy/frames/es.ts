/** The words around answers in Spanish. */
import type { LanguageFrame } from "./frame.ts";

export const SPANISH: LanguageFrame = {
  greeting: "Hola, {name}:",
  greetingWithoutName: "Hola:",
  closing: "Un saludo",
  automaticLine: "Esta es una respuesta automática. Díganos si prefiere hablar con una persona.",
  handover: "Gracias por su mensaje. Lo he pasado a nuestro equipo y una persona le responderá.",
  unavailable:
    "Ahora mismo no puedo comprobarlo. Volveré a intentarlo y, si no funciona, se encargará una persona.",
  pending: "Alguien de nuestro equipo tiene que confirmarlo primero. Encontrará la respuesta aquí.",
  paused: "Su respuesta tarda más de lo habitual. La encontrará aquí.",
  answeredPrivately: "Le he enviado la respuesta por mensaje directo.",
  closed: "Ahora estamos cerrados. Una persona leerá su mensaje el {opening}.",
  holding: "Gracias por su mensaje. Ya lo tiene nuestro equipo y una persona le responderá.",
  familiar: {
    automaticLine: "Esta es una respuesta automática. Dinos si prefieres hablar con una persona.",
    handover: "Gracias por tu mensaje. Lo he pasado a nuestro equipo y una persona te responderá.",
    pending:
      "Alguien de nuestro equipo tiene que confirmarlo primero. Encontrarás la respuesta aquí.",
    paused: "Tu respuesta tarda más de lo habitual. La encontrarás aquí.",
    answeredPrivately: "Te he enviado la respuesta por mensaje directo.",
    closed: "Ahora estamos cerrados. Una persona leerá tu mensaje el {opening}.",
    holding: "Gracias por tu mensaje. Ya lo tiene nuestro equipo y una persona te responderá.",
  },
  greetings: [
    "hola",
    "buenos días",
    "buenas tardes",
    "buenas noches",
    "estimado",
    "estimada",
    "querido",
    "querida",
  ],
  closings: [
    "un saludo",
    "saludos",
    "saludos cordiales",
    "un cordial saludo",
    "atentamente",
    "cordialmente",
    "reciba un cordial saludo",
  ],
};
