/** A customer who is signed in to the sandbox's help centre. A request by the API is another thing: it could be any form's. */
import assert from "node:assert/strict";

type Customer = "ann" | "bob" | "cara";

/** Sends the form of a new request, and gives the ticket's number. */
export async function askInHelpCenter(
  url: string,
  customer: Customer,
  request: { readonly subject: string; readonly body: string },
): Promise<number> {
  const location = await submit(`${url}/hc/requests`, customer, request);
  const id = Number(/^\/hc\/requests\/(\d+)$/u.exec(location)?.[1]);
  assert.ok(Number.isSafeInteger(id), `the help centre led to ${location}`);
  return id;
}

/** Adds a comment on the page of the customer's own request. */
export async function answerInHelpCenter(
  url: string,
  customer: Customer,
  ticketId: number,
  body: string,
): Promise<void> {
  const page = `/hc/requests/${ticketId}`;
  assert.equal(await submit(`${url}${page}/comment`, customer, { body }), page);
}

/** Where the form leads: a refusal leads back to it with the problem. */
async function submit(
  address: string,
  customer: Customer,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  const response = await fetch(address, {
    method: "POST",
    headers: { cookie: `customer=${customer}` },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
  assert.equal(response.status, 303, await response.text());
  return response.headers.get("location") ?? "";
}
