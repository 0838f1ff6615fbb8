/** Control routes that set faults. */
import { Router } from "express";
import { z } from "zod";
import { withBody } from "./with-body.ts";
import type { ApiParts } from "#sandbox/zendesk/http/api.ts";
import { Fault } from "#sandbox/zendesk/http/faults.ts";

const DeliveryFaultsInput = z.strictObject({
  drop: z.number().int().nonnegative().optional(),
  duplicate: z.number().int().nonnegative().optional(),
  reverse: z.number().int().nonnegative().optional(),
});

/** Switches for what goes wrong, and how much went over the wire. */
export function faultControls(parts: ApiParts): Router {
  const { faults, sender } = parts;
  const router = Router();
  router
    .route("/faults")
    .get(
      (_request, response) =>
        void response.json({ faults: faults.list(), webhooks: sender.faults }),
    )
    .post(
      withBody(z.union([Fault, z.array(Fault)]), (input, response) => {
        for (const fault of [input].flat()) faults.add(fault);
        response.status(201).json({ faults: faults.list() });
      }),
    )
    .delete((_request, response) => {
      faults.clear();
      Object.assign(sender.faults, { drop: 0, duplicate: 0, reverse: 0 });
      response.status(204).end();
    });
  router.post(
    "/webhook-faults",
    withBody(DeliveryFaultsInput, (input, response) => {
      Object.assign(sender.faults, input);
      response.json({ webhooks: sender.faults });
    }),
  );
  router
    .route("/traffic")
    .get((_request, response) => void response.json(parts.traffic.report()))
    .delete((_request, response) => {
      parts.traffic.clear();
      response.status(204).end();
    });
  return router;
}
