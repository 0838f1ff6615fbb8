/** Words that tell this customer's case whatever the verb is: that it is so by now, where it is, and who bears it. */
import type { ReadLanguage } from "#guard/languages/language.ts";

const R = String.raw;

/** The words of one language, each as alternatives of a pattern in the spelling of spelling.ts. */
export interface TellingWords {
  /** That it is so by now or for this customer alone: "already", "from now on", "after all". */
  readonly now: string;
  /** The way back to the customer, told of what was paid. */
  readonly back: string;
  /** What was paid, beside the nouns of a refund. */
  readonly money: string;
  /** What must have happened by now, with a modal that leaves nothing open; and what a link is for. */
  readonly expected: string;
  /** That we succeeded in what follows. */
  readonly managed: string;
  /** To stop an order, after `managed`. */
  readonly halt: string;
  /** Goes with this message. */
  readonly attached: string;
  /** Costs of sending and the like. */
  readonly costs: string;
  /** That we bear them. */
  readonly ours: string;
  /** More time than the rules give. */
  readonly longer: string;
  /** Where we keep what we know of a customer. */
  readonly kept: string;
  /** That a customer stands there no more. */
  readonly gone: string;
  /** That nothing will come. */
  readonly nothing: string;
  /** Where the customer gets mail. */
  readonly mailbox: string;
  /** That something worked out. */
  readonly succeeded: string;
  /** Those who deliver, and what they do beside delivering. */
  readonly carrier: string;
  readonly holds: string;
  /** Places of others, or new ones, that a parcel goes to. */
  readonly elsewhere: string;
  /** Asks, thanks, regrets, or says what is seen: such a clause tells nothing new of what it names. */
  readonly asks: string;
  /** That a delivery goes faster than was ordered. */
  readonly express: string;
}

/** Every read language's words. */
export const TELLING_WORDS: Readonly<Record<ReadLanguage, TellingWords>> = {
  en: {
    now: R`as (?:i|we) (?:write|speak)|right now|at this moment|(?:open|active|unlocked|accessible|usable) again|(?<!for )now|already|by now|from (?:now|today) on|as of (?:now|today)|(?:this|in the) (?:morning|afternoon|evening)|today|tonight|tomorrow|after all|this time|for once|(?:just )?(?:a )?(?:minute|moment)s? ago`,
    back: R`on your (?:statement|bill)|back (?:to|on|in|into|onto|with) (?:you|your|the (?:card|account|one you|way you|original))|back home|back where it came from|(?:finds?|finding|makes?|making) its way (?:back|to you)|returns? to (?:you|your)|returning to (?:you|your)|(?:goes|go|going|heads?|heading) to you`,
    money: R`(?:purchase|full|whole|original) price|payment|charge|what you (?:have |had )?(?:paid|spent)|amount|refund|reimbursement|dollars|euros`,
    expected: R`(?:should|must|ought to) (?:already |by now |now |soon |shortly )?(?:be|have|see|find|appear|show|arrive|sit)|(?:to|for) (?:choos(?:e|ing)|set(?:ting)?(?: up)?|pick(?:ing)?|creat(?:e|ing))(?= (?:a |your )?(?:new |fresh )?password)`,
    managed: R`managed to|(?:was|were) able to|succeeded in|(?:could|did) (?:still |just )?(?:manage to )?|(?:got|have got|had) (?:it|them|the \w+(?: \w+)?)(?= (?:stopped|pulled|cancelled|called off))|in time to`,
    halt: R`stop(?:ped|ping)?|halt(?:ed|ing)?|block(?:ed|ing)?|intercept(?:ed|ing)?|catch(?:ing)?|pull(?:ed|ing)?|call(?:ed|ing)? (?:\w+ ){0,3}off|withdraw|freez(?:e|ing)|hold(?:ing)? back|take(?:n)? (?:\w+ ){0,4}(?:off|out)`,
    attached: R`attached|enclosed|as an attachment|in the attachment|below this message`,
    costs: R`postage|shipping|delivery|freight|return(?:s)? (?:costs?|shipping|postage|fees?)|fees?|costs?|customs|duties|surcharge|repair|charges?`,
    ours: R`on (?:us|me|our (?:tab|side|account|dime|bill))|our treat|at our (?:expense|cost)|(?:we|i)(?:'ll| will|'ve| have)? (?:got|get|cover|bear|absorb|pick up|swallow|take care of|foot)(?: (?:it|that|this|them|those|the (?:tab|bill|cost)))|you(?:'re| are) not (?:charged|paying)|you pay nothing|(?:is|are|'s) (?:paid for|covered) by us|won't cost you (?:a|anything)`,
    longer: R`(?:\w+ )?(?:more|extra|additional|further) (?:days?|weeks?|months?)|(?:days?|weeks?|months?) (?:more|longer|extra|on top)|(?:until|through) .{0,30} instead of`,
    kept: R`(?:your|the) (?:profile|account|customer file|customer record|data|details)|(?:our|the) (?:system|files?|records?|database)|on file`,
    gone: R`(?:no longer|not any ?more|not) (?:on|in|part of|subscribed|signed up|getting|receiv\w+)\b.{0,20}\b(?:list|newsletter|e-?mails|subscription)|(?:list|newsletter|subscription)\b.{0,40}\b(?:no longer|won't|will not) .{0,20}(?:you|active|hear|get|renew|receive)|won't (?:hear|get|receive) (?:any ?(?:more|thing)|another|from us again)`,
    nothing: R`(?:is|are|'s|was|were|been)(?: \w+)? (?:off|out of) your order|(?:no longer|not) part of your order|(?:nothing|no parcel|no package) (?:will|is going to|'ll) (?:\w+ ){0,2}(?:show up|arrive|come|be (?:sent|shipped|delivered|dispatched)|leave|turn up)|won't (?:be )?(?:leave|leaving|ship|shipping|go(?:ing)? out|arrive|sent|shipped|delivered|dispatched)|(?:is|are|'s) (?:off the (?:list|books|table)|out of the system)`,
    mailbox: R`in(?:to)? your (?:inbox|mailbox|mail|e-?mail)|check your (?:inbox|mail|e-?mail)`,
    succeeded: R`(?:went|gone|go|got|push(?:ed)?|put|came)(?: \w+){0,3} through|worked(?: out)?|(?:was|is|'s|has been) (?:a success|successful)|succeeded|passed|cleared`,
    carrier: R`couriers?|carriers?|driver|postman|delivery (?:service|driver|person|man)|parcel (?:service|shop)|depot|ups|dhl|fedex`,
    holds: R`(?:will |'ll |is |are |'s )?(?:hold(?:s|ing)?|keep(?:s|ing)?|wait(?:s|ing)?|ring(?:s)?|call(?:s)? (?:you|ahead)|com(?:es|ing) (?:by|again|back)|know(?:s)?|has been told|bring(?:s|ing)?|leav(?:es|ing) it with|pick(?:s|ing)? (?:it|them|the \w+) up|collect(?:s|ing)?|redeliver(?:s|ing)?|try|tries|attempt(?:s)?)`,
    elsewhere: R`(?:to|at|with) (?:your|the|his|her) (?:sister|brother|mother|father|mum|mom|dad|parents?|son|daughter|aunt|uncle|friend|neighbou?r|office|work(?:place)?|company|partner|husband|wife|flat|workplace|holiday|new (?:place|home|flat|house|address)|other (?:place|address|flat)|second home)(?:'s)?`,
    asks: R`price (?:is|was)|thanks|turned down|charged (?:only )?once|only (?:\w+ )?charged once|please|kindly|thanks?|thank you|sorry|apolog\w+|i (?:can )?(?:see|looked|checked|find|found|understand|know)|(?:records?|system|account|order) (?:shows?|lists?|says?)|is there|(?:^\W*)(?:print|keep|choose|open|enter|follow|tell|send|use|see|read|check|look|write|reply|confirm|attach|put|drop)`,
    express: R`(?:to|onto|into|by) (?:express|priority|overnight|next-day)(?: \w+)?`,
  },
  de: {
    now: R`gerade|wieder|im moment|jetzt|nun|schon|bereits|inzwischen|mittlerweile|soeben|gerade eben|ab (?:sofort|jetzt|heute)|von nun an|künftig|heute|morgen|doch noch|trotzdem|dennoch|diesmal|ausnahmsweise`,
    back: R`auf (?:ihrem|ihrer|deinem) (?:auszug|kontoauszug|abrechnung)|zurück|wieder|retour|(?:auf|zu|an) (?:ihre|ihrer|deine|deiner|die) (?:karte|kreditkarte|konto)|rückweg|an sie|zu ihnen|an dich|zu dir`,
    money: R`(?:kauf|gesamt|bestell)?(?:preis|betrag|summe)\w*|zahlung|geld|(?:rück)?erstattung|rückzahlung|abbuchung|belastung|euro|dollar|was sie (?:be|ge)zahlt haben`,
    expected: R`(?:müsste|müssten|sollte|sollten|dürfte|dürften)(?: \S+){0,4} (?:da|dort|angekommen|eingetroffen|sein|liegen|sichtbar|finden|eingegangen)|(?:zum|für das) (?:festlegen|setzen|wählen|vergeben|zurücksetzen)|um(?= ein neues (?:passwort|kennwort) zu )|(?<=(?:passwort|kennwort) )zu (?:wählen|setzen|vergeben)`,
    managed: R`(?:konnte|konnten|habe|haben)(?= .{0,80}\b(?:nehmen|stoppen|anhalten|abfangen|herausnehmen|aufhalten|zurückhalten|blockieren|stornieren|können)\b)|gelungen|geschafft|gelang`,
    halt: R`stoppen|anhalten|abfangen|aufhalten|zurückhalten|blockieren|herausnehmen|rausnehmen|stornieren|gestoppt|abgefangen|(?:aus|vom) (?:\w+ ){1,3}(?:nehmen|genommen|ziehen)`,
    attached: R`im anhang|anbei|angehängt|beigefügt|beigelegt|als anlage|in der anlage`,
    costs: R`porto|versand\w*|rücksende\w*|rückversand\w*|kosten|gebühr\w*|zoll\w*|liefer\w*|reparatur|aufpreis|zuschlag`,
    ours: R`(?:geht|gehen) (?:auf (?:uns|unsere)|zu unseren lasten)|(?:auf|zu) unsere\w* (?:kosten|rechnung|lasten|kappe)|(?:übernehmen|tragen|zahlen|schenken) (?:wir|ich)|(?:wir|ich) (?:übernehmen|übernehme|tragen|trage|zahlen|schenken|erlassen|verzichten)|für sie (?:kostenlos|gratis|kostenfrei)|(?:entfällt|entfallen)(?: \w+){0,2} für sie|aufs haus|(?:müssen|brauchen) sie nicht (?:zu )?(?:be)?zahlen`,
    longer: R`(?:tage|wochen|monate) (?:länger|mehr|zusätzlich)|(?:weitere|zusätzliche|extra) (?:\w+ )?(?:tage|wochen|monate)|länger zeit|mehr zeit`,
    kept: R`(?:in|im|bei) (?:ihr\w*|dein\w*|unser\w*) (?:profil|konto|kundenkonto|daten|system|stammdaten|akte|datenbank)|ihr (?:profil|konto|kundenkonto)|hinterlegt`,
    gone: R`nicht (?:mehr|länger) (?:auf|in|bei|angemeldet|abonniert)\b.{0,30}\b(?:verteiler|newsletter|liste|abo)|(?:verteiler|newsletter|liste|abo\w*)\b.{0,40}\b(?:nicht mehr|keine mehr|nichts mehr|beendet|gelöscht|ausgetragen|raus)|(?:bekommen|erhalten) (?:ab \w+ )?keine (?:werbe)?(?:e-?mails|post|werbung) mehr`,
    nothing: R`(?:aus|nicht mehr in) (?:ihrer|der|deiner) bestellung(?: (?:raus|draußen|entfernt|genommen|gestrichen))?|(?:nichts|kein paket|keine lieferung|keine lampe) (?:mehr )?(?:kommt|geht|wird|bei ihnen|an sie)\b.{0,30}|(?:kommt|geht|wird)\b.{0,20}\b(?:nichts|kein paket|keine lieferung)(?: mehr)?\b.{0,20}\b(?:an|raus|geliefert|verschickt|versendet|zugestellt|hinaus)|(?:ist|sind)(?: \w+){0,2} (?:vom tisch|aus dem system|hinfällig)`,
    mailbox: R`(?:in|im) (?:ihr\w*|dein\w*) (?:postfach|posteingang|e-?mail\w*)`,
    succeeded: R`geklappt|gelungen|funktioniert|durchgelaufen|durchgegangen|erfolgreich|geglückt|hat (?:nun |jetzt )?hingehauen`,
    carrier: R`kurier|bote|paketdienst|zusteller|fahrer|spedition|paketbote|post|dhl|ups|depot|lieferdienst`,
    holds: R`behält|hält|wartet|bewahrt|lagert|hebt|bringt|klingelt|ruft|holt|weiß|liefert|stellt|kommt|probiert|versucht|gibt`,
    elsewhere: R`(?:an|zu|in|bei|nach) (?:die |das |den |der |dem )?(?:wohnung |adresse |haus )?(?:ihr\w*|dein\w*) (?:schwester|bruder\w*|mutter|vater|eltern|sohn|tochter|tante|onkel|freund\w*|nachbar\w*|büro|arbeit\w*|firma|partner\w*|mann|frau|neue\w* \w+|zweit\w+)`,
    asks: R`nur einmal|viel (?:spaß|freude)|bitte|danke?|vielen dank|entschuldig\w+|leid|sehe|finde|verstehe|weiß ich|zeigt|steht bei uns|laut`,
    express: R`(?:auf|per) (?:express\w*|eil\w+|overnight)`,
  },
  fr: {
    now: R`en train d\S+|de nouveau|à nouveau|en ce moment|maintenant|déjà|désormais|dorénavant|à présent|dès (?:maintenant|aujourd'hui)|aujourd'hui|demain|ce (?:matin|soir)|cet après-midi|quand même|tout de même|finalement|cette fois|à l'instant`,
    back: R`sur (?:votre|ton) relevé|(?:vers|sur|à) (?:votre|la|ton|ta) (?:carte|compte|banque|moyen)|vous (?:revien\w*|retourne\w*|ser(?:a|ont) rendu\w*|est rendu\w*)|revien\w*|repart\w*|retourne\w*|de retour`,
    money: R`prix|montant|somme|argent|paiement|remboursement|débit|totalité|euros|dollars|ce que vous avez (?:payé|réglé)`,
    expected: R`(?:doit|doivent|devrait|devraient) (?:s'y trouver|déjà|maintenant|être (?:là|arrivé\w*|visible\w*|dans)|se trouver|y être|vous parvenir|apparaître)|(?:pour|afin de) (?:choisir|définir|créer)(?= (?:un |votre )?(?:nouveau )?mot de passe)`,
    managed: R`(?:ai|avons|a) (?:tout juste |bien |encore )?(?:réussi à|pu|su)|suis parvenue? à|sommes parvenue?s à`,
    halt: R`bloquer|stopper|arrêter|intercepter|retenir|suspendre|retirer|annuler|empêcher`,
    attached: R`ci-joint\w*|en pièce jointe|joint\w* à|en annexe|dans la pièce jointe`,
    costs: R`frais|port|livraison|envoi|retour|affranchissement|douane|réparation|supplément`,
    ours: R`(?:c'est|sont|est|sera|seront) (?:pour|à) (?:nous|notre charge|nos frais)|à (?:notre charge|nos frais)|pour notre compte|(?:nous|on|je) (?:les |la |le |vous (?:les |la |l')?|l')?(?:prenons|prend|prends|offrons|offre|payons|paie|réglons|assumons|couvrons|supportons)|ne vous coûter\w+ rien|gratuit\w* pour vous|vous (?:est|sont|sera|seront) offert\w*`,
    longer: R`(?:jours|semaines|mois) (?:de plus|supplémentaires?|en plus)|plus de temps`,
    kept: R`(?:votre|dans votre|sur votre) (?:profil|compte|fiche|dossier)|(?:notre|nos) (?:système|fichiers?|base|dossiers?)|vos (?:données|coordonnées)`,
    gone: R`ne (?:figurez|êtes|recevrez|serez|recevez) plus\b.{0,40}\b(?:liste|newsletter|e-?mails?|lettre|courriels?|abonné\w*|diffusion)|(?:abonnement|newsletter)\b.{0,30}\b(?:n'est plus|ne sera plus|est (?:résilié|terminé|arrêté))`,
    nothing: R`(?:ne (?:fait|figure) plus|n'est plus|retiré\w*|sorti\w*)\b.{0,20}\b(?:de|dans) (?:votre|la) commande|(?:rien|aucun colis|aucune livraison) ne (?:vous )?(?:sera|va|partira|parviendra|arrivera)|ne (?:partira|sera|vous sera) (?:plus|pas) (?:livré\w*|expédié\w*|envoyé\w*)`,
    mailbox: R`(?:dans|regardez|consultez|vérifiez) (?:votre|ta) (?:boîte|messagerie)`,
    succeeded: R`(?:est|a|ont|sont) (?:bien |enfin |finalement )?(?:passé\w*|abouti|réussi|fonctionné|marché)|avec succès`,
    carrier: R`livreur|transporteur|coursier|facteur|chauffeur|point relais|dépôt|poste|ups|dhl`,
    holds: R`gard\w+|conserv\w+|attend\w*|repass\w+|rappel\w+|apporter\w*|apporte|récupèr\w+|sait|représent\w+|retient|retiendra|livrera`,
    elsewhere: R`(?:chez|à|vers) (?:votre |vos |l'adresse de (?:votre|vos) )?(?:sœur|soeur|frère|mère|père|parents|fils|fille|tante|oncle|amie?|voisine?|bureau|travail|entreprise|mari|femme|nouve\w+ \w+)`,
    asks: R`qu'une (?:seule )?fois|une seule fois|merci|veuillez|s'il vous plaît|désolée?s?|excus\w+|vois|comprends|indiqu\w+|envoy(?:ez|er)-|selon|d'après|(?:^\W*)\w+ez`,
    express: R`(?:en|par) (?:livraison )?express|en chronopost`,
  },
  es: {
    now: R`en este momento|ahora mismo|otra vez|de nuevo|vuelve a|ya(?! que| no| sea)|ahora|a partir de (?:ahora|hoy)|desde (?:ahora|hoy)|hoy|mañana|esta (?:mañana|tarde|noche|vez)|de todos modos|igualmente|al final|acaba de|por esta vez`,
    back: R`en su (?:extracto|estado)|de vuelta|de regreso|(?:vuelve|vuelven|regresa\w*|volverá\w*|retorna\w*)|a su (?:tarjeta|cuenta|banco)|a tu (?:tarjeta|cuenta|banco)|lo recuperar[áa]s?|recupera(?: su| tu)? dinero`,
    money: R`importe|precio|dinero|pago|cobro|cargo|reembolso|cantidad|suma|lo que (?:pagó|pagaste|ha pagado)|euros|dólares`,
    expected: R`(?:debería|deberían|debe|deben|tiene que|tendría que) (?:ya )?(?:estar|haber|aparecer|verse|verlo|tenerlo|encontrarse|llegar)|para (?:elegir|crear|establecer|definir)(?= (?:una |su )?(?:nueva )?contraseña)`,
    managed: R`conseguí|conseguimos|logré|logramos|(?:he|hemos) (?:conseguido|logrado|podido)|pude|pudimos|alcancé a`,
    halt: R`parar|detener|frenar|bloquear|interceptar|retener|anular|cancelar|retirar|sacar|suspender`,
    attached: R`adjunt\w+|en el adjunto|anex\w+`,
    costs: R`envío|portes|gastos|costes?|franqueo|aduana\w*|devolución|reparación|recargo`,
    ours: R`(?:por|de) (?:nuestra )?cuenta (?:nuestra|de la casa)|(?:por|de) nuestra cuenta|a nuestro cargo|corre\w* (?:de|por) nuestra|(?:los|lo|la|las) (?:pagamos|asumimos|cubrimos|ponemos) (?:nosotros)?|(?:nosotros|nosotras) (?:pagamos|asumimos|cubrimos|nos (?:hacemos|encargamos))|nos hacemos cargo|no le costará nada|invita la casa|gratis para usted|sin coste para usted`,
    longer: R`(?:días|semanas|meses) (?:más|adicionales|extra)|más tiempo|(?:\w+ )?días de más`,
    kept: R`(?:en|de) (?:su|tu|nuestr[oa]s?) (?:perfil|cuenta|ficha|sistema|registros|datos|base)|su (?:perfil|cuenta|ficha)`,
    gone: R`ya no (?:figura|está|aparece|recibirá|forma)\b.{0,40}\b(?:lista|boletín|newsletter|correos?|publicidad|suscri\w+)|(?:suscripción|boletín)\b.{0,30}\b(?:ya no|está dad\w+ de baja|ha terminado)`,
    nothing: R`(?:fuera|quitad\w+|sacad\w+|retirad\w+) de su pedido|ya no está en su pedido|no (?:le |te )?(?:llegará|recibirá|saldrá|enviaremos|enviará|entregará\w*|va a llegar) (?:nada|ningún|el paquete|la lámpara)|nada (?:saldrá|llegará|se enviará)`,
    mailbox: R`en su (?:bandeja|correo|buzón)|(?:mire|revise|consulte|compruebe) su (?:bandeja|correo|buzón)`,
    succeeded: R`(?:ha )?(?:salido|salió|fue|ha ido) bien|funcionó|ha funcionado|con éxito|se ha logrado|prosperó|ha prosperado`,
    carrier: R`repartidor|transportista|mensajer[oa]|cartero|conductor|correos|empresa de transporte|punto de recogida`,
    holds: R`guarda\w*|conserva\w*|esper\w+|pasar\w+|llamar\w+|llama|trae\w*|recoge\w*|recogerá|sabe|retiene|retendrá|volverá|entregará`,
    elsewhere: R`(?:a|en|hacia) (?:la |el )?(?:casa |oficina |dirección |piso )?(?:de )?(?:su|tu|sus|tus) (?:hermana|hermano|madre|padre|padres|hijo|hija|tía|tío|amig[oa]|vecin[oa]|oficina|trabajo|empresa|marido|mujer|nuev[oa] \w+)`,
    asks: R`una sola vez|solo una vez|gracias|por favor|disculp\w+|perdon\w+|siento|lamento|veo|entiendo|comprendo|según|consta|figura|(?:^\W*)(?:env[íi]e\w*|indique\w*|diga\w*|escriba\w*|confirme\w*|mande\w*)`,
    express: R`(?:a|por|con) (?:envío |entrega )?(?:exprés|urgente)`,
  },
  it: {
    now: R`proprio adesso|in questo momento|di nuovo|nuovamente|ora|adesso|già|ormai|d'ora in (?:poi|avanti)|da (?:ora|oggi|adesso)|oggi|domani|stamattina|stasera|(?:questa|stavolta|per questa) volta|stavolta|comunque|alla fine|questo pomeriggio|appena`,
    back: R`sul suo estratto|torna\w*|tornando|ritorn\w+|indietro|(?:sulla|alla|sul|nel) (?:sua|tua|suo|tuo|carta|conto)(?: carta| conto)?|di ritorno|rientra\w*`,
    money: R`importo|prezzo|soldi|denaro|pagamento|addebito|rimborso|somma|cifra|quanto (?:ha|hai) (?:pagato|speso)|euro|dollari`,
    expected: R`(?:dovrebbe|dovrebbero|deve|devono) (?:già|ormai|esserci|essere (?:già|lì|arrivat\w|nella|visibile)|trovarsi|arrivarle|comparire)|per (?:scegliere|creare|impostare|reimpostare)(?= (?:una |la )?(?:nuova )?password)`,
    managed: R`(?:sono|siamo) riuscit\w|ho (?:potuto|fatto in tempo)|abbiamo (?:potuto|fatto in tempo)|ce l'(?:ho|abbiamo) fatta`,
    halt: R`bloccare|fermare|intercettare|trattenere|sospendere|annullare|ritirare|stoppare|togliere`,
    attached: R`allegat\w|in allegato`,
    costs: R`spese|spedizione|costi|costo|reso|affrancatura|dogana|riparazione|supplemento|consegna`,
    ours: R`a (?:nostro carico|carico nostro|nostre spese|spese nostre)|(?:paghiamo|copriamo|sosteniamo|ci pensiamo) noi|(?:le|li|la|lo) (?:paghiamo|copriamo|sosteniamo|offriamo)|ce ne facciamo carico|non le coster\w+ nulla|gratis per lei|offert\w da noi|offre la casa|ci pensiamo noi`,
    longer: R`(?:giorni|settimane|mesi) (?:in più|di più|aggiuntiv\w|supplementar\w|extra)|più tempo`,
    kept: R`(?:nel|del|il|sul) (?:suo|tuo|nostro) (?:profilo|account|conto|sistema|fascicolo|archivio)|(?:nei|ai) nostri (?:dati|archivi|sistemi)|i suoi dati`,
    gone: R`non (?:è|figura|risulta|riceverà|fa)(?: \w+)? più\b.{0,40}\b(?:lista|newsletter|e-?mail|iscritt\w|mailing|elenco)|(?:abbonamento|iscrizione)\b.{0,30}\b(?:non è più|è (?:disdett\w|chius\w|terminat\w))`,
    nothing: R`(?:fuori|tolt\w|rimoss\w|uscit\w) dal suo ordine|non è più nel suo ordine|non (?:le |ti )?(?:arriverà|verrà (?:consegnato|spedito|inviato)|sarà (?:consegnato|spedito)|partirà)(?: più)? (?:niente|nulla|alcun\w*|il pacco|la lampada)|(?:niente|nulla) (?:verrà|sarà|partirà)`,
    mailbox: R`(?:nella|controlli|guardi|verifichi)(?: \w+){0,2} (?:posta|casella)`,
    succeeded: R`a buon fine|(?:è|sono) (?:andat\w|riuscit\w|passat\w)|ha funzionato|con successo`,
    carrier: R`corriere|fattorino|postino|autista|trasportatore|vettore|punto di ritiro`,
    holds: R`tien\w*|terrà|conserv\w+|custodi\w+|aspett\w+|passer\w+|ripasser\w+|chiamer\w+|chiama|porta|porterà|ritir\w+|sa|consegner\w+`,
    elsewhere: R`(?:a|da|in|presso|al|alla) (?:casa )?(?:di |della |dei )?(?:sua|suo|tua|tuo|suoi|tuoi) (?:sorella|fratello|madre|padre|genitori|figli[oa]|zi[oa]|amic[oa]|vicin[oa]|ufficio|lavoro|marito|moglie|nuov[oa] \w+)`,
    asks: R`una sola volta|solo una volta|buon divertimento|grazie|per favore|scus\w+|dispiace|vedo|capisco|risulta|secondo|(?:^\W*)(?:mi )?(?:invi|mandi|scriva|indichi|confermi|risponda)`,
    express: R`(?:a|con|in) (?:spedizione |consegna )?(?:espress[oa]|urgente)`,
  },
  nl: {
    now: R`op dit moment|weer|opnieuw|momenteel|nu|al|reeds|inmiddels|intussen|vanaf (?:nu|vandaag)|voortaan|vandaag|morgen(?:ochtend|middag)?|vanmiddag|vanochtend|vanmorgen|vanavond|zojuist|net|alsnog|toch|deze keer|ditmaal`,
    back: R`op (?:uw|je) afschrift|terug|terugweg|naar (?:uw|je|de) (?:kaart|rekening|bank)|naar u(?: toe)?|naar je toe`,
    money: R`(?:aankoop|totaal|volledige )?(?:bedrag|prijs|som)|aankoop(?:bedrag|prijs|som)|betaling|geld|terugbetaling|afschrijving|euro|dollar|wat (?:u|je) (?:betaalde|heeft betaald|betaald heeft)`,
    expected: R`(?:zou|zouden|moet|moeten)(?: \w+){0,2} (?:al|er|nu|inmiddels) (?:al )?(?:moeten )?(?:zijn|staan|liggen|zitten|binnen)(?: zijn)?|om(?= een nieuw wachtwoord )|(?<=wachtwoord )(?:te kiezen|in te stellen|aan te maken)`,
    managed: R`(?:is|was)(?: \w+){0,2} gelukt|gelukt om|(?:heb|hebben)(?= .{0,60}\bkunnen\b)|(?:kon|konden)(?: \w+){0,3} nog`,
    halt: R`tegenhouden|tegen te houden|stoppen|te stoppen|stop te zetten|onderscheppen|te onderscheppen|blokkeren|te blokkeren|vasthouden|vast te houden|annuleren|te annuleren`,
    attached: R`(?:in|als) (?:de )?bijlage|bijgevoegd\w*|bijgaand\w*|meegestuurd`,
    costs: R`verzendkosten|verzending|kosten|porto|retour\w*|bezorg\w*|douane\w*|reparatie|toeslag`,
    ours: R`voor (?:onze|mijn) (?:rekening|kosten)|(?:zijn|is|komen?) voor (?:ons|onze)|op onze kosten|(?:betalen|dragen|nemen|vergoeden) (?:wij|we)|(?:wij|we) (?:betalen|dragen|nemen|vergoeden)|van ons cadeau|gratis voor u`,
    longer: R`(?:dagen|weken|maanden) (?:langer|extra|meer)|extra (?:dagen|weken|maanden|tijd)|langer de tijd|meer tijd`,
    kept: R`(?:in|op|van) (?:uw|je|ons|onze) (?:profiel|account|gegevens|systeem|dossier)|uw (?:profiel|account)`,
    gone: R`niet (?:meer|langer)\b.{0,30}\b(?:mailinglijst|lijst|nieuwsbrief|abonnement|verzendlijst)|(?:nieuwsbrief|mailinglijst|abonnement|mails)\b.{0,30}\b(?:niet meer|geen .{0,15}meer|stopgezet|afgemeld)|krijgt (?:u )?geen .{0,20}mails? meer`,
    nothing: R`(?:uit|van) (?:uw|je|de) bestelling(?: (?:gehaald|verwijderd|af|geschrapt))|niet meer in (?:uw|je) bestelling|(?:er )?wordt (?:dus )?(?:er )?niets (?:meer )?(?:bezorgd|verzonden|verstuurd|geleverd)|(?:komt|gaat) (?:er )?(?:dus )?niets (?:meer )?(?:aan|weg|de deur uit|bij u)|gaat niet meer (?:weg|de deur uit)`,
    mailbox: R`in (?:uw|je) (?:inbox|mailbox|postvak)|(?:kijk|check)(?: \w+)? (?:in )?(?:uw|je) (?:inbox|mailbox|mail)`,
    succeeded: R`gelukt|geslaagd|doorgekomen|goed gegaan|doorgegaan`,
    carrier: R`bezorger|koerier|vervoerder|chauffeur|postbode|pakketdienst|postnl|dhl|afhaalpunt`,
    holds: R`bewaart|houdt|wacht|belt|brengt|haalt|weet|komt|biedt|levert|zal|laat`,
    elsewhere: R`(?:naar|bij|op) (?:het (?:adres|huis) van |de (?:woning|flat) van )?(?:uw|je) (?:zus|broer|moeder|vader|ouders|zoon|dochter|tante|oom|vriend\w*|buur\w*|kantoor|werk|bedrijf|man|vrouw|nieuwe \w+)`,
    asks: R`slechts één keer|maar één keer|veel plezier|bedankt|dank|alstublieft|graag|gelieve|sorry|excuses|spijt|zie|zien|begrijp|volgens|(?:^\W*)(?:stuur|geef|laat|schrijf|bevestig|vermeld)`,
    express: R`(?:op|per|naar) (?:express|spoed\w*)`,
  },
  pt: {
    now: R`neste momento|outra vez|de novo|novamente|já(?! que| não)|agora|a partir de (?:agora|hoje)|de agora em diante|desde já|hoje|amanhã|esta (?:manhã|tarde|noite)|desta vez|na mesma|mesmo assim|afinal|acaba de`,
    back: R`no seu extrato|(?:volta|voltam|voltando|voltará|regressa\w*|retorna\w*)|de (?:volta|regresso)|(?:para|no|na) (?:o seu|a sua|seu|sua) (?:cartão|conta|banco)|para (?:si|você)`,
    money: R`valor|preço|dinheiro|pagamento|cobrança|débito|reembolso|montante|quantia|[od]?o que (?:pagou|você pagou)|quanto pagou|euros|dólares`,
    expected: R`(?:deve|devem|deveria|deveriam|deverá) (?:já )?(?:estar|ter|aparecer|encontrar-se|lá estar|chegar)|para (?:escolher|criar|definir)(?= (?:uma |a sua )?(?:nova )?(?:senha|palavra-passe))`,
    managed: R`consegui|conseguimos|pude|pudemos|logrei|(?:fui|fomos) a tempo de`,
    halt: R`travar|parar|bloquear|interceptar|intercetar|reter|suspender|cancelar|anular|retirar|segurar`,
    attached: R`em anexo|anexad\w|anex[oa]\w*|no anexo`,
    costs: R`frete|envio|portes|custos?|despesas|devolução|alfândega|taxas?|reparação`,
    ours: R`por (?:nossa )?conta (?:nossa|da casa)|(?:por|é) nossa conta|a nosso (?:cargo|custo)|(?:pagamos|suportamos|assumimos|cobrimos|tratamos) nós|nós (?:pagamos|suportamos|assumimos|cobrimos)|(?:os|o|as|a) (?:pagamos|suportamos|assumimos|cobrimos)|não lhe custará nada|grátis para si|oferta da casa`,
    longer: R`mais (?:\w+ )?(?:dias|semanas|meses)|(?:dias|semanas|meses) (?:extra|adicionais|a mais)|mais tempo`,
    kept: R`n[ao] (?:perfil|conta|ficha)|(?:no|do|o|na|a) (?:seu|sua|nosso|nossa) (?:perfil|conta|ficha|sistema|registo|base)|os seus dados|nossos (?:registos|dados)`,
    gone: R`(?:já não|não) (?:consta|está|faz|figura|recebe\w*|vai receber)\b.{0,40}\b(?:lista|newsletter|e-?mails?|inscrit\w|subscri\w+)|(?:assinatura|subscrição)\b.{0,30}\b(?:já não|está (?:cancelada|terminada))`,
    nothing: R`(?:saiu|fora|retirad\w|removid\w)(?: \w+)? d[oa] s(?:eu|ua) (?:pedido|encomenda)|já não está no seu pedido|não (?:vai|irá) (?:receber|chegar|sair|ser (?:enviado|entregue)) (?:nada|nenhum\w*|a encomenda)|(?:nada|nenhuma encomenda) (?:será|vai)|não (?:receberá|chegará|sairá) nada`,
    mailbox: R`na sua caixa|(?:veja|verifique|consulte) a? ?sua caixa`,
    succeeded: R`(?:correu|deu|foi) (?:tudo )?(?:bem|certo)|funcionou|com (?:êxito|sucesso)|passou`,
    carrier: R`estafeta|transportadora|carteiro|motorista|entregador|ctt|correios|ponto de recolha`,
    holds: R`guarda\w*|conserva\w*|espera\w*|aguarda\w*|passa\w*|liga\w*|traz\w*|recolhe\w*|sabe|vai|volta\w*|entregará`,
    elsewhere: R`(?:para|em|na|no|a) (?:a |o )?(?:casa |morada |escritório )?(?:d[ao]s? )?(?:sua|seu|teu|tua|seus) (?:irmã|irmão|mãe|pai|pais|filh[oa]|ti[oa]|amig[oa]|vizinh[oa]|escritório|trabalho|empresa|marido|mulher|nov[oa] \w+)`,
    asks: R`uma só vez|só uma vez|obrigad[oa]|por favor|desculp\w+|lamento|vejo|compreendo|entendo|segundo|consta|(?:^\W*)(?:envie\w*|indique\w*|diga\w*|escreva\w*|confirme\w*|mande\w*)`,
    express: R`(?:para|por|com) (?:envio |entrega )?(?:expresso|expressa|urgente)`,
  },
  pl: {
    now: R`znowu|ponownie|znów|w tej chwili|obecnie|już|teraz|obecnie|od (?:teraz|dziś|dzisiaj|zaraz)|odtąd|dziś|dzisiaj|jutro|jednak|i tak|mimo to|tym razem|właśnie|przed chwilą|wreszcie`,
    back: R`na (?:pani |pana )?wyciągu|wraca\w*|wróci\w*|powraca\w*|z powrotem|na (?:pani|pana|państwa|twoją|twoje) (?:kartę|konto)|odzyska\w*|do (?:pani|pana|państwa) wraca`,
    money: R`cen[aęy]|kwot[aęy]|pieniądz\w*|pieniędzy|płatność|zwrot|opłat[aęy]|obciążenie|suma|należność|połow[aę]|euro|dolar\w*`,
    expected: R`powin(?:na|no|ien|ny) (?:już )?(?:tam )?(?:być|dotrzeć|się pojawić|leżeć|czekać|znajdować)|do (?:ustawienia|ustalenia|wyboru|zmiany|ustanowienia)(?= (?:nowego )?hasła)`,
    managed: R`udało (?:mi |nam )?się(?: jeszcze)?|zdoła(?:łem|łam|liśmy)|zdąży(?:łem|łam|liśmy)`,
    halt: R`wstrzymać|zatrzymać|zablokować|przechwycić|anulować|wycofać|cofnąć`,
    attached: R`w załączniku|w załączeniu|załączon\w+|załączam|dołączon\w+|dołączam`,
    costs: R`koszt\w*|wysyłk\w+|przesyłk\w+|zwrot\w*|cł\w+|opłat\w+|dopłat\w+|napraw\w+|dostaw\w+`,
    ours: R`na (?:nasz koszt|siebie|nasz rachunek)|(?:bierzemy|weźmiemy|biorę|wezmę) (?:je |to |go |ją )?na siebie|(?:my )?(?:pokrywamy|pokryjemy|opłacamy|opłacimy|ponosimy|poniesiemy)|po naszej stronie|gratis dla pan\w+`,
    longer: R`(?:dni|tygodni|tygodnie|miesięcy|miesiące) (?:więcej|dłużej|dodatkowo)|dodatkow\w+ (?:\w+ )?(?:dni|tygodni\w*|miesiąc\w*)|więcej czasu`,
    kept: R`(?:w|na) (?:pani|pana|państwa|twoim|naszym|naszej|naszych) (?:profilu|koncie|systemie|bazie|danych|kartotece)|pani dane`,
    gone: R`(?:nie ma|nie figuruje|nie jest|nie będzie)(?: \S+){0,3}\b.{0,40}\b(?:liście|newsletter\w*|subskrypcj\w+|mailing\w+)|(?:subskrypcja|newsletter)\b.{0,30}\b(?:już nie|została? zakończon\w+|jest wyłączon\w+)`,
    nothing: R`nie ma (?:już )?w (?:pani|pana|państwa) zamówieniu|(?:usunięt\w+|wyjęt\w+|wykreślon\w+) z (?:pani |pana )?zamówienia|nic (?:do pan\w+ )?(?:już )?nie (?:dotrze|przyjdzie|zostanie (?:wysłane|dostarczone)|wyjdzie|wyślemy)|nie (?:wyjdzie|zostanie wysłan\w+)`,
    mailbox: R`w (?:pani|pana|państwa|twojej) (?:skrzynce|poczcie)|(?:zajrzeć|sprawdzić) (?:do )?(?:skrzynk\w+|poczt\w+)`,
    succeeded: R`powi[óo]d\w* się|udał\w* się|się (?:powiód\w*|powiodł\w*|udał\w*)|przeszed\w*|przeszł\w*|pomyślnie`,
    carrier: R`kurier\w*|przewoźnik\w*|dostawc\w+|listonosz\w*|kierowc\w+|poczt\w+|paczkomat\w*`,
    holds: R`przetrzyma\w*|zatrzyma\w*|zaczeka\w*|poczeka\w*|czeka\w*|przechowa\w*|zadzwoni\w*|dzwoni\w*|przywiezie|odbierze|wie|przyjedzie|zostawi\w*|dostarczy`,
    elsewhere: R`(?:do|na|pod|w) (?:mieszkani\w+ |adres\w* |dom\w* )?(?:pani |pana |państwa |twoj\w+ )?(?:siostr\w+|brat\w*|matk\w+|ojc\w+|rodzic\w+|syn\w*|córk\w+|ciotk\w+|wujk\w+|przyjaci\w+|sąsiad\w*|biur\w+|prac[yę]|firm\w+|męż\w+|żon\w+)`,
    asks: R`tylko raz|bezpłatn\w+|dzięk\w+|proszę|przepraszam\w*|przykro|widzę|widać|rozumiem|według|(?:^\W*)(?:prosimy|prześlij|podaj|napisz)`,
    express: R`(?:na|w) (?:wysyłk\w+ |przesyłk\w+ |dostaw\w+ )?(?:ekspres\w*|pilną|priorytet\w*)`,
  },
  sv: {
    now: R`nu|redan|från och med (?:nu|i dag|idag)|hädanefter|i dag|idag|i morgon|imorgon|i eftermiddag|i morse|nyss|precis|trots allt|ändå|den här gången`,
    back: R`(?<!står )tillbaka|till (?:ditt|din|ert) (?:kort|konto|bank)|till dig`,
    money: R`köpesumman|pris(?:et)?|belopp(?:et)?|pengar(?:na)?|betalning(?:en)?|återbetalning\w*|summan|kronor|det du (?:har )?betala(?:t|de)`,
    expected: R`(?:borde|bör|ska|måste) (?:redan |nu )?(?:vara|ha|ligga|finnas|synas)(?: \w+)? (?:framme|där|kommit|inkorgen)|för att välja(?= (?:ett )?nytt lösenord)`,
    managed: R`lyckades|lyckats|hann(?:it)?`,
    halt: R`stoppa|hejda|fånga upp|hålla tillbaka|avbeställa|avboka|blockera`,
    attached: R`bifogad\w*|bifogat|i bilagan|som bilaga`,
    costs: R`frakt\w*|porto\w*|kostnad\w*|avgift\w*|retur\w*|tull\w*|reparation\w*`,
    ours: R`(?:står|betalar|bjuder|tar) (?:vi|jag) (?:för|på|hand)?|(?:vi|jag) (?:står för|betalar|bjuder på)|på oss|på vår bekostnad`,
    longer: R`(?:dagar|veckor|månader) (?:till|extra|längre)|mer tid|längre tid`,
    kept: R`(?:i|på) (?:din|ditt|vår|vårt|våra) (?:profil|konto|system|register|uppgifter)|din profil`,
    gone: R`(?:inte längre|inte) (?:med )?(?:på|i)\b.{0,20}\b(?:utskickslista|lista|nyhetsbrev)\w*`,
    nothing: R`(?:inget|ingenting) (?:kommer att |kommer )?(?:skickas|levereras|dyka upp|fram)`,
    mailbox: R`i (?:din|er) (?:inkorg|mejl|brevlåda|e-?post)|kolla (?:din )?(?:inkorg|mejl)\w*`,
    succeeded: R`lyckades|lyckats|gick igenom|gått igenom|fungerade`,
    carrier: R`bud(?:et)?|chauffören|transportören|fraktbolaget|postnord|dhl|ombudet|brevbäraren`,
    holds: R`håller|behåller|väntar|ringer|hämtar|vet|kommer|förvarar|sparar`,
    elsewhere: R`(?:till|hos|på) (?:din|ditt|dina|er) (?:syster|bror|mamma|pappa|föräldrar|son|dotter|vän\w*|granne\w*|kontor\w*|jobb\w*|man|fru|nya \w+)s?`,
    asks: R`tack|vänligen|snälla|ledsen|ursäkta|ser|förstår|enligt|(?:^\W*)(?:skicka|skriv|ange|bekräfta)`,
    express: R`(?:till|med) express\w*`,
  },
  da: {
    now: R`nu|allerede|fra (?:nu|i dag)|fremover|i dag|i morgen|i eftermiddag|i morges|netop|lige|alligevel|trods alt|denne gang`,
    back: R`(?<!står )tilbage|til (?:dit|din) (?:kort|konto|bank)|til dig`,
    money: R`købspris\w*|pris(?:en)?|beløb(?:et)?|penge(?:ne)?|betaling(?:en)?|refunder\w*|tilbagebetaling\w*|kroner|det du (?:har )?betalt\w*`,
    expected: R`(?:burde|bør|skulle|må) (?:allerede |nu )?(?:være|have|ligge|kunne ses)(?: \w+)? (?:fremme|der|kommet|indbakken)|til at vælge(?= (?:en )?ny adgangskode)`,
    managed: R`(?:det )?lykkedes(?: \w+)?|nåede`,
    halt: R`stoppe|standse|fange|holde tilbage|annullere|afbestille|blokere`,
    attached: R`vedhæftet|vedlagt|i bilaget|som bilag`,
    costs: R`fragt\w*|porto\w*|omkostning\w*|gebyr\w*|retur\w*|told\w*|reparation\w*`,
    ours: R`(?:betaler|dækker|står) (?:vi|jg|jeg) (?:for)?|(?:vi|jeg) (?:betaler|dækker|står for)|på vores regning|er på os`,
    longer: R`(?:dage|uger|måneder) (?:mere|ekstra|længere)|ekstra tid|længere tid`,
    kept: R`(?:i|på) (?:din|dit|vores) (?:profil|konto|system|oplysninger)|din profil`,
    gone: R`(?:ikke længere|ikke) (?:med )?(?:på|i)\b.{0,20}\b(?:mailingliste|liste|nyhedsbrev)\w*`,
    nothing: R`(?:intet|ingenting) (?:vil )?(?:blive|bliver|kommer) (?:sendt|leveret|frem)`,
    mailbox: R`i (?:din|jeres) (?:indbakke|mail|postkasse)|tjek (?:din )?(?:indbakke|mail)\w*`,
    succeeded: R`lykkedes|gik igennem|gået igennem|virkede`,
    carrier: R`bud(?:et)?|chaufføren|transportøren|fragtmanden|postnord|dhl|pakkeshoppen|postbuddet`,
    holds: R`holder|beholder|venter|ringer|henter|ved|kommer|opbevarer|gemmer`,
    elsewhere: R`(?:til|hos|på) (?:din|dit|dine|jeres) (?:søster|bror|mor|far|forældre|søn|datter|ven\w*|nabo\w*|kontor\w*|arbejde\w*|mand|kone|nye \w+)s?`,
    asks: R`tak|venligst|beklager|undskyld|ser|forstår|ifølge|(?:^\W*)(?:send|skriv|angiv|bekræft)`,
    express: R`(?:til|med) ekspres\w*`,
  },
  tr: {
    now: R`artık|şimdi|zaten|bugün|yarın|az önce|demin|bundan (?:sonra|böyle)|yine de|bu (?:seferlik|defalık)`,
    back: R`geri|(?:kartınıza|hesabınıza|bankanıza|size) (?:dön\w*|geç\w*|yatı\w*|iade)`,
    money: R`ödemeniz\w*|ücret\w*|fiyat\w*|tutar\w*|para\w*|bedel\w*|lira|dolar`,
    expected: R`(?:ulaşmış|gelmiş|düşmüş) olmalı\w*`,
    managed: R`başardı\w*|(?:durdura|yetişe)bildi\w*`,
    halt: R`durdur\w*|engelle\w*|iptal\w*|yakala\w*`,
    attached: R`ekte\w*|ekinde|ilişikte`,
    costs: R`kargo\w*|gönderim\w*|masraf\w*|gümrük\w*|iade\w*|onarım\w*`,
    ours: R`biz(?:den| karşılıyoruz| ödüyoruz| üstleniyoruz| karşılarız)|bize ait`,
    longer: R`(?:gün|hafta|ay) daha|ek süre\w*|daha fazla süre\w*`,
    kept: R`(?:profilinizde|hesabınızda|sistemimizde|kayıtlarımızda)`,
    gone: R`(?:listemizde|bültenimizde)\w* (?:artık )?(?:değilsiniz|yoksunuz)`,
    nothing: R`(?:hiçbir şey|bir şey) (?:gelmeyecek|gönderilmeyecek)`,
    mailbox: R`gelen kutunuz\w*|e-?postanız\w*`,
    succeeded: R`başarıyla|başarılı\w*|tamamlandı|gerçekleşti`,
    carrier: R`kurye\w*|kargo (?:şirketi|firması)|dağıtıcı|şoför\w*`,
    holds: R`bekle(?:t)?\w*|sakla\w*|tutacak|tutuyor|arayacak|getirecek|biliyor`,
    elsewhere: R`(?:kız kardeşiniz|kardeşiniz|anneniz|babanız|komşunuz|ofisiniz|iş yeriniz|arkadaşınız)\w*`,
    asks: R`teşekkür\w*|lütfen|üzgün\w*|özür|görüyorum|anlıyorum|göre`,
    express: R`ekspres(?:e| kargoya)`,
  },
};
