/** The words around answers in English. */
import type { LanguageFrame } from "./frame.ts";

export const ENGLISH: LanguageFrame = {
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
  greetings: ["hello", "hi", "hey", "dear", "good morning", "good afternoon", "good evening"],
  closings: [
    "kind regards",
    "best regards",
    "warm regards",
    "regards",
    "best wishes",
    "sincerely",
    "yours sincerely",
    "yours truly",
    "many thanks and best regards",
  ],
};
