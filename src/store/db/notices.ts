/** Notices between processes through the database: a process hears of a change in the moment it is committed. */
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Client } from "pg";

/** PostgreSQL's own name for the stream that carries all of our notices. */
const STREAM = "deskhand";

/** What notices are about. */
export type NoticeTopic = "leader" | "duty" | "policy" | "help-pages" | "webhooks";

/** Hears a notice's text; null after a gap in which notices may have been missed. */
type NoticeHeard = (text: string | null) => void;

/**
 * The notices this process hears. They save questions and are no promise: a process that waits for one also asks by
 * itself, rarely while notices come, and often while there is silence.
 */
export interface DatabaseNotices {
  /** Begins to listen with the first follower. Calls `heard` until the returned function is called. */
  follow(topic: NoticeTopic, heard: NoticeHeard): () => void;
  /**
   * For how many milliseconds nothing was heard, of any topic; infinite before the first notice, and without a
   * connection. As long as a process leads, one comes every two seconds, so longer silence means that notices do not
   * arrive here.
   */
  silentMs(): number;
}

/** The leader is heard every two seconds, so after this long without a notice none arrive here. */
const HEARD_MS = 5_000;

/**
 * For how many milliseconds what was read stays good. While notices arrive, they tell of every change, except of one made
 * by a process of an older version; while none do, such as behind a pooler or without a worker, it has to be asked.
 */
export function goodForMs({ silentMs }: Pick<DatabaseNotices, "silentMs">): number {
  return silentMs() > HEARD_MS ? 2_000 : 30_000;
}

/** An expression for a statement: a notice with this text, which is an expression too, once the statement commits. */
export function noticeSql(topic: NoticeTopic, text: string): string {
  return `pg_notify('${STREAM}', '${topic} ' || ${text})`;
}

/** For a database whose notices cannot be heard, such as one behind a pooler that shares its sessions. */
export const NO_NOTICES = noticesThrough(() => async () => undefined);

/** Opens what notices come through; gives the function that ends it. */
type Listen = (told: {
  readonly heard: (payload: string) => void;
  /** It begins to listen, for the first time or again. */
  readonly opened: () => void;
  readonly lost: () => void;
}) => () => Promise<void>;

/** Notices that come through this. */
export function noticesThrough(listen: Listen): DatabaseNotices & { close(): Promise<void> } {
  const followers = new Map<NoticeTopic, Set<NoticeHeard>>();
  const state: { stop: (() => Promise<void>) | null; heardAt: number } = {
    stop: null,
    heardAt: -Infinity,
  };
  const heard = (payload: string): void => {
    state.heardAt = performance.now();
    const [topic = "", ...words] = payload.split(" ");
    for (const [name, those] of followers)
      if (name === topic) for (const tell of those) tell(words.join(" "));
  };
  const opened = (): void => {
    for (const those of followers.values()) for (const tell of those) tell(null);
  };
  const lost = (): void => {
    state.heardAt = -Infinity;
  };
  return {
    follow(topic, tell) {
      const beside = followers.get(topic) ?? new Set();
      followers.set(topic, beside.add(tell));
      state.stop ??= listen({ heard, opened, lost });
      return () => void beside.delete(tell);
    },
    silentMs: () => performance.now() - state.heardAt,
    async close() {
      followers.clear();
      const { stop } = state;
      // A late follower is told nothing, and opens nothing either.
      state.stop = async () => undefined;
      await stop?.();
    },
  };
}

/** The first wait before a lost connection is made again; each further one is twice as long. */
const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 30_000;

/**
 * Listens on a connection of its own, which does nothing else. A lost one is made again; until then the silence tells
 * the followers to ask by themselves.
 */
export function listenOnPostgres(connection: () => Client, log: Log): Listen {
  return ({ heard, opened, lost }) => {
    const state: { client: Client | null; timer: NodeJS.Timeout | null; waitMs: number } = {
      client: null,
      timer: null,
      waitMs: AGAIN_MS,
    };
    const closed = new AbortController();

    function again(client: Client, reason: string): void {
      if (state.client !== client || closed.signal.aborted) return;
      state.client = null;
      lost();
      log.warn("notices of the database are not heard", { reason });
      void client.end().catch(() => undefined);
      state.timer = setTimeout(() => void open(), state.waitMs);
      state.timer.unref();
      state.waitMs = Math.min(2 * state.waitMs, AGAIN_MS_MAX);
    }

    async function open(): Promise<void> {
      const client = connection();
      state.client = client;
      client.on("error", (error) => again(client, reasonOf(error)));
      client.on("end", () => again(client, "the connection ended"));
      client.on("notification", ({ payload }) => heard(payload ?? ""));
      try {
        await client.connect();
        await client.query(`listen ${STREAM}`);
        state.waitMs = AGAIN_MS;
        opened();
      } catch (error) {
        again(client, reasonOf(error));
      }
    }

    void open();
    return async () => {
      closed.abort();
      if (state.timer !== null) clearTimeout(state.timer);
      await state.client?.end().catch(() => undefined);
    };
  };
}

/** Listens within the embedded database. */
export function listenOnEmbedded(
  database: { listen(stream: string, heard: (payload: string) => void): Promise<unknown> },
  log: Log,
): Listen {
  return ({ heard, opened }) => {
    database.listen(STREAM, heard).then(opened, (error: unknown) => {
      log.warn("notices of the database are not heard", { reason: reasonOf(error) });
    });
    return async () => undefined;
  };
}
