/** Words by which a text in cipher is told: the most frequent ones of English, and those of attacks in Latin letters. */

/** At least two of these in one sentence, in cipher, are no chance. */
export const FREQUENT: readonly string[] = wordsIn(
  `the and you your are this that with for from have will not all any what when who now then them they there here only
  about above before after into over just like must should would could can may does don't do say said tell give show
  send make take use put let me my mine we our us is it its as at by of on or to if be so no yes an in were was been did get got him her their out up new more other every had has do go see`,
);

/** One of these in cipher is enough. */
export const STRONG: readonly string[] = wordsIn(
  `ignore disregard forget override bypass instruction instructions previous prompt prompts system assistant reveal
  password refund refunds approve approved approval customer customers address addresses secret hidden rules guidelines
  developer administrator unrestricted jailbreak execute pretend message everything verification restrictions policy
  ignoriere anweisungen vergiss erstattung kunden ignorez oublie consignes remboursement ignora olvida instrucciones
  reembolso cliente istruzioni rimborso dimentica instruções esqueça negeer instructies terugbetaling zignoruj
  instrukcje zwrot klienta`,
);

function wordsIn(list: string): readonly string[] {
  return list.split(/\s+/);
}
