/** What the output check looks for in Spanish. */
import type { Wording } from "#guard/languages/language.ts";
import { FRAMES } from "./frames.ts";
import { TOPICS } from "./topics.ts";
import { anyOf, pattern } from "#guard/languages/spelling.ts";

const PEOPLE =
  "(?:yo|nosotros|alguien|el equipo|soporte|nuestr[oa] (?:\\w+ )?(?:equipo|almacén|servicio|departamento)|nuestros (?:\\w+ )?(?:compañeros|expertos|especialistas|agentes)|un[oa]? (?:\\w+ )?(?:compañero|compañera|colega|persona|agente|especialista|responsable|miembro (?:de nuestro|del) equipo)|mis? (?:compañeros?|compañera|supervisor)|el (?:departamento|servicio) (?:\\w+ ?){1,3})";
const SEES_LATER =
  "(?:llamar|contactar|responder|revisar|comprobar|investigar|verificar|consultar|preguntar|informar|avisar|mantener|poner|pasar|trasladar|ocupar|encargar|atender|buscar|escribir|hablar|mirar|gestionar|rastrear|reclamar)";

/** What the check looks for in Spanish. */
export const spanish: Wording = {
  language: "es",
  // "Pedidos 456 y 789" is one item.
  clauseEnd: pattern(
    String.raw`[,;:–—]\s|\s-+\s|\s[([]|\b(?:y(?! #?\d[\w-]*\b(?! ?(?:usd|eur|euros|dólares|días|%)))|pero|porque|aunque|mientras|sino|así que)\s`,
    "g",
  ),
  question: pattern(
    String.raw`^\W*(?:(?:y|entonces|o|solo para confirmar)[,:]? ?)?¿?(?:ha|han|hay|está|están|es|son|puede|puedo|podría|podemos|desea|deseas|quiere|quieres|prefiere|prefieres|necesita|qué|cuál|cuáles|quién|dónde|cuándo|cómo|cuánto|cuánta|por qué|debo|le|te|se)\b`,
  ),
  condition: pattern(
    String.raw`\b(?:si|cuando|una vez que|una vez|en cuanto|tan pronto como|siempre que|a menos que|en caso de|después de que|antes de|mientras|según|tras)\b|^\W*(?:por favor,? )?(?:envíe|envíenos|envíeme|confirme|indique|díganos|dígame|escriba|responda|comparta)\w*\b[^.!?]{0,160}(?:,| y) (?:y |luego )?`,
  ),
  // A promise that only waits for news is still a promise.
  news: pattern(
    String.raw`\b(?:en cuanto|cuando|tan pronto como|una vez que) (?:sepa|sepamos|tenga|tengamos|haya|reciba una respuesta)\b`,
    "g",
  ),
  inGeneral: pattern(
    String.raw`^\W*(?:(?:todos|todas|la mayoría de|los|las|nuestros|nuestras) )*(?:pedidos|paquetes|artículos|productos|envíos|reembolsos|vales|devoluciones|reparaciones)\b(?! (?:n\.?º ?)?#?\d)`,
  ),
  hypothetical: pattern(
    String.raw`^\W*(?:(?:y|o|pero|solo|incluso) )?(?:si|cuando|una vez|en cuanto|tan pronto|siempre que|a menos que|en caso de|antes de|hasta que|mientras|cómo|qué|para)\b`,
  ),
  repeats: pattern(
    String.raw`\b(?:usted )?(?:preguntó|escribió|mencionó|pidió|solicitó|indicó|menciona|pide|pregunta|desea)\b|\bsu (?:mensaje|pregunta|solicitud|consulta|correo)\b|\bno\b.{0,40}\b(?:encuentro|encontramos|veo|vemos|encontrado|encontrar|localizar|localizo)\b`,
  ),
  // "May be" or "should be" does not state that it is so either, so modal verbs are listed too.
  denial: pattern(
    String.raw`\b(?:no(?! solo| sólo)|nunca|jamás|ni|ningún|ningun[oa]s?|nada|nadie|tampoco|sin|puede|puedo|podemos|podría|podrían|podríamos|pueden|quisiera|debe|debo|debemos|debería|quiere|quiero|deseo|gustaría|imposible|posible)\b`,
  ),
  reports: pattern(
    String.raw`\b(?:usted )?(?:dice|escribe|escribió|dijo|indica|indicó|menciona|mencionó|pregunta|preguntó|cree|comenta)\b[^,;]{0,20}\b(?:que|si)\b[^,;]{0,80}$`,
  ),
  happens: pattern(
    String.raw`\b(?:es|está|están|son|ha|han|fue|fueron|sido|será|serán|he|hemos|viene|vienen|sale|salió|llega|llegó|\w{3,}[ai]d[oa]s?)\b`,
  ),
  harmless: pattern(
    String.raw`\b(?:puede|puedo|podemos|podría|podríamos|no|nunca|ningún|ningun[oa]s?|posible|imposible|sobre|acerca|pregunta\w*|política|normalmente|generalmente|habitualmente|siempre|suele|suelen|denegad\w+|rechazad\w+|solicit\w+|dese\w+|quier\w+|quisiera|si|cómo|cuándo|según|en lugar|ofrec\w+|espera\w*|lament\w+|para un|debe|depende|va a su|tarda)\b`,
  ),
  likewise: pattern(String.raw`^\W*(?:y )?(?:también|así como|igual)\b`),
  // The simple past has no auxiliary: its endings show it.
  past: pattern(
    String.raw`\b(?:he|hemos|ha|han|fue|fueron|sido|acabo|acabamos|\w+(?:é|í|imos|amos))\b`,
  ),
  undone: (upTo) => UNDONE.test(upTo),
  refers: pattern(
    String.raw`\b(?:lo|la|los|las|eso|esto|todo|ello|el dinero|el importe|ambos|ambas)\b`,
  ),
  inFull: pattern(
    String.raw`\b(?:total\w*|totalidad|entero|entera|íntegr\w*|complet\w*|todo|toda)\b`,
  ),
  half: pattern(String.raw`\b(?:mitad|50 ?%)\b`),
  several: pattern(
    String.raw`\b(?:los|sus|ambos) (?:dos )?pedidos\b(?<=(?:ambos|dos) pedidos)|\btodos (?:sus|los) pedidos\b`,
  ),
  anew: pattern(
    String.raw`\b(?:acabo|acabamos|ahora|hoy|de nuevo|otra vez|otros?|otra|adicional\w*|ahora mismo)\b`,
  ),
  otherPlaces: pattern(
    String.raw`\b(?:cuenta bancaria|paypal|otra tarjeta|nueva tarjeta|cheque|tarjeta regalo|monedero)\b`,
  ),
  priceBefore: pattern(
    String.raw`\b(?:de los|pagó|pagado|cuesta|costó|costaba|precio(?: de)?|en lugar de|valor de|total(?: de)?)\s$`,
  ),
  priceAfter: pattern(String.raw`^\s(?:que pagó|que pagaste|pagados?|en total|del pedido)\b`),
  verb: pattern(
    String.raw`\b(?:es|son|está|están|ha|he|han|hemos|fue|será|puede|puedo|yo|usted|nosotros|no|se|que|quien|queda|sigue|si|por favor|le|les|te)\b`,
  ),
  toPlace:
    /(?:\ba|\ben|es(?: ahora)?) (?=\d+,? \p{Lu}|(?:la )?(?:calle|avenida|plaza|\p{Lu}\p{L}+) \p{Lu}?\p{L}*,? ?\d)/u,
  frames: FRAMES,
  topics: TOPICS,
  // Spanish leaves out the subject, so the verb endings show who promises.
  handOverPromised: anyOf(
    String.raw`\b${PEOPLE} (?:le |te |lo |la |se |nos |les )*(?:va|van|vamos|voy) a (?:\w+ )?${SEES_LATER}`,
    String.raw`\b(?:voy|vamos) a (?:${SEES_LATER})`,
    String.raw`\b(?:le |te |lo |la |se |nos |les |me )*(?:llamará|llamarán|llamaremos|llamaré|contactará|contactarán|contactaremos|contactaré|responderá|responderemos|responderé|revisará|revisarán|revisaremos|revisaré|comprobará|comprobaremos|comprobaré|investigará|investigarán|investigaremos|investigaré|verificará|verificaremos|verificaré|consultaré|consultaremos|preguntaré|preguntaremos|informaremos|informaré|informará|avisaremos|avisaré|avisará|mantendremos|mantendré|pondrá|pondrán|pondremos|pondré|pasaré|pasaremos|trasladaré|trasladaremos|ocuparé|ocuparemos|ocupará|encargaré|encargaremos|encargará|atenderá|buscará|buscaremos|escribirá|escribiremos|hablaré|hablaremos)\b`,
    String.raw`\b(?:paso|pasamos|traslado|trasladamos|derivo|derivamos|remito|remitimos) (?:su|tu|el|la|esto|lo)\b`,
    String.raw`\b(?:me ocupo|nos ocupamos|me encargo|nos encargamos|lo reviso|lo revisamos|lo consulto|lo consultamos|le aviso|te aviso)\b`,
    String.raw`\b(?:recibirá|tendrá) (?:\w+ )?(?:una llamada|una respuesta|noticias)\b|\bserá contactad[oa]\b`,
  ),
  handOverDone: anyOf(
    String.raw`\b(?:he|hemos|ha|han|fue|acabo de|acabamos de|está)\b.{0,60}\b(?:pasado|pasar|trasladad[oa]|trasladar|transferid[oa]|transmitid[oa]|escalad[oa]|escalar|abiert[oa]|abrir|cread[oa]|informado|avisado|contactado|derivad[oa]|asignad[oa]|remitid[oa]|reportado|notificado)\b.{0,80}\b(?:equipos?|compañer\w+|departamento|caso|incidencia|ticket|responsable|almacén|transportista|solicitud|especialista|supervisor)\b`,
    String.raw`\b(?:su|tu|el) (?:caso|solicitud|consulta|incidencia|reclamación)\b.{0,30}\b(?:ha sido|está|fue|se ha)\b.{0,20}\b(?:trasladad[oa]|escalad[oa]|abiert[oa]|cread[oa]|siendo|en revisión|asignad[oa]|pasad[oa])\b`,
    String.raw`\b${PEOPLE} (?:ya |lo |la |se )*(?:está|están|revisa|revisan|investiga|investigan|se ocupa|se ocupan|está revisando)\b`,
    String.raw`\b(?:estoy|estamos) (?:revisando|investigando|comprobando|consultando|trabajando|buscando)\b`,
  ),
  // Future forms have their own endings, so any verb is found.
  promised: anyOf(
    String.raw`\b\w{2,}(?:aré|eré|iré|dré|aremos|eremos|iremos|dremos)\b`,
    String.raw`\b(?:voy|vamos) a\b`,
  ),
  promisedLightly: pattern(
    String.raw`\b(?:estaré|estaremos|seré|seremos|podré|podremos|ayudaré|ayudaremos|a ayudar\w*|a ver|haré lo posible|haremos (?:lo posible|todo)|intentaré|intentaremos|necesitaré|necesitaremos|nunca|no)\b`,
  ),
  doneUnnamed: anyOf(
    String.raw`^\W*(?:(?:ok|vale|perfecto|muy bien|bien|genial)\W+)*(?:ya |todo |ya está |está |queda |todo está )*(?:list[oa]|hecho|resuelto|solucionado|arreglado|en orden|terminado)\b`,
    String.raw`\b(?:problema|caso|asunto|solicitud)\b.{0,20}\b(?:resuelt[oa]|solucionad[oa]|cerrad[oa])\b`,
    String.raw`\b(?:ya está|está|queda|ha sido|ha quedado|todo)\b.{0,20}\b(?:hecho|resuelto|solucionado|arreglado|en orden|listo|gestionado)\b`,
    String.raw`\b(?:he|hemos|me he|nos hemos)\b.{0,20}\b(?:resuelto|solucionado|arreglado|ocupado|encargado|gestionado)\b`,
  ),
  // Any participle counts; what every author of a reply has done is taken out by the next list.
  didSomething: anyOf(
    // Anything done to something of the customer's, except an order's state.
    String.raw`\b(?:(?:ha|han) (?:sido|quedado)|fue|fueron|se (?:le |les |te )?(?:ha|han)) (?:\w{3,}[ai]d[oa]s?|hech[oa]s?|puest[oa]s?|abiert[oa]s?|resuelt[oa]s?)\b`,
    String.raw`\b(?:he|hemos)(?: (?:ya|también|además|le|les|lo|la))* (?:\w{3,}[ai]do|hecho|puesto|abierto|escrito|resuelto|dado)\b`,
    String.raw`\b(?:eliminé|cerré|bloqueé|desbloqueé|cambié|actualicé|añadí|agregué|envié|mandé|reservé|registré|anulé|quité|modifiqué)\b`,
  ),
  didLittle: pattern(
    String.raw`\b(?:revisado|mirado|encontrado|visto|leído|recibido|comprobado|entendido|consultado|anotado|buscado|intentado|tenido|sido|estado|comparado|dicho|explicado|mencionado|indicado|prometido|acordado|enviado (?:su|el) pedido|entregado|cobrado|podido|tomado nota|echado un vistazo|cometido un error|entregad[oa]s?|enviad[oa]s?|pagad[oa]s?|cobrad[oa]s?|recibid[oa]s?|dañad[oa]s?|rechazad[oa]s?|denegad[oa]s?|preparad[oa]s?|perdid[oa]s?|comprad[oa]s?|facturad[oa]s?|realizad[oa]s? el)\b`,
  ),
  // An order's state, which a record has to show.
  states: [
    {
      pattern: anyOf(
        String.raw`\b(?:ha|han|fue|fueron|hemos|se|está)\b.{0,40}\b(?:enviad[oa]s?|despachad[oa]s?|expedid[oa]s?|envió|enviaron)\b`,
        String.raw`\b(?:su|sus|el|la|los|las|pedido) (?:[\w#-]+ ){1,3}(?:ya )?están? (?:ya )?en camino\b`,
        String.raw`\b(?:ha )?(?:salido|salió) de nuestro almacén\b`,
      ),
      state: "shipped",
    },
    {
      pattern: pattern(
        String.raw`\b(?:ha|han|fue|fueron|hemos|se|está)\b.{0,40}\b(?:entregad[oa]s?|entregó|entregaron|llegado)\b|\b(?:pedido|paquete|teléfono) llegó\b`,
      ),
      state: "delivered",
    },
    {
      pattern: pattern(
        String.raw`\b(?:hemos|he|ha)\b.{0,30}\b(?:recibido|llegado)\b.{0,30}\b(?:devolución|paquete devuelto)\b`,
      ),
      state: "returned",
    },
    {
      pattern: pattern(
        String.raw`\b(?:ha|han|fue|se|está)\b.{0,30}\b(?:perdid[oa]s?|extraviad[oa]s?|perdió|extravió)\b`,
      ),
      state: "lost",
    },
  ],
};

const UNDONE = pattern(
  String.raw`\b(?:no(?! solo| sólo)|nunca|jamás|ni|ningún|ningun[oa]s?|nada|tampoco|sin)\b`,
);
