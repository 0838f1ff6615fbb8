/**
 * Words of other languages that hardly ever stand in an English sentence. Only small words: they are in every sentence
 * whatever it is about, and there are few of them.
 */
const FOREIGN = wordsOf(`
  ich sie ihr ihre ihren ihnen wir uns ist sind wurde wurden haben habe der das den dem und oder nicht noch für mit auf
  von zu bei nach eine einen einem ein kann können bitte leider wenn auch es im zur zum tut leid werden wird dass
  je vous nous votre vos le la les des est une du pour dans pas avec sur été avez avons merci que qui et ce cette
  el los las su sus del está han hemos para por con usted gracias una y se ya pedido
  il lo gli di che è non della dei sono stato suo sua abbiamo ordine
  os um uma foi seu não você da em
  het een en van uw niet voor met wij ik hebben naar op te zijn wordt
  och att är har inte det på og til er ikke vi
  jest nie się na zamówienie państwa proszę został została
`);
const ENGLISH = wordsOf(`
  the of to and are were be been has have had i you your our it that this these those for with by not can will would
  please from if as but about once after before within usually there here which what how when
`);

/** Words that say by themselves that something was done. */
const DONE = wordsOf(`
  erstattet gutgeschrieben storniert geändert erledigt veranlasst überwiesen remboursé remboursée annulé annulée
  modifiée reembolsado reembolsada cancelado cancelada cambiado rimborsato annullato terugbetaald geannuleerd
  återbetalat refundert tilbagebetalt zwrócono
`);

const SENTENCE_END = /(?<=[.!?:]["')\]]?)\s+|\n\s*\n/;

/**
 * The first sentence of a text that is not English, or null. Claims are understood in English only, so whoever checks a
 * reply has to know where its reading ends. Names and quoted titles inside an English sentence do not count.
 */
export function foreignSentence(text: string): string | null {
  const found = text.split(SENTENCE_END).find((sentence) => isForeign(sentence, 2));
  if (found !== undefined) return found.trim();
  // A single such word may be a name, unless there is nothing else in the whole text.
  return isForeign(text, 1) ? text.trim() : null;
}

function isForeign(text: string, foreignMin: number): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  if (letters - latin > latin) return true;
  const words = text.toLowerCase().match(/[\p{L}']+/gu) ?? [];
  if (words.some((word) => DONE.has(word))) return true;
  const english = words.filter((word) => ENGLISH.has(word.replace(/'.*/, ""))).length;
  const foreign = words.filter((word) => FOREIGN.has(word)).length;
  return words.length > 2 && foreign > english && foreign >= foreignMin;
}

function wordsOf(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}
