/** A door for links and buttons: what waits can be looked at by fetching, and is decided by a posted decision alone. */
import type { Actions, Gate, Login } from "./contract.ts";

const BODY_MAX = 64_000;

/**
 * Answers requests about `?id=…&version=…`. `loginFor` tells who is logged in by the request's session, never by its
 * body; null is no person. GET and HEAD change nothing, and a POST has to be JSON, which no form of another site sends.
 */
export function doorTo<Given extends Actions>(
  gate: Pick<Gate<Given>, "show" | "decide">,
  loginFor: (request: Request) => Promise<Login | null>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { searchParams } = new URL(request.url);
    const version = Number(searchParams.get("version"));
    const ticket = {
      id: searchParams.get("id") ?? "",
      version: Number.isInteger(version) ? version : 0,
    };
    const who = await loginFor(request);
    if (who === null) return told(401, "a person has to be logged in");
    if (request.method === "GET" || request.method === "HEAD") {
      const text = await gate.show(ticket);
      return text === null ? told(404, "there is none") : told(200, text);
    }
    if (request.method !== "POST") return told(405, "a decision is posted");
    if (request.headers.get("content-type")?.split(";")[0] !== "application/json")
      return told(415, "a decision is JSON");
    const decision = jsonFrom(await request.text());
    const answer = await gate.decide(ticket, who, decision);
    return answer.accepted ? told(200, "accepted") : told(409, answer.reason);
  };
}

function told(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

function jsonFrom(text: string): unknown {
  if (text.length > BODY_MAX) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
