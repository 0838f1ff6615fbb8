/** Words of English by how often they stand in our own texts for the guard, the most frequent first. */
export const COMMON_WORDS: readonly string[] = `
  the a to and you of is it i in for your that not on with this from do my at are if please as one what we me can
  was have order test an by no subject customer const account be answer before how name has mail send or all when
  our new message its only number return write card code tell first system text address user about could two now
  will may team never change without every call say after last reply get string must days ask up refund dear then
  says hello who await read request each page which sent cannot so us there nothing back they them readonly does set
  import null end data good am file out again once list time next status use reason thanks own would kind line
  regards case until into instructions phone old more check here ignore date help export day asked twice these model
  where role key price version words invoice see password second person make function support steps note transfer
  run add app conversation give below like start tool assistant people anything wrote true open reset yes customers
  need same know confirm override rules best leave shop wrong policy off their value act administrator were update
  answers type count assert ticket three desk internal output deskhand report example since shows another caller
  want explain step amount minutes payment error money morning than everything keep member https but look ten hours
  async rule within button other approve long log monday limit ends office any requests above questions approved did
  free summary find question email works put language today share agents parcel thank orders updated under usd way
  process word sku stop told record users link whole rate server terms work forward else letter context came box
  voucher said because cards click contract messages limits bot print cancel agent approval following cheers promise
  changed transaction max week prompt tom pending bank luca left none follow paid hey takes score response let turn
  five wait api chat channel too been both holder decision show over whether delivery token part delete asks made
  choose maria priya many friday earlier lead found block waiting identity called store four quantity continue cents
  form skip go full product aisha device right cancelled close begin should entries pay security lock month take
  instead half pass reveal returns label sign down copy needed values names json include sorry false field verify
  otherwise femi lines complete void why written mode unsubscribe map missing still try stay table enter company
  years everybody late included kept rest folder year miguel signed settings configuration zendesk src human node
  confirmation ann manager seconds level evening pages given default submit respond length receipt reads lost owen
  access moved draft clock agree per story bench took filter previous think seats screen jonas receive procedure
  guide url place sender class shown credit deniz program machine march ewa tools gift fee tried whom sofia state
  total working statement while notes received times away offer hannah ourshop slack secret environment soon seat
  grey whatever changes mention later details pretend problem room blocked plan possible unlock disregard row goes
  connection developer router something sure group longer outcome path refuse review advance concern bluefin stays
  points small press notice undefined bypass nobody denied looking technician client picture pixelmill business
  owner got already older risk versions refunds mails light signal ruth content exactly admin main talk yours title
  closed logs editor browser cent ordered had npm hold larkfield arrived between standing also needs tuesday fault
  most named select match hearing colleague using rows street sim side thread shipping carrier pin saturday
  brightwater files database hour registered items returned object body treat nice nordlicht website such gives used
  reports booking inform answered short green bug maintenance night opened patch checked known numbers document
  remove forget counts delivered consider character waited greetings parts standard sir madam history claim well
  tickets tracking item play flight equal build reference sincerely provider keys mind anyone anybody comes newest
  thursday sentence subscription zero holds balance records manual looked action remember post letters automatic
  minute move site important outside div ours stonebridge safety done ok gave calls tells locked save release leads
  intended hotel fine http charge teammate method documents join law meeting correct thing stored refused failed
  faults mistake accept waits asking seen bring he switched input source hidden travel rossi job those decided retry
  warning marked follows result billing means mon dont eight writes writing always together describe excuse car hear
  abroad effect runs uses live operation kids operations mailbox tokens comment top begins texts less description
  booked jobs shipped lamp recipient bytes accounts active viewer carefully task opening stops mar contact image
  reader supervisor attached alone console root come seven just register interface deepequal repeat point mobile
  prints conditions house somebody links members core stands forgotten local ago arguments sends script confidential
  verification evals unknown deleted memory option buy provide employer boolean finds costs head agenda paper final
  hand audit least leaves newer lift options labels cut create charged username drafts turns command broken
  neighbours noon available authorised courier makes unless size service postcode faq tax transcript expires login
  generate bag caf tablet invoices refunded milan overview early taken itself base conversations happens worker
  disclose third explains normal sunday view warranty although unverified retrieve redis cover alert might issue
  transactions henrik period hotline www starts whose gone original home wants yourself sound real empty others mine
  pick photo june shops solved doctor forgot eligibility van aside keeps apply calendar spring payments september
  through baker along love complaint tomasz config replies bought castillo reversed arrive present dijk search
  display flat nowak promotional index port birth moreau gets warehouse guest raise started passport digits sandbox
  current eur mean deadline triggered replaces exchange opens urgent joke birthday prompts conversationid plays
  column accepted purpose fields roaming staff protocol trace cases transfers errors landlord sons printing behind
  mark allowed locks cable matter safe minimum collect template beside november removed fwd driver replacement
  clinic obrien target readers dark systems headers fix reservation extend attempt voicemail oak belongs age reading
  travelling wednesday rather halden quote products discount purchasing anselm measure forecast break wei neighbour
  trained annual junk january bel contents unfamiliar guard reasons characters drop sql cash instruction black
  shared single session ready angry hansen figures ignored currency vat interest elses around patel requirement
  being printer dedicated trial spare friend lindgren tel setting white ended debug leeds weekend politely
  procedures public sam everyone cant ayse izmir ones allow forbidden child delay rights applied clean things throw
  some marks released arrives verdict detail decide inside chance html deliver array typeof happened sample terminal
  book hamburg station twin stand caps parse header prices expire airport postage cancellation licence planned ltd
  directors porto integration burn flow alerts against apart ids verified restart host schema attachment webhook
  administrators writer warnings proceed grandmother went chosen installation certificate six article fits vote
  typed tomorrow common game checkout someone pdf austin seville okafor buying yesterday timeout calculate divided
  timeline restore bearer disable isnt weeks pack prove remark rehearsal plans fails window bad imagine software
  upon statements span among kitchen greta scratch wellington exec moment holidays languages near network weather
  typos push flag further disk closes olga court typing mjs authorization very added knowledge door translate lyon
  noticed privacy fees happy mirror him cork placed quickpost minor actions fact knows confirmed entry repair music
  scene power buyer discussed transferred red picked caution polite slice invalid refusal speaks party heard duties
  cuts branch few curl changing yaml entered queue groups survey harbour ruled forms pair film maximum cost enable
  zhang attachments dispute rotterdam country turned dog created callers ethics env even commit greeting plain
  application switch private author evil lopez euros board kettle esim attention lives commands exists replace lea
  channels face invitation holiday clear leak objects bari krak style filters holders organisation vip via operator
  sarah receiving wanted matches land tip fibre photographs rain sync bootstrap connected grant checks package much
  miss folders refuses drops different sum holding becker whoever joao boards com workspace factor topic brand doubt
  duty great rooms drive stories train meant includes codes docs signature followed assistants lists filled web bill
  paragraph segmentation besides ref passed sees cache training bin speak prompted world bea annoyed editors family
  section norder english dana route quickly poem restriction swap monitored fare drill looks approvals replaced
  storage running fit reminder summarise win basket shirt man mars built mayor either direct really smith ending
  wallet promised upload hot afternoon nightly java sentences digest inbox colour python requester deposit fraud
  missed scan restrictions quoting bound doing ticketid recorded decides expected wins unread granted audio internet
  gartenweg viruses problems lifted voter nohope programs tables honest query enough openai speed visit download
  success counter repaired understand road likes trouble fixed configure stopped hosts novel dollars water french
  waive avoid committee makers runbook kernel listen club sleep hide several examples become closing zone petrova
  postpone interested estate helped structure baby trip parcels range amounts roles reached bots due pause hint
  separated portal international define fixes archive partial des payout omen customerid freebot nick chaosgpt kai
  teammates counted forty refresh headline swear khan warn prepare roma teach insert tips ever printed lesson tested
  expired delays dialogue pattern toaster membership draw euro escalate memo wishes snippet rating png worked tags
  battery floor shall petrol mast installer lane platform actor figure sources middle breaks schools processes
  effects git reviewed policies clara newsletter kindly his shift mustard activate son hurry myself downgrade calle
  rue lilas yml insults rage voice models profile lets hangs sale usual ice csv locker enjoy building seller wrap
  extensions nowhere midnight types signing exit compose notifications verbose webinar semesters digit premium
  backwards rook flatmap adapters judge exp quarter threads passage whenever garden library menu readme bell
  speaking monthly trees planted researchers glacier lovely appliance brother moving jacket mill deskhanderror
  throughout tries addresses neither nor tenth force split blobs migration paste workers wife serial ring tue video
  misspelled secondly flexible summarising backup variables fetch held german corrected ran votes socket priority
  teacher watch savings low surname logo spam cake guidelines patient usr templates telling mailing zenvora captain
  variable postgresql bundle tag lease places usually optional apologise purchase bakery ferry nobodys stars catch
  pasted abortsignal ages oracle raw signs int oauth tests info candidate yet event harm install tier often
  invisible friends proper documentation hacker min bomb lilith permissions dead modules listed budget shadow
  compares dump nine laptop freedom coffee meet noise remind salary processing restarted recognise reinstalled
  downstairs accounting robots worth developers connect proposed far visitor endpoints parser renewed usage suggest
  spanish boat rent rank ill getting wish criteria contracts breakfast visa computers charger ported understood
  creator strictobject orderid cause simulation opinion prepaid hate teaches embedded meaning large quick passages
  enabled mapping milestones chair rang freelancer cot fly hosted fan proud express lumo compile round latin lower
  undo pictures elsewhere permits adding lie matters paused student calm module lunch fell upgrade merge overnight
  dare plugged transcripts restored freely jobcontext stringify silence hero conscience personalities mouth hungry
  passes theme project judged databases unexpected broke gold dev professional maker onto slept stayed rail payload
  rude ships reachable joined columns render king outranks taught moves truth events lessons warns testing past
  approvers hack temporary hard results portuguese father loan coming cleared reminders pushchair debugging watches
  zod snapshot alter exist brightmart wise insult better claims auto encode masked tone declined trusted ledger
  compared resume wake origin facts loss market stock escalations empties thinks debits rental desc brief failure
  utf cat threaten morals recall timestamptz explanations apologises baron begun trust sales colleagues unavailable
  idempotency course thermostat determine systemctl recent firmware pre ship wheelchair joint execute recommend
  erase replying blocks improvise reporter brag flirt offensive uncle vic personal connections measured twenty sub
  throws lang imap ports extra states load greet whats lid chatbot boss vanished pink honestly billed visited
  sorting oclock maintain pushes rust ear math including eval infer regconfig develop widget propose played news
  becomes automatically secrets comparison backpack robot weak settle husband sums average landline bicycles yellow
  wellingtons cookbook quite rolled treasury sports eighty nights friendly shoes ride slip tired unit txt unfiltered
  clearance stale views grown poet investigate awoken rot buttons domain desktop margin proposal brands teams edit
  assignee camera sudo difference behaviour traceback blender bit star mother batteries blank calculated reproduced
  crack padding supposed uptime dbm dan dry shut computer nullable compare manners cook simulator appropriate defend
  passion nolim judging withdrawn audience high servers agreed postgres articles merged headphones jailbreak
  imported services worried purposes blinking adults boots chart twelve flickers owned pirate care hypothetical etc
  sea parent resolve literal tmp big slang fears quiet verifier handed adds puts beginning comments parameters
  clicks higher drawer contains bicycle space solar suitcase smells forum assembly clothes square temperature
  sticker tap requirements deaf depend mentioning heading references bind advice steal deed carries revision proven
  encoding reach alike chats legal thirty health school phones reviews daughters lady zip believe charity ping
  retries kill highest overrides parsed sealed metrics pure brackets depends sergeant insist cease fiction scruples
  sorted began visitors control format covers persons smtp interval meanwhile diff books stick city customs airing
  soaked spoken evaluating inherited contractor execstart exited cup miicijccaxicaqawrtelmakga
  uebhmcreuxezarbgnvbagmclnvbwutu rhdgux itafbgnvbaomgeludgvybmv ifdpzgdpdhmguhr iex zdccasiwdqyjkozihvcn demands
  tighter handle worst obey speech truncated findings sides fleet binary tosorted convert spelling emojis launder
  drug narrator webhooks anew credentials google silently contain oldest vendors bob children blinks torn beatrix
  bookshelf knew scratches attenuation cupboard prefers net youre handling unedited goal competitors dangerous
  addressed cheap decode buffer trim jsonb deskid promises challenge primary prometheus winreg cakegpt chef dish
  crook pupil channelname accepts required sending installed admins quoted claimed seal hash candidates reconciler
  phrase utc def acts macro lights helpful cups fast wire photos reservations sand hose packets simulate unlimited
  damp cloth sixty honeymoon decorate beds forgive overlook automated talked advert integer rejects strict
  replaceall tree impatient paths langchain cipher integrate beginner keeping policys jsonl scope chain erased crash
  canary posted titles hchen lose sell appeared covered aunt legs carton umlaut picker disappointed hiking duvet
  emptied peer saturdays pickup she dots soft goodwill careful handled addition gur era policychange instance learn
  runbooks grammar bullmq comedian pirates perfect worm shame quotes windows successful sizes expects sections
  happen finish clients width carried routing trigger reverse property require responses zur talking deals italian
  navy angel jump chairs emailed laws wipe pots fragile upright fictional klingon hexadecimal uint idle turnid
  drizzle loop approvalid href embeddings expr regalo freed abcdefgh nordwick
`
  .trim()
  .split(/\s+/);
