/** Words by which a text in cipher, or one that has lost its spaces, is told. */

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

/** Words of English that stand most often in our own texts for the guard, the most frequent first. */
export const COMMON_WORDS: readonly string[] = `
  the a to and you of is it i in for your that not on with this from do my at are if please as one what we me can
  was have order test an by no subject customer const account be answer before how name has mail send or all when
  our new message its only number return write card code tell first system text address user about could two now
  will may team never change without every call say after last reply get string must days ask up refund dear then
  says hello who await read request each page which sent cannot so us there nothing back they them readonly does
  set import null end data good am file out again once list time next status use reason thanks own would kind line
  regards case until into instructions phone old more check here ignore date help export day asked twice these
  model where role key price version words invoice see password second person make function support steps note
  transfer run add app conversation give below like start tool assistant people anything wrote true open reset yes
  customers need same know confirm override rules best leave shop wrong policy off their value act administrator
  were update answers type count assert ticket three desk internal output deskhand report example since shows
  another caller want explain step amount minutes payment error money morning than everything keep member https
  but look ten hours async rule within button other approve long log monday limit ends office any requests above
  questions approved did free summary find question email works put language today share agents parcel thank
  orders updated under usd way process word sku stop told record users link whole rate server terms work forward
  else letter context came box voucher said because cards click contract messages limits bot print cancel agent
  approval following cheers promise changed transaction max week prompt tom pending bank luca left none follow
  paid hey takes score response let turn five wait api chat channel too been both holder decision show over
  whether delivery token part delete asks made choose maria priya many friday earlier lead found block waiting
  identity called store four quantity continue cents form skip go full product aisha device right cancelled close
  begin should entries pay security lock month take instead half pass reveal returns label sign down copy needed
  values names json include sorry false field verify otherwise femi lines complete void why written mode
  unsubscribe map missing still try stay table enter company years everybody late included kept rest folder year
  miguel signed settings configuration zendesk src human node confirmation ann manager seconds level evening pages
  given default submit respond length receipt reads lost owen access moved draft clock agree per story bench took
  filter previous think seats screen jonas receive procedure guide url place sender class shown credit deniz
  program machine march ewa tools gift fee tried whom sofia state total working statement while notes received
  times away offer hannah ourshop slack secret environment soon seat grey whatever changes mention later details
  pretend problem room blocked plan possible unlock disregard row goes connection developer router something sure
  group longer outcome path refuse review advance concern bluefin stays points small press notice undefined bypass
  nobody denied looking technician client picture pixelmill business owner got already older risk versions refunds
  mails light signal ruth content exactly admin main talk yours title closed logs editor browser cent ordered had
  npm hold larkfield arrived between standing also needs tuesday fault most named select match hearing colleague
  using rows street sim side thread shipping carrier pin saturday brightwater files database hour registered items
  returned object body treat nice nordlicht website such gives used reports booking inform answered short green
  bug maintenance night opened patch checked known numbers document remove forget counts delivered consider
  character waited greetings parts standard sir madam history claim well tickets tracking item play flight equal
  build reference sincerely provider keys mind anyone anybody comes newest thursday sentence subscription zero
  holds balance records manual looked action remember post letters automatic minute move site important outside
  div ours stonebridge safety done ok gave calls tells locked save release leads intended hotel fine http charge
  teammate method documents join law meeting correct thing stored refused failed faults mistake accept waits
  asking seen bring he switched input source hidden travel rossi job those decided retry warning marked follows
  result billing means mon dont eight writes writing always together describe excuse car hear abroad effect runs
  uses live operation kids operations mailbox tokens comment top begins texts less description booked jobs shipped
  lamp recipient bytes accounts active viewer carefully task opening stops mar contact image reader supervisor
  attached alone console root come seven just register interface deepequal repeat point mobile prints conditions
  house somebody links members core stands forgotten local ago arguments sends script confidential verification
  evals unknown deleted memory option buy provide employer boolean finds costs head agenda paper final hand audit
  least leaves newer lift options labels cut create charged username drafts turns command broken neighbours noon
  available authorised courier makes unless size service postcode faq tax transcript expires login generate bag
  caf tablet invoices refunded milan overview early taken itself base conversations happens worker disclose third
  explains normal sunday view warranty although unverified retrieve redis cover alert might issue transactions
  henrik period hotline www starts whose gone original home wants yourself sound real empty others mine pick photo
  june shops solved doctor forgot eligibility van aside keeps apply calendar spring payments september through
  baker along love complaint tomasz config replies bought castillo reversed arrive present dijk search display
  flat nowak promotional index port birth moreau gets warehouse guest raise started passport digits sandbox
  current eur mean deadline triggered replaces exchange opens urgent joke birthday prompts conversationid plays
  column accepted purpose fields roaming staff protocol trace cases transfers errors landlord sons printing behind
  mark allowed locks cable matter safe minimum collect template beside november removed fwd driver replacement
  clinic obrien target readers dark systems headers fix reservation extend attempt voicemail oak belongs age
  reading travelling wednesday rather halden quote products discount purchasing anselm measure forecast break wei
  neighbour trained annual junk january bel contents unfamiliar guard reasons characters drop sql cash instruction
  black shared single session ready angry hansen figures ignored currency vat interest elses around patel
  requirement being printer dedicated trial spare friend lindgren tel setting white ended debug leeds weekend
  politely procedures public sam everyone cant ayse izmir ones allow forbidden child delay rights applied clean
  things throw some marks released arrives verdict detail decide inside chance html deliver array typeof happened
  sample terminal book hamburg station twin stand caps parse header prices expire airport postage cancellation
  licence planned ltd directors porto integration burn flow alerts against apart ids verified restart host schema
  attachment webhook administrators writer warnings proceed grandmother went chosen installation certificate six
  article fits vote typed tomorrow common game checkout someone pdf austin seville okafor buying yesterday timeout
  calculate divided timeline restore bearer disable isnt weeks pack prove remark rehearsal plans fails window bad
  imagine software upon statements span among kitchen greta scratch wellington exec moment holidays languages near
  network weather typos push flag further disk closes olga court typing mjs
`
  .trim()
  .split(/\s+/);

function wordsIn(list: string): readonly string[] {
  return list.split(/\s+/);
}
