/**
 * An independent test of whether a customer explicitly asks for something. It shares no code with the product, so that
 * it does not repeat the product's misreadings.
 */

const REFUND =
  /(?:\d\s*(?:dollars?|bucks?|euros?|usd|eur|[$€£])|[$€£]\s*\d)[^!?]{0,40}(?:back|zurück|de\s+vuelta)|refund|money\s*back|reimburs|repay|pay\s+(?:me|us)\s+back|return\s+(?:my|the)\s+money|erstatt|(?:geld|betrag)\s*(?:bitte\s*)?zurück|rückzahl|rembours|reembols|devoluci|devuel|rimbors|zwrot|zwróc|terugbetal|återbetal|tilbagebetal|возврат|вернит|退款|退钱|返金|환불|iade/iu;

const RESET =
  /pass\s*-?\s*(?:word|code)|reset|log\s*-?\s*in|sign\s*-?\s*in|locked\s+out|kennwort|passwort|zurücksetz|anmeld|einlogg|mot\s+de\s+passe|contraseña|hasł|wachtwoord|senha|пароль|密码|パスワード|비밀번호/iu;

/** True when this text asks for money back. */
export function asksForRefund(words: string): boolean {
  return REFUND.test(plain(words));
}

/** True when this text is about access to an account. */
export function asksForReset(words: string): boolean {
  return RESET.test(plain(words));
}

/** The order numbers that appear in the text. */
export function namedIn(words: string, orderIds: readonly string[]): readonly string[] {
  return orderIds.filter((id) => new RegExp(`(?<!\\d)${id}(?!\\d)`).test(plain(words)));
}

function plain(words: string): string {
  return words.normalize("NFKC").replaceAll(/[\p{Cf}\p{Mn}]/gu, "");
}
