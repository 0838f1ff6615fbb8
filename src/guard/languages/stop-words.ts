/** Stop words by language, and how many of them a text contains. */
const STOP_WORDS = {
  en: `
    the of to and are were be been has have had i you your yours our it its that this these those for with by not can
    will would could should please from if as but about once after before within usually there here which what how when
    where who we they them she he is was at my me or any some just yet too also don't doesn't didn't isn't hasn't i'm
    i've i'd i'll we're we've we'd we'll you're you've it's that's there's can't couldn't won't haven't wasn't aren't still do does did
    very im ive dont cant its so up out then than no on in a an
  `,
  de: `
    ich sie ihr ihre ihren ihrem ihrer ihnen wir uns ist sind wurde wurden haben habe hat der das den dem des und oder
    nicht noch nur für mit auf von zu bei nach eine einen einem einer ein kann können könnte bitte leider wenn auch im
    zur zum vom beim tut leid werden wird dass mein meine meinen meiner mir mich dir dich dein deine deinen hier wo wann
    wie warum sehr schon aber weil sich unser unsere unserem unseren war waren worden diese dieser dieses sobald über
    gibt möchte keine keinen kein immer bereits gerne gern danke wurdest bist sein vor
  `,
  fr: `
    de je vous nous votre vos le la les des est une un du au aux pour dans pas avec sur été avez avons a ai merci que qui et
    ou où ce cette cet ces mon ma mes notre nos ne n'est c'est j'ai j'aimerais d'une d'un qu'il l'adresse quand comment
    toujours encore plus sera être sont bonjour il elle on se son sa ses tu ton ta si par y très aussi déjà s'il m'a
    puis-je pouvez veuillez vers chez
  `,
  es: `
    el los las la su sus de del de está están han ha he hemos para por con usted gracias una un y se ya que en es lo le les mi
    mis me no cuando cuándo dónde donde cómo qué pero muy hola este esta esto al son fue ser tiene tengo puede pueden
    puedo tu tus te si más todavía aún sobre como ni o nos nuestro nuestra quiero quisiera hay
  `,
  it: `
    il lo gli di che è non della dei del sono stato stata suo sua abbiamo ho mio mia per con una un la le i nel al alla
    dove quando come grazie mi si ma anche ci vi più questo questa ancora dov'è vorrei salve potete
  `,
  pt: `
    o os um uma foi seu sua não você da do das dos em para por com que e é está meu minha onde quando obrigado obrigada
    gostaria a as no na ao se mas muito já olá ainda
  `,
  nl: `
    het een en van uw niet voor met wij ik hebben heb naar op te zijn wordt de is mijn waar wanneer kan kunt u je jullie
    aan dat deze dit maar ook nog bij om er dank graag terug
  `,
  sv: `
    och att är har inte det på för en ett jag min mitt ni er av till med som var när kan tack vill hej om du din ditt
    dig vi oss vår vårt den de så men inom efter från eller också redan nu ännu ska blir blivit hos där här sedan då
    mig dina mina våra kommer går får tyvärr hur vad
  `,
  da: `
    og at er har ikke det på for en et jeg min mit af til med som hvor hvornår kan tak vil de du vi ikke din dit
    dig os vores den så men inden efter fra eller også allerede nu endnu skal bliver blevet hos der her når hvis mig
    dine mine får kommer desværre hvad hvordan hvilken
  `,
  tr: `
    ve bir bu için ile de da mı mi mu mü ben biz siz size sizi sizin bize bizim ne nasıl zaman değil var yok çok daha
    sonra önce kadar gibi ama veya olarak olan lütfen merhaba teşekkür teşekkürler siparişim siparişiniz sipariş iş gün
    günü içinde artık maalesef henüz evet hayır yani her şey ya
  `,
  cs: `
    vaše váš vaši vám vás jsme byla byl bylo byly jste nebo není že který která které když ještě už děkujeme prosím jsou je se
    si pro od do za na bude jsem mám moje můj kde kdy
  `,
  pl: `
    jest nie się na zamówienie państwa proszę został została w z do i o co gdzie moje mój kiedy dzień dobry czy za mi
  `,
};

const SMALL_WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(STOP_WORDS).map(([language, list]) => [
    language,
    new Set(list.trim().split(/\s+/)),
  ]),
);

/** By stop word, its languages: most words are none, so one look-up is enough for them. */
const LANGUAGES_OF: ReadonlyMap<string, readonly string[]> = languagesByWord();

function languagesByWord(): Map<string, string[]> {
  const languages = new Map<string, string[]>();
  for (const [language, small] of SMALL_WORDS)
    for (const word of small) languages.set(word, [...(languages.get(word) ?? []), language]);
  return languages;
}

/**
 * The number of these words, in lower case, that are stop words of each language; languages without any are left out.
 */
export function stopWordsIn(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words)
    for (const language of LANGUAGES_OF.get(word) ?? [])
      counts.set(language, (counts.get(language) ?? 0) + 1);
  return counts;
}

/** True for languages whose stop words are listed: a sentence in one of them hardly ever has none. */
export function hasStopWords(language: string): boolean {
  return SMALL_WORDS.has(language);
}
