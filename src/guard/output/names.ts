/**
 * Finds names in a text that nothing it rests on has: people, places, products, brands. English alone marks them by a
 * capital within the sentence; other languages write every noun so, or have their own names for places.
 */
import { isEnglish, isSmallWord } from "#guard/languages/detect.ts";
import { allMatches } from "#text/matches.ts";
import { sentencePieces } from "./sentences.ts";

/** A capital after a word, a number or a comma begins no sentence. */
const NAME = /(?<=[\p{Ll}\p{N},)] )\p{Lu}\p{Ll}{2,}(?:['’]s)?(?![\w@])/gu;

/** Days, months and feasts are compared by value or are nobody's; languages and farewells have a capital as well. */
const NO_NAME =
  /^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|christmas|easter|hanukkah|diwali|thanksgiving|halloween|ramadan|eid|kind|best|warm|regards|thanks?|thank|sorry|hello|dear|please|mrs|miss|year|eve|english|german|french|spanish|italian|dutch|polish|portuguese)$/i;

/** The names of a text that `isKnown`, asked in lower case, does not have; each once, as it stands there. */
export function strangeNames(text: string, isKnown: (name: string) => boolean): readonly string[] {
  const named = sentencePieces(text)
    .filter((sentence) => isEnglish(sentence.text))
    .flatMap((sentence) =>
      allMatches(sentence.text, NAME).map(([name]) => name.replace(/['’]s$/, "")),
    );
  return [...new Set(named)].filter(
    (name) => !NO_NAME.test(name) && !isSmallWord(name) && !isKnown(name.toLowerCase()),
  );
}
