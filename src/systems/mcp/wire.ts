/** The streamable HTTP transport of the Model Context Protocol, over a `fetch` that gives whole answers. */
import type { Fetch } from "#core/connection/http-answer.ts";

/** What one connection keeps between requests. */
export interface McpWire {
  /** Makes one JSON answer of a stream of events, and keeps the id of the session. */
  readonly through: (fetch: Fetch) => Fetch;
  /** The id that the server gave this session; null for a server without sessions. */
  session(): string | null;
  forget(): void;
}

/** The id is visible ASCII (transports, "Session Management"); anything else could not be sent back. */
const SESSION_ID = /^[\x21-\x7e]{1,256}$/;

export function mcpWire(): McpWire {
  let session: string | null = null;
  return {
    through: (fetch) => async (target, init) => {
      const response = await fetch(target, init);
      const given = response.headers.get("mcp-session-id");
      if (given !== null && SESSION_ID.test(given)) session = given;
      const type = response.headers.get("content-type") ?? "";
      if (!/^text\/event-stream\b/i.test(type)) return response;
      const message = answerIn(await response.text());
      const headers = { "content-type": "application/json" };
      return new Response(message, { status: response.status, headers });
    },
    session: () => session,
    forget: () => (session = null),
  };
}

/**
 * The last message of a stream of events that is an answer; other messages are notices, which are not needed. Events are
 * separated by an empty line, and their data may stand on several lines (HTML, "Server-sent events"). Linear in the text.
 */
export function answerIn(stream: string): string {
  let answer = "";
  let data: string[] = [];
  const end = (): void => {
    const text = data.join("\n");
    data = [];
    if (/"(?:result|error)"\s*:/.test(text)) answer = text;
  };
  for (const line of stream.split(/\r\n|\n|\r/)) {
    if (line === "") end();
    else if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
  }
  end();
  return answer;
}
