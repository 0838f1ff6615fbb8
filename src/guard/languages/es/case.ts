/** How customers write about their order in Spanish. */
import type { CaseWords } from "#guard/languages/case-words.ts";

export const SPANISH_CASE: CaseWords = {
  supposed:
    /^\W*(?:(?:y|pero|o|entonces) )*(?:si|cuando llegue|en cuanto|hasta que|a menos que|en caso de que|siempre que)\b(?! ?,)|\b(?:si|en cuanto|hasta que|cuando) (?:\w+ ){0,3}(?:llega|llegue|llegara|llegase|reciba|recibe|recibo)\b/,
  unreal:
    /\b(?:deberia|debia|deberian|tenia que|tendria que|habria|iba a|iban a|va a|van a|llegara|espero|ojala|quisiera|quiero que|se supone)\b/,
  reported:
    /\b(?:seguimiento|estado|web|pagina|aplicacion|transportista|repartidor|correos|mensajeria|dhl|ups|seur|sistema|ustedes)(?: \w+){0,3}? (?:dice|dicen|indica|indican|muestra|afirma|afirman|pone|aparece|marca)\b|\b(?:segun|supuestamente|al parecer|aparece como|figura como|consta como|marcado como)\b/,
  otherOrder:
    /\b(?:ultimo|anterior|otro|primer|segundo|proximo|otra|anterior) (?:\w+ )?(?:pedido|paquete|envio|articulo|compra|vez)\b|\b(?:pedido|paquete|envio|compra) anterior\b|\bel resto\b/,
  negation: /\b(?:no|nunca|jamas|nada|ningun|ninguno|ninguna|sin|tampoco|nadie)\b/,
  why: /^\W*(?:(?:y|pero|hola) )*(?:por que|como es que|como puede ser)\b/,
  asking:
    /^\W*(?:(?:y|pero|hola) )*(?:¿|ha|han|esta|estan|puedo|pueden|puede|cuando|donde|que|cual\w*|quien|como|cuanto)(?=\W|$)/,
  otherThing:
    /\b(?:e-?mails?|correos?(?: electronicos?)?|mensajes?|respuestas?|factura|confirmacion|notificacion|boletin|carta|enlace|codigo|contrasena|cuenta|web|pagina|aplicacion|boton|formulario|cupon|llamada|numero|promesa|contrato|reembolso|devolucion|dinero|pago|abono|solicitud|ticket)\b/,
  arrived:
    /\b(?:llego|llegaron|ha llegado|han llegado|me ha llegado|fue entregad[oa]|fueron entregad[oa]s|(?:ha|han) sido entregad[oa]s?|(?:he|hemos) recibido|(?:recibi|recibimos) (?:el|la|mi|un|una|los|las|su|ayer|hoy|este|esta)|me entregaron)\b/,
  came: /\b(?:recibido|recibi|llegado|llego|llega|entregado|entregaron|visto)\b/,
  inHand:
    /\b(?:esta|estan|estaba|vino|vinieron|venia)(?: \w+){0,3} (?:rot[oa]s?|danad[oa]s?|defectuos[oa]s?|rajad[oa]s?|agrietad[oa]s?|rayad[oa]s?|abollad[oa]s?)\b|\bno (?:funciona|enciende|carga|arranca|me queda)\b|\b(?:dejo de funcionar|se rompio|se ha roto|es demasiado (?:grande|pequen[oa])|(?:color|talla|modelo|articulo) equivocad[oa])\b/,
  missing:
    /\b(?:sigo|seguimos|estoy|llevo \w+ \w+) esperando (?:\w+ )?(?:mi|el|la|nuestro) (?:\w+ )?(?:pedido|paquete|envio|telefono|lampara|articulo)\b|\b(?:paquete|pedido|envio) (?:esta|se ha|se) (?:perdido|perdio|extraviado|extravio)\b|\bnada ha llegado\b|\bno (?:me )?ha llegado nada\b|\bno he recibido nada\b/,
  refund:
    /\b(?:reembols\w+|devolucion del (?:dinero|importe)|devuelto el (?:dinero|importe)|devolvieron)\b/,
  refunded:
    /\b(?:me|nos|ya|han|ha|hemos)(?: \w+){0,4} (?:reembolsad[oa]|reembolsaron|reembolso|devuelto el (?:dinero|importe)|devolvieron el (?:dinero|importe))\b|\b(?:he recibido|recibi|me llego) (?:\w+ ){0,2}reembolso\b|\bfue reembolsad[oa]\b/,
  refundMissing:
    /\bdonde esta (?:mi|el) (?:reembolso|dinero)\b|\b(?:sigo|estoy) esperando (?:\w+ ){0,2}(?:reembolso|devolucion)\b|\bningun reembolso\b/,
  charged: /\b(?:cobrado|cobraron|cobrar|cargado|cargaron|pague|pagado|debitado)\b/,
  chargedTwice:
    /\b(?:cobrado|cobraron|cargado|cargaron|pague|pagado|debitado)(?: \w+){0,4} (?:dos veces|2 veces|doble|tres veces)\b|\b(?:doble|dos|segundo) (?:cobros?|cargos?|pagos?)\b/,
  newAddress:
    /\b(?:cambiar|modificar|corregir|nueva|otra|equivocada|antigua|cambio de)\b.{0,30}\bdireccion\b|\bdireccion\b.{0,30}\b(?:equivocada|incorrecta|ha cambiado|cambio|erronea|no es)\b|\b(?:me he mudado|me mude|nos hemos mudado)\b/,
};
