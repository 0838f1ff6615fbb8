/** The contract for a delivery over HTTP whose vendor waits for the answer. */
import type { Json } from "#core/values/canonical-json.ts";
import type { Delivery } from "#core/values/delivery.ts";

/** An HTTP route where the vendor waits for the answer to its delivery, such as the errors of a form. */
export interface InboundHandler {
  /**
   * Verifies one delivery, passes it on, and returns the response body as soon as there is one; null is an empty body.
   * Work may continue after that; the component that owns the other side waits for it when it stops. Throws
   * `input.unverified` or `input.invalid` for a delivery that is not the vendor's, and a retryable error for one that
   * cannot be accepted at the moment.
   */
  receive(delivery: Delivery): Promise<Json | null>;
}
