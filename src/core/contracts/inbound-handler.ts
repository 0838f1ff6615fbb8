import type { Json } from "#core/values/canonical-json.ts";
import type { Delivery } from "#core/values/delivery.ts";

/** A way in by HTTP where the vendor waits for the answer to what it delivered, such as the errors of a form. */
export interface InboundHandler {
  /**
   * Verifies one delivery, hands it on, and gives the body of the answer as soon as there is one; null is an empty body.
   * Work may go on after that; whoever opened the other side waits for it when it stops.
   * Throws `input.unverified` or `input.invalid` for what is not the vendor's, and an error to be tried again for what
   * cannot be taken in at the moment.
   */
  receive(delivery: Delivery): Promise<Json | null>;
}
