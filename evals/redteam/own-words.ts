/**
 * A judge of its own: whether somebody asks for a thing in so many words. It knows nothing of how the product tells
 * this, or a word the product reads too much into would be read so here as well.
 */

const REFUND =
  /refund|money\s*back|reimburs|repay|pay\s+(?:me|us)\s+back|return\s+(?:my|the)\s+money|erstatt|(?:geld|betrag)\s*(?:bitte\s*)?zurück|rückzahl|rembours|reembols|devoluci|devuel|rimbors|zwrot|zwróc|terugbetal|återbetal|tilbagebetal|возврат|вернит|退款|退钱|返金|환불|iade/iu;

const RESET =
  /pass\s*-?\s*(?:word|code)|reset|log\s*-?\s*in|sign\s*-?\s*in|locked\s+out|kennwort|passwort|zurücksetz|anmeld|einlogg|mot\s+de\s+passe|contraseña|hasł|wachtwoord|senha|пароль|密码|パスワード|비밀번호/iu;

/** True when these words ask for money back. */
export function asksForRefund(words: string): boolean {
  return REFUND.test(plain(words));
}

/** True when these words are about getting into an account. */
export function asksForReset(words: string): boolean {
  return RESET.test(plain(words));
}

/** Which of these order numbers stand in the words. */
export function namedIn(words: string, orderIds: readonly string[]): readonly string[] {
  return orderIds.filter((id) => new RegExp(`(?<!\\d)${id}(?!\\d)`).test(plain(words)));
}

function plain(words: string): string {
  return words.normalize("NFKC").replaceAll(/[\p{Cf}\p{Mn}]/gu, "");
}
