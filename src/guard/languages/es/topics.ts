/** How Spanish names each topic a reply can make a claim about. */
import { ANYTHING, NOTHING, topicWords } from "#guard/languages/topic-words.ts";
import type { TopicWords } from "#guard/languages/language.ts";
import { anyOf, pattern } from "#guard/languages/spelling.ts";

/** Participles without their endings for gender and number. */
const GIVEN =
  "procesad|realizad|efectuad|iniciad|tramitad|aprobad|autorizad|enviad|emitid|confirmad|gestionad|hech|completad|ejecutad|aceptad|solicitad|concedid|ordenad|finalizad|registrad|lanzad|programad|cread|generad|mandad";

/** A topic in Spanish. */
function topic({
  verbs,
  infinitives,
  finite,
  futures,
  underway,
  ...words
}: Omit<Parameters<typeof topicWords>[0], "underway" | "future"> & {
  readonly infinitives: string;
  /** First-person forms of the simple past, and of the present where it promises. */
  readonly finite: string;
  readonly futures: string;
  readonly underway?: RegExp;
}): TopicWords {
  const agreeing = `(?:${verbs})[oa]s?`;
  const isBroad = words.subject === ANYTHING;
  return topicWords({
    ...words,
    verbs: agreeing,
    definite: pattern(
      String.raw`\b(?:su|sus|el|la|los|las|este|esta|tu|tus) (?:\w+ ){0,2}(?:${words.nouns})\b`,
    ),
    done: anyOf(
      String.raw`\b(?:acabo|acabamos|acaba|acaban) de (?:${infinitives})(?:le|les|te|lo|la|los|las|se)*\b`,
      String.raw`\b(?:procedido|procedimos|procedí) (?:a|al) (?:${infinitives}|${words.nouns})`,
      String.raw`(?<!\bno (?:le |les |te |lo |la |los |las |se )*)\b(?:${finite})\b`,
    ),
    underway:
      underway ??
      anyOf(
        String.raw`\b(?:en camino|en curso|en marcha|en proceso|en trámite|de vuelta|en su bandeja|en tu bandeja)\b`,
        String.raw`\b(?:estoy|estamos|está|están) (?:\w+(?:ando|iendo|endo))\b`,
      ),
    future: isBroad
      ? pattern(String.raw`\b(?:${futures})\b`)
      : anyOf(
          String.raw`\b(?:voy|vamos|va|van|vas) a (?:\w+ )?(?:${infinitives}|recibir|tener|ver|recuperar|ser)`,
          String.raw`\b(?:${futures})\b`,
          String.raw`\b(?:será|serán|serás)\b.{0,30}\b${agreeing}\b`,
          String.raw`\b(?:recibirá|recibirás|recibirán|tendrá|tendrás|verá|verás|recuperará|recuperarás|recibe|recibes|obtendrá)\b`,
          String.raw`\b(?:aparecerá|aparecerán|estará|estarán|llegará|llegarán|quedará)\b.{0,30}\b(?:en|a) (?:su|tu)\b`,
          String.raw`\b(?:vuelve|volverá|llegará|regresa|regresará)\b.{0,30}\b(?:a su|a tu|en su|en tu)\b`,
        ),
  });
}

const GENERALLY =
  "\\b(?:normalmente|generalmente|habitualmente|por lo general|siempre|suele|suelen|según|a menudo)\\b";

/** The topics in Spanish. */
export const TOPICS: readonly TopicWords[] = [
  // Money has many names, and many sentences about it mean no refund at all.
  topic({
    name: "refund",
    subject: pattern(
      String.raw`\b(?:reembolsos?|devolución (?:del dinero|del importe|de su dinero)|dinero|importe|abono|suma|monto|reintegro|devolución)\b`,
    ),
    itself: anyOf(
      String.raw`\b(?:reembols\w+|reintegr\w+|abonad[oa]s?|abonamos|abonaremos)\b`,
      String.raw`\b(?:devuelt[oa]s?|devolvimos|devolví|devolveremos|devolveré|devolver|devolvemos)\b(?!.{0,30}\b(?:el artículo|el producto|el paquete)\b)`,
      String.raw`\b(?:recibirá|recibirás|recibir|tendrá|tendrás|recibe)\b.{0,40}(?:\d[\d.,]* ?(?:usd|eur|€|dólares|euros)|\b(?:dinero|importe|suma|total)\b)`,
      String.raw`\b(?:cargo|cobro|pago)\b.{0,30}\b(?:anulado|revertido|cancelado|devuelto)\b`,
      String.raw`\d[\d.,]* ?(?:usd|eur|€|dólares|euros)\b.{0,40}\b(?:en su (?:tarjeta|cuenta)|de vuelta)\b`,
    ),
    verbs: `${GIVEN}|reembolsad|devuelt|reintegrad|abonad|ingresad|transferid|revertid|anulad|retornad`,
    nouns:
      "reembolso|devolución|dinero|importe|abono|suma|monto|reintegro|\\d[\\d.,]* ?(?:usd|eur|euros|dólares|chf)",
    infinitives:
      "reembolsar|devolver|reintegrar|abonar|ingresar|transferir|realizar|procesar|tramitar|emitir",
    finite:
      "reembolsé|reembolsamos|devolví|devolvimos|reintegramos|abonamos|reembolso(?= (?:el|los|la|su|\\d))|devolvemos|reembolsó|devolvió|abonó",
    futures:
      "reembolsaré|reembolsaremos|devolveré|devolveremos|reintegraremos|abonaremos|reembolsará|devolverá|ingresaremos",
    generally: anyOf(
      GENERALLY,
      String.raw`\blos reembolsos (?:se|son|van|tardan|pueden)\b`,
      String.raw`\b(?:importe|suma|monto)\b.{0,20}\b(?:pagado|que pagó|del pedido)\b`,
    ),
  }),
  topic({
    name: "password reset",
    subject: pattern(String.raw`\b(?:contraseña|restablec\w*|restaur\w*|enlace)\b`),
    verbs: `${GIVEN}|restablecid|cambiad|restaurad`,
    nouns: "enlace|contraseña|correo",
    infinitives: "enviar|restablecer|mandar",
    finite: "envié|enviamos|mandé|mandamos|restablecí|restablecimos|envío|mando",
    futures: "enviaré|enviaremos|mandaremos|restableceremos",
    generally: anyOf(GENERALLY, String.raw`\b(?:el|un) enlace (?:es válido|funciona|caduca)\b`),
  }),
  // "Will not be sent" states it in a way that no denial in the same clause takes back.
  topic({
    name: "cancellation",
    subject: pattern(String.raw`\b(?:cancelación|anulación)\b`),
    itself: pattern(
      String.raw`\b(?:cancelad[oa]s?|cancelé|cancelamos|cancelar\w*|anulad[oa]s?|anulé|anulamos|detenid[oa]s?|cancelaremos)\b`,
    ),
    verbs: `${GIVEN}|cancelad|anulad|detenid`,
    nouns: "cancelación|anulación",
    infinitives: "cancelar|anular|detener",
    finite: "cancelé|cancelamos|anulé|anulamos|detuvimos|cancelo|anulo|canceló",
    futures: "cancelaré|cancelaremos|anularemos|cancelará",
    outright: pattern(
      String.raw`\b(?:pedido|paquete)\b.{0,30}\b(?:no|ya no) (?:se enviará|será enviado|saldrá)\b`,
    ),
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "change of address",
    subject: pattern(String.raw`\bdirección\b(?! (?:de correo|de e-?mail|registrada|electrónica))`),
    aside: pattern(String.raw`\b(?:a|para|con|desde|en|bajo) (?:\w+ ){0,2}dirección\b`),
    itself: pattern(String.raw`\b(?:redirigid[oa]s?|desviad[oa]s?|reenviad[oa]s? a)\b`),
    verbs:
      "cambiad|modificad|corregid|actualizad|reemplazad|registrad|redirigid|rectificad|guardad",
    nouns: "nueva dirección|cambio de dirección",
    infinitives: "cambiar|modificar|corregir|actualizar|redirigir",
    finite: "cambié|cambiamos|modifiqué|modificamos|corregimos|actualicé|actualizamos|cambio la",
    futures: "cambiaré|cambiaremos|modificaremos|corregiremos|actualizaremos",
    underway: pattern(
      String.raw`\b(?:estoy|estamos) (?:cambiando|modificando|corrigiendo|actualizando)\b|\b(?:ahora )?(?:va|irá|se enviará) (?:ahora )?a (?=\d|\w+ \d)`,
    ),
    generally: anyOf(GENERALLY, String.raw`\bpuede\b`),
  }),
  topic({
    name: "replacement",
    subject: pattern(
      String.raw`\b(?:reemplazo|sustitución|repuesto|recambio|(?!dirección|contraseña|cuenta|enlace)\w+ nuev[oa]s?|nuev[oa]s? (?!dirección|contraseña|cuenta|enlace|pedido)\w+)\b`,
    ),
    itself: pattern(String.raw`\b(?:reemplazad[oa]s?|sustituid[oa]s?|reenviad[oa]s?)\b`),
    verbs: `${GIVEN}|reemplazad|sustituid|despachad|preparad|reenviad|expedid`,
    nouns: "reemplazo|sustitución|repuesto|recambio",
    infinitives: "enviar|reemplazar|sustituir|mandar|reenviar",
    finite: "envié|enviamos|mandé|mandamos|reenviamos|reemplazamos",
    futures: "enviaré|enviaremos|mandaremos|reemplazaremos",
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "compensation",
    subject: pattern(
      String.raw`\b(?:vale|cupón|descuento|compensación|compens\w+|código promocional|tarjeta regalo|puntos|bono)\b`,
    ),
    itself: pattern(String.raw`\b(?:compensad[oa]s?|compensaremos|compensaré)\b`),
    verbs: `${GIVEN}|añadid|agregad|ofrecid|aplicad|compensad|regalad|descontad`,
    nouns: "vale|cupón|descuento|compensación|código promocional|bono",
    infinitives: "enviar|añadir|agregar|ofrecer|aplicar|compensar|regalar",
    finite: "añadí|añadimos|agregué|agregamos|aplicamos|enviamos|regalamos",
    futures: "enviaremos|añadiremos|aplicaremos|compensaremos|regalaremos",
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "change of the account",
    subject: pattern(String.raw`\b(?:cuenta|boletín|suscripción|perfil|newsletter)\b`),
    itself: pattern(String.raw`\b(?:dad[oa] de baja|dimos de baja)\b`),
    verbs:
      "eliminad|borrad|cerrad|bloquead|desbloquead|activad|desactivad|cancelad|fusionad|modificad|reactivad|suspendid",
    nouns: "baja",
    infinitives: "eliminar|borrar|cerrar|bloquear|desbloquear|dar de baja",
    finite: "eliminé|eliminamos|borramos|cerramos|desbloqueé|desbloqueamos|dimos de baja",
    futures: "eliminaremos|cerraremos|desbloquearemos|daremos de baja",
    generally: anyOf(GENERALLY, String.raw`\bpuede\b`),
  }),
  // Every second sentence is about a delivery: only these verbs say that it was changed.
  topic({
    name: "change of the delivery",
    subject: ANYTHING,
    underway: NOTHING,
    verbs: "acelerad|priorizad|aplazad|adelantad|reprogramad|pospuest",
    nouns: "mejora de envío",
    infinitives: "acelerar|priorizar|aplazar|adelantar|reprogramar",
    finite: "aceleramos|priorizamos|aplazamos|adelantamos|reprogramamos",
    futures: "aceleraremos|priorizaremos|aplazaremos|adelantaremos",
  }),
  topic({
    name: "longer term",
    subject: ANYTHING,
    underway: NOTHING,
    verbs: "ampliad|extendid|prolongad|prorrogad",
    nouns: "ampliación|extensión",
    infinitives: "ampliar|extender|prolongar",
    finite: "ampliamos|extendimos|prolongamos",
    futures: "ampliaremos|extenderemos",
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "document",
    subject: pattern(String.raw`\b(?:factura|recibo|etiqueta|copia|comprobante|justificante)\b`),
    verbs: "enviad|adjuntad|emitid|generad|cread|mandad|remitid",
    nouns: "factura|recibo|etiqueta(?: de devolución)?|copia|comprobante",
    infinitives: "enviar|adjuntar|emitir|mandar",
    finite: "envié|enviamos|adjunté|adjuntamos|mandamos|adjunto",
    futures: "enviaré|enviaremos|mandaremos",
    generally: pattern(GENERALLY),
  }),
];
