/** Connects Bolt's listeners to the desk. */

import { App, type Receiver, type types } from "@slack/bolt";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { slackLogger } from "#slack/api/web-api.ts";
import type { ClaimedPerson } from "#slack/approvals/parse-interaction.ts";
import type { Self } from "#slack/api/workspace.ts";

/** What the desk does with clicks, submitted forms and commands. */
export interface ClickListeners {
  /** `acknowledge` may be called once; without it Slack shows the person a failure. */
  clicked(body: unknown, acknowledge: () => Promise<void>): Promise<void>;
  submitted(body: unknown, acknowledge: (answer?: SubmitAnswer) => Promise<void>): Promise<void>;
  /** A slash command; the person is answered after the acknowledgement. */
  commanded(body: unknown, acknowledge: () => Promise<void>): Promise<void>;
  /** A person opened the app's own page. */
  homeOpened(person: ClaimedPerson): Promise<void>;
  /** The message at this ref was deleted. */
  messageGone(ref: string): Promise<void>;
}

/** The answer to a submitted modal: errors at its fields, or another view; without an answer it closes. */
export type SubmitAnswer =
  | { readonly response_action: "errors"; readonly errors: Record<string, string> }
  | { readonly response_action: "update"; readonly view: types.ModalView };

/** A Bolt app that is handed payloads and has no receiver of its own; it tells their kinds apart. */
export function listeningApp(
  options: { readonly botToken: string; readonly log: Log },
  self: Self,
  clicks: () => ClickListeners | null,
): App {
  const noReceiver: Receiver = {
    init: () => {},
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const app = new App({
    token: options.botToken,
    botUserId: self.userId,
    ...(self.botId === null ? {} : { botId: self.botId }),
    tokenVerificationEnabled: false,
    convoStore: false,
    receiver: noReceiver,
    logger: slackLogger(options.log),
  });
  listen(app, clicks, options.log);
  return app;
}

/** One listener per kind; the desk interprets the payload, and also answers unknown ones. */
function listen(app: App, clicks: () => ClickListeners | null, log: Log): void {
  app.action(/.*/, async ({ ack, body }) => {
    const listeners = clicks();
    if (listeners === null) return;
    await listeners.clicked(body, () => ack());
  });
  app.view({ type: "view_submission", callback_id: /.*/ }, async ({ ack, body }) => {
    const listeners = clicks();
    if (listeners === null) return;
    await listeners.submitted(body, (answer) => (answer === undefined ? ack() : ack(answer)));
  });
  app.view({ type: "view_closed", callback_id: /.*/ }, async ({ ack }) => ack());
  app.shortcut(/.*/, async ({ ack }) => ack());
  app.options(/.*/, async ({ ack }) => ack({ options: [] }));
  // An installation may have renamed the command; every command that reaches us is ours.
  app.command(/.*/, async ({ ack, body }) => {
    const listeners = clicks();
    if (listeners === null) return;
    await listeners.commanded(body, () => ack());
  });
  app.error(async (error) => {
    log.error("slack listener failed", { reason: reasonOf(error) });
  });
}
