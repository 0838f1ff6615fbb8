/** Injection phrases in languages other than English. */
import type { Phrase } from "#text/phrase-matcher.ts";

/** Attacks in other languages than English: dropping the instructions, another role, the prompt. */
interface AttackAbroad extends Phrase {
  readonly about: "instructions" | "role" | "prompt";
}

export const ATTACKS_ABROAD: readonly AttackAbroad[] = [
  // German.
  {
    about: "instructions",
    steps:
      "ignoriere|ignorier|ignorieren|missachte|missachten|vergiss|vergesse|übergehe|überschreibe ~2 alle|sämtliche|deine|ihre|die|jede|jegliche ~2 anweisungen|anweisung|instruktionen|vorgaben|befehle|richtlinien",
    without: "meine|meiner|meinen|unsere|bedienungsanleitung|pflegehinweise",
    notAfter: "ich|wir|nicht",
    notBefore: "von|aus|im|in",
  },
  {
    about: "instructions",
    steps:
      "ignoriere|ignorieren|missachte|vergiss|vergesse ~2 bisherigen|vorherigen|obigen|vorigen|früheren|bisherige|vorherige ~1 regeln|anweisungen|instruktionen|vorgaben|anweisung|texte",
    without: "meine|meiner|meinen|unsere",
    notBefore: "von|aus|im|in",
  },
  { about: "instructions", steps: "vergiss ~1 alles ~2 vorher|bisher|zuvor|davor|oben" },
  {
    about: "role",
    steps: "du bist jetzt|nun|ab ~3 dan|administrator|admin|entwicklermodus|hacker",
  },
  { about: "role", steps: "entwicklermodus|debugmodus|wartungsmodus ~1 aktiviert|aktivieren|an" },
  {
    about: "prompt",
    steps:
      "zeige|zeig|verrate|verrat|gib|nenne|wiederhole|drucke|schreibe ~4 systemprompt|system-prompt|systemanweisungen|systemanweisung|systemnachricht|prompt",
  },
  {
    about: "prompt",
    steps: "zeige|verrate|wiederhole|nenne ~2 deine ~1 anweisungen|instruktionen|regeln",
  },
  // French.
  {
    about: "instructions",
    steps:
      "ignore|ignorez|ignorer|oublie|oubliez|oublier ~2 toutes|tes|vos|les|ces ~2 instructions|consignes|directives|règles ~2 précédentes|précédente|antérieures|dessus|système",
    without: "mes|mon|notre|nos",
  },
  { about: "role", steps: "tu es|vous êtes maintenant|désormais ~3 dan|administrateur|admin" },
  { about: "role", steps: "tu es maintenant ~2 dan|administrateur|admin" },
  {
    about: "prompt",
    steps:
      "montre|montrez|affiche|affichez|révèle|révélez|répète|répétez|donne ~4 prompt|instructions ~1 système|système|secret|secrètes|initiales",
  },
  // Spanish.
  {
    about: "instructions",
    steps:
      "ignora|ignore|ignorar|olvida|olvide|olvidar ~2 todas|tus|sus|las|estas ~2 instrucciones|órdenes|reglas|directrices ~1 anteriores|previas|precedentes",
    without: "mis|mi|nuestras",
  },
  { about: "role", steps: "ahora eres ~2 dan|administrador|admin|hacker" },
  {
    about: "prompt",
    steps:
      "muestra|muéstrame|revela|repite|dime|imprime ~4 prompt|instrucciones ~1 sistema|del|secretas|internas|iniciales",
  },
  // Italian, Portuguese, Dutch, Polish.
  {
    about: "instructions",
    steps:
      "ignora|ignorare|dimentica ~2 tutte|le|tue ~2 istruzioni|regole|direttive ~1 precedenti|sopra",
    without: "mie|nostre",
  },
  {
    about: "instructions",
    steps:
      "ignore|ignora|ignorar|esqueça|esquece ~2 todas|as|suas|tuas ~2 instruções|regras|ordens ~1 anteriores|acima",
    without: "minhas|nossas",
  },
  {
    about: "instructions",
    steps:
      "negeer|vergeet ~2 alle|de|je|uw ~2 vorige|eerdere|voorgaande|bovenstaande ~1 instructies|opdrachten|regels",
    without: "mijn|onze",
  },
  {
    about: "instructions",
    steps: "zignoruj|ignoruj|zapomnij ~2 wszystkie|poprzednie|swoje ~2 instrukcje|polecenia|zasady",
    without: "moje",
  },
];
