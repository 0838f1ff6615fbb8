/**
 * Phrases of delicate topics in French, Spanish, Italian, Portuguese, Polish and Turkish: the topics in which a draft would do harm. In the form of
 * `delicate-phrases.ts`. Texts are normalised before, which makes the Turkish dotless i an i. People also write
 * without accents, so the usual bare forms stand beside the right ones.
 */
import type { DelicateSteps } from "./delicate-phrases.ts";

/** By language and topic. */
export const DELICATE_PHRASES_OTHER: Readonly<
  Record<"fr" | "es" | "it" | "pt" | "pl" | "tr", DelicateSteps>
> = {
  fr: {
    self_harm: [
      "me suicider|tuer",
      "envie de mourir",
      "veux|voudrais mourir",
      "plus envie de vivre",
      "fin à|a mes jours",
    ],
    threat: ["vais ~1 vous|te tuer", "sais où|ou vous|tu habitez|habites"],
    injury: [
      "me suis ~1 brûlé|brûlée|brulé|brulée|brule|blessé|blessée|coupé|coupée",
      "explosé|explosée",
      "aux urgences",
      "hospitalisé|hospitalisée",
      "pris feu",
    ],
    legal: [
      "mon|notre|un avocat",
      "mon|notre|une avocate",
      "porter|porte|porterai plainte",
      "en justice",
      "poursuites judiciaires",
      "mise en demeure",
      "tribunal",
    ],
    hacked_account: ["compte ~3 piraté|pirate|hacké|hacke"],
    data_request: [
      "rgpd",
      "supprimer|supprimez|effacer|effacez ~2 mes données|donnees",
      "supprimer|supprimez mon compte",
      "droit à|a l'oubli",
    ],
    press: ["suis ~1 journaliste"],
  },
  es: {
    self_harm: [
      "quiero morir|morirme",
      "quitarme la vida",
      "suicidarme|suicidio|matarme",
      "no quiero vivir",
      "no quiero seguir viviendo",
    ],
    threat: ["voy a matar|matarte|matarlos|mataros", "sé|se dónde|donde vives|viven|vivís"],
    injury: [
      "me quemé|queme|corté|lastimé|electrocuté",
      "me he quemado|cortado|herido|lastimado",
      "explotó|exploto|explotado",
      "en|al ~1 hospital ~3 por|con|porque",
      "fui al hospital",
      "se incendió|incendio",
    ],
    legal: [
      "mi|nuestro|un|con abogado",
      "mi|nuestra|una abogada",
      "demandar|demandarlos|demandaré|denunciarlos|denunciaré",
      "poner una denuncia|demanda",
      "acciones legales",
      "los tribunales",
    ],
    hacked_account: ["cuenta ~3 hackeada|hackeado|pirateada", "hackearon|hackeado ~1 cuenta"],
    data_request: [
      "borrar|borren|eliminar|eliminen ~1 mis datos",
      "borrar|borren|eliminar|eliminen mi cuenta",
    ],
    press: ["soy ~1 periodista"],
  },
  it: {
    self_harm: [
      "voglio morire",
      "togliermi la vita",
      "suicidarmi|ammazzarmi|uccidermi",
      "non voglio ~1 vivere",
    ],
    threat: ["ti|vi ammazzo|uccido", "so dove abiti|abitate"],
    injury: [
      "mi sono ~1 bruciato|bruciata|ferito|ferita|tagliato|tagliata|ustionato|ustionata",
      "esploso|esplosa",
      "pronto soccorso",
      "finito|finita|andato|andata in ospedale",
      "preso fuoco",
      "presa|preso la scossa",
    ],
    legal: [
      "mio|nostro|un avvocato",
      "mia|nostra|un'avvocata avvocata",
      "vie|azioni legali",
      "azione legale",
      "sporgere|sporgo denuncia|querela",
      "in tribunale",
    ],
    hacked_account: ["account|profilo|conto ~3 hackerato|violato"],
    data_request: [
      "cancellare|cancellate|eliminare|eliminate ~1 miei dati",
      "cancellare|cancellate|eliminare|eliminate ~1 mio account",
    ],
    press: ["sono ~2 giornalista"],
  },
  pt: {
    self_harm: [
      "quero morrer",
      "vou|quero me matar",
      "vou|quero matar me",
      "suicidar|suicídio",
      "tirar a minha vida",
      "não|nao quero ~1 viver",
    ],
    threat: ["vou matar você|vocês|te|vos", "sei onde mora|moram|moras|vives|vivem"],
    injury: [
      "me queimei|cortei|feri|machuquei",
      "queimei|cortei|feri me|a|o",
      "explodiu",
      "fui|parei|parar|estive ~3 hospital",
      "pegou fogo",
      "levei um choque",
    ],
    legal: [
      "meu|nosso|um advogado",
      "minha|nossa|uma advogada",
      "processar vocês|você|vos|esta|a",
      "vou processar",
      "ação|acção|ações judicial|judiciais",
      "em tribunal",
      "procon",
    ],
    hacked_account: ["conta ~3 hackeada|invadida|pirateada"],
    data_request: [
      "apagar|apaguem|eliminar|eliminem|excluir ~1 meus dados",
      "apagar|apaguem|eliminar|eliminem|excluir ~1 minha conta",
    ],
    press: ["sou ~1 jornalista"],
  },
  pl: {
    self_harm: [
      "chcę|chce ~1 umrzeć|umrzec",
      "zabiję|zabije|zabić|zabic się|sie",
      "samobójstwo|samobojstwo",
      "nie chcę|chce ~1 żyć|zyc",
    ],
    threat: ["zabiję|zabije was|cię|cie", "wiem gdzie mieszkasz|mieszkacie"],
    injury: [
      "poparzyłem|poparzyłam|poparzylem|poparzylam|oparzyłem|oparzyłam",
      "skaleczyłem|skaleczyłam|skaleczylem",
      "wybuchł|wybuchła|wybuchło|wybuchl|eksplodował",
      "w szpitalu",
      "do szpitala ~3 z|po|przez",
      "poraził|porazil ~1 prąd|prad",
    ],
    legal: [
      "mój|moj|mojego|mojemu|moim|naszego|do prawnik|prawnika|prawnikowi|prawnikiem|adwokat|adwokata|adwokatowi|adwokatem",
      "pozew|pozwę|pozwe",
      "do|w sądu|sądzie|sadu|sadzie",
      "zgłoszę|zglosze ~3 policję|policji|policje|prokuratury",
    ],
    hacked_account: ["konto ~3 zhakowane|zhakowano|przejęte", "włamał|wlamal|włamano ~2 konto"],
    data_request: [
      "rodo",
      "usunąć|usunac|usunięcie|usunięcia|usuńcie|usuncie ~1 moje|moich|mojego dane|danych|konto|konta",
    ],
    press: ["jestem dziennikarzem|dziennikarką|dziennikarka"],
  },
  tr: {
    self_harm: [
      "kendimi öldüreceğim|öldürmek|öldürürüm",
      "ölmek istiyorum",
      "intihar",
      "yaşamak istemiyorum",
    ],
    threat: [
      "seni|sizi öldüreceğim|öldürürüm",
      "nerede|nerde oturduğunu|oturduğunuzu|yaşadiğinizi biliyorum",
    ],
    injury: [
      "elim|elimi|yüzüm|kolum ~1 yandi|yaktim|kestim|kesildi",
      "yaralandim|yaralandi",
      "patladi",
      "hastaneye|hastanede ~2 gittim|kaldirildim|yattim|kaldim|yatiyorum",
      "elektrik ~1 çarpti",
      "alev aldi",
    ],
    legal: [
      "avukatim|avukatima|avukatimla|avukata",
      "dava açacağim|açarim|açiyorum|açacağiz",
      "mahkemeye",
      "savciliğa",
      "tüketici hakem|mahkemesine",
    ],
    hacked_account: ["hesabim|hesabimi ~2 çalindi|hacklendi|hacklediler", "hesabim ele geçirildi"],
    data_request: [
      "kvkk",
      "verilerimi|verilerimin ~1 silin|silinmesini",
      "hesabimi ~1 silin|silmek|silinmesini",
    ],
    press: ["gazeteciyim|muhabirim"],
  },
};
