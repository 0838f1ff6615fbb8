/** The words in the names of a document, whatever way they are joined: `contactIDs`, `contact-id`, `q[contact_id]`. */

/** The words of a name, in lower case and without their plural. */
export function singularWords(name: string): readonly string[] {
  return spelledWords(name).map(singular);
}

/** The words of a name as they are spelled: `search` looks something up, `searches` are records. */
export function spelledWords(name: string): readonly string[] {
  return name
    .slice(0, 200)
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})(?!s\b)/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** An English word without its plural, well enough to compare two names of one document. */
function singular(word: string): string {
  if (word.length <= 3) return word === "ids" ? "id" : word;
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  return /(?:ss|us|is)$/.test(word) || !word.endsWith("s") ? word : word.slice(0, -1);
}

/** The words of a name joined by underscores; empty when it has none that an identifier can carry. */
export function snakeCase(name: string): string {
  return name
    .slice(0, 200)
    .normalize("NFKD")
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1_$2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1_$2")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}

/** Words for people who buy from or are served by the system. */
export const CUSTOMER_WORDS: ReadonlySet<string> = new Set([
  "account",
  "attendee",
  "beneficiary",
  "buyer",
  "cardholder",
  "client",
  "consumer",
  "contact",
  "customer",
  "guest",
  "identity",
  "member",
  "passenger",
  "patient",
  "payer",
  "person",
  "purchaser",
  "recipient",
  "requester",
  "shopper",
  "subscriber",
  "traveller",
  "user",
]);

const PERSONAL_WORDS: ReadonlySet<string> = new Set([
  "address",
  "birth",
  "birthday",
  "birthdate",
  "city",
  "dob",
  "email",
  "firstname",
  "fullname",
  "iban",
  "ip",
  "lastname",
  "latitude",
  "longitude",
  "mobile",
  "passport",
  "phone",
  "postal",
  "postcode",
  "ssn",
  "street",
  "surname",
  "zip",
  "line1",
  "line2",
]);

const NAME_PARTS: ReadonlySet<string> = new Set(["first", "last", "given", "family", "full"]);

/** Whether a name of a field says that it is about a person; `within` is the field that contains it. */
export function isPersonal(name: string, within: string): boolean {
  const words = singularWords(name);
  if (words.some((word) => PERSONAL_WORDS.has(word))) return true;
  if (!words.includes("name")) return false;
  const around = [...words, ...singularWords(within)];
  return around.some((word) => NAME_PARTS.has(word) || CUSTOMER_WORDS.has(word));
}
