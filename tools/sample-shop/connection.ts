/** The connection to OurShop: where it is, how it is asked, and what it is spared. Made from OurShop 1.0.0. */
import type { Connection } from "#systems/contract.ts";

export const connection: Connection = {
  name: "OurShop",
  addressFrom: "OURSHOP_ADDRESS",
  address: null,
  authentication: { kind: "bearer", secret: "OURSHOP_KEY" },
  limits: { timeoutMs: 15000, answerBytesMax: 2000000, perMinute: null },
  customer: {
    request: {
      method: "GET",
      path: "/customers",
      query: { email: { from: "requester", is: "email" } },
    },
    records: "",
    id: "id",
    email: "email",
  },
};
