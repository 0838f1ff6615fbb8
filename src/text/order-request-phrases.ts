/** How customers ask to cancel, return or exchange an order and for its invoice, by the rules of request-phrases.ts. */
import { near, request } from "./request-phrases.ts";

/** Requests to cancel an order. */
export const CANCEL_REQUESTS: readonly RegExp[] = [
  request("cancel(?:ling|ing|l?ation)?"),
  /\b(?:want|like|have|get|need)\b.{0,40}\bcancell?ed\b/,
  request("stornier\\w*|storno\\w*|abbestell\\w*|(?:ruck|rueck)g(?:a|ae)ngig"),
  request("annul(?!e\\b)\\w*|annule(?! (?:hier|le \\d))"),
  request("cancel(?:ar\\w*|en|es|acion|amento|em)|anul\\w*"),
  request("annull\\w*|cancell(?:are|ate|azione)"),
  request("annule+r\\w*"),
  request("anuluj\\w*|anulowa\\w*"),
];

/** "Return my money" asks for a refund and for no label. */
const NO_PARCEL = "(?:my|the|our|your) (?:money|payment|call)|what i";

/** Requests to send an order back. */
export const RETURN_REQUESTS: readonly RegExp[] = [
  request(`return(?:ing)?(?! (?:${NO_PARCEL})\\b)`),
  request("send(?:ing)?\\b.{1,40}\\bback|(?:send|give) back|returns? label"),
  // "Take back what I paid" is about money.
  request("take (?:(?:it|them|this|the \\w+) )?back(?! (?:what|my|the) (?:i|money|payment))"),
  request(
    "zur(?:u|ue)ck(?:zu)?(?:schick|send|geb)\\w*|(?:schick|send)\\w*\\b.{1,40}\\bzur(?:u|ue)ck|retour\\w*|r(?:u|ue)ck(?:sende|gabe)\\w*",
  ),
  request("renvoyer\\w*|retourner|(?:etiquette|bon) de retour|faire un retour"),
  request("devolver(?!.{0,30}\\bdinero)\\w*|etiqueta de devolucion|devolucao"),
  request("rispedire|(?:fare|chiedere|avviare) (?:il|un) reso|etichetta di reso|restituire"),
  request("terugstur\\w*|terug te sturen|retourner\\w*|retourlabel"),
  request("odesla\\w*|zwrocic towar|etykiet\\w* zwrotn\\w*"),
];

/** Says that a parcel is on its way back, or has come back. It asks for nothing. */
export const SENT_BACK =
  /\b(?:sent\b.{1,40}\bback|returned (?:it|the|my|them)|zur(?:u|ue)ck ?(?:geschickt|gesendet)|zur(?:u|ue)ckgegeben|renvoye|devuelto|rispedit[oa]|restituit[oa]|teruggestuurd|devolvid?[oi]|odesla[lwn]\w*)/;

/** What else people change: an address or a password is no exchange. */
const NOT_AN_ITEM =
  "(?!.{0,30}\\b(?:direccion|contrasena|clave|indirizzo|password|endereco|senha|morada))";

/** Requests to exchange an item. */
export const EXCHANGE_REQUESTS: readonly RegExp[] = [
  request("exchang\\w*|swap(?:ped|ping)?|replacement|replace(?:d)?(?!.{0,20}\\baddress)"),
  request("(?:the )?same (?:one|\\w+)(?:,? but)? (?:new|working|unbroken)\\b"),
  request("umtausch\\w*|(?:um|aus)(?:zu)?tauschen|ersatz(?:lieferung|gerat|geraet)?"),
  request("echange\\w*|remplacer?|remplacement"),
  request(`cambi(?:ar\\w*|o|en|are)${NOT_AN_ITEM}|reemplaz\\w*|sustitu\\w*`),
  request("sostitu\\w*"),
  request("(?:om)?ruilen|omwisselen|vervang\\w*"),
  request(`troc(?:a|ar|ado)${NOT_AN_ITEM}|substitui\\w*`),
  request("wymian\\w*|wymieni\\w*"),
];

/** Requests for an invoice. */
export const INVOICE_REQUESTS: readonly RegExp[] = [
  ...near("send|resend|need|want|lost|get|copy|again|another|have|request|mail", "invoice|receipt"),
  ...near(
    "schick|send|brauch|benotig|kopie|erneut|nochmal|verlor|hatte|mocht",
    "rechnung|quittung",
  ),
  ...near("envoy|renvoy|besoin|copie|nouveau|perdu|recevoir|obtenir", "facture"),
  ...near("envi|mand|necesit|copia|nuevo|perdi|quiero", "factura|recibo"),
  ...near("invi|mand|bisogno|copia|nuovo|perso|vorrei", "fattura|ricevuta"),
  ...near("stur|stuur|nodig|kopie|opnieuw|kwijt|graag", "factuur"),
  ...near("envi|mand|preciso|copia|novo|perdi|quero", "fatura|recibo"),
  ...near("wysl|przesl|potrzebuj|kopi|ponownie|zgubi|prosz", "faktur\\w*|rachun\\w*"),
];
