/** The variables that say how Zendesk is signed in to: each mistake is named by the variable to change. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { currentKey } from "#core/connection/signing-keys.ts";
import { readConfig } from "#config/environment.ts";
import { signInsOf } from "#connections/zendesk.ts";
import { REAL_ENVIRONMENT } from "#test/support/real-parts.ts";

describe("the variables for Zendesk's sign-in", () => {
  const without = (...names: readonly string[]): Record<string, string> =>
    Object.fromEntries(Object.entries(REAL_ENVIRONMENT).filter(([name]) => !names.includes(name)));
  const writer = ["ZENDESK_WRITER_CLIENT_ID", "ZENDESK_WRITER_CLIENT_SECRET"] as const;
  const reader = ["ZENDESK_READER_CLIENT_ID", "ZENDESK_READER_CLIENT_SECRET"] as const;
  const problem = (environment: Record<string, string>): string => {
    try {
      readConfig(environment);
      return "";
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
  };

  test("may be clients, access tokens or an API token, one way for each identity", () => {
    assert.equal(signInsOf(readConfig(REAL_ENVIRONMENT).environment).writer?.kind, "client");
    const tokens = { ZENDESK_WRITER_TOKEN: "w", ZENDESK_READER_TOKEN: "r" };
    const fixed = readConfig({ ...without(...writer, ...reader), ...tokens });
    const { reader: signIn } = signInsOf(fixed.environment);
    assert.ok(signIn?.kind === "token" && signIn.name === "ZENDESK_READER_TOKEN");
    assert.equal(currentKey(signIn.token), "r");
    const basic = readConfig({
      ...without(...writer, ...reader),
      ZENDESK_EMAIL: "bot@shop.test",
      ZENDESK_READER_EMAIL: "admin@shop.test",
      ZENDESK_API_TOKEN: "t",
    });
    assert.equal(signInsOf(basic.environment).writer?.kind, "api-token");
    assert.match(
      problem({ ...REAL_ENVIRONMENT, ...tokens }),
      /ZENDESK_WRITER_TOKEN: is set beside/,
    );
  });

  test("are named when they are missing or do not go together", () => {
    assert.match(problem(without(...writer)), /ZENDESK_WRITER_CLIENT_ID: is missing/);
    assert.match(
      problem({ ...without(...writer), ZENDESK_EMAIL: "bot@shop.test" }),
      /ZENDESK_API_TOKEN: is missing, and ZENDESK_EMAIL needs it/,
    );
    assert.match(
      problem({
        ...REAL_ENVIRONMENT,
        ZENDESK_READER_CLIENT_ID: REAL_ENVIRONMENT.ZENDESK_WRITER_CLIENT_ID,
      }),
      /ZENDESK_READER_CLIENT_ID: is the writer's client/,
    );
  });

  test("of the reader may stay away from a process that keeps no connections", () => {
    const apart = {
      ...without(...reader),
      DATABASE_URL: "postgres://u@127.0.0.1:1/x",
      REDIS_URL: "redis://127.0.0.1:1",
      DESKHAND_BLOBS: "/srv/blobs",
    };
    assert.equal(problem({ ...apart, DESKHAND_ROLE: "worker" }), "");
    assert.match(problem({ ...apart, DESKHAND_ROLE: "channels" }), /ZENDESK_READER_CLIENT_ID/);
  });
});
