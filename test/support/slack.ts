/**
 * The people of the sandbox's Slack, for tests: they write, press buttons, fill in forms and look at channels.
 * Uses local-slack's control API (`/_control/…`) and, for forms, the WebSocket of its page (`/ui`), since forms
 * have no control call. Two of its ways to know: all people share one form on screen, and an untouched field
 * arrives as null even when it had an initial value.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { ask } from "./http-request.ts";
import { PATIENCE_MS, until } from "./waiting.ts";

const Option = z.looseObject({ value: z.string(), text: z.unknown() });

const Element = z.looseObject({
  type: z.string(),
  options: z.array(Option).optional(),
  action_id: z.string().optional(),
  value: z.string().optional(),
  text: z.unknown().optional(),
});

const Block = z.looseObject({
  type: z.string(),
  block_id: z.string().optional(),
  element: Element.optional(),
  elements: z.array(z.unknown()).optional(),
  accessory: Element.optional(),
});

const SlackMessage = z.looseObject({
  ts: z.string(),
  channel: z.string(),
  user: z.string().optional(),
  text: z.string().optional(),
  thread_ts: z.string().optional(),
  subtype: z.string().optional(),
  blocks: z.array(Block).optional(),
});

/** A message as local-slack stores it; blocks are exactly what the app sent. */
export type SlackMessage = z.infer<typeof SlackMessage>;

const SlackView = z.looseObject({
  id: z.string(),
  callback_id: z.string().optional(),
  blocks: z.array(Block),
});

/** A form (Slack calls it a view) as it is on screen. */
type SlackView = z.infer<typeof SlackView>;

const PageEvent = z.discriminatedUnion("t", [
  z.looseObject({ t: z.literal("init"), state: z.looseObject({ modalStack: z.array(SlackView) }) }),
  z.looseObject({ t: z.literal("view"), stack: z.array(SlackView) }),
  z.looseObject({ t: z.literal("view_errors"), errors: z.record(z.string(), z.string()) }),
]);

/** How a submitted form ended: refused with a sentence for each field, or accepted. */
type Submitted =
  | { readonly errors: Readonly<Record<string, string>> }
  | { readonly accepted: true };

/** A click as Slack would send it, also one that no button on the screen could make. */
interface Click {
  readonly action_id: string;
  readonly block_id?: string | undefined;
  readonly value?: string | undefined;
  readonly type?: string | undefined;
  readonly selected_option?: z.infer<typeof Option> | undefined;
}

/** Everything a person of the workspace can do, each as the user id given first. */
export interface SlackPeople {
  /** Writes in a channel or, with `thread`, under the message of that ts. Resolves to the new message's ts. */
  post(user: string, channel: string, text: string, thread?: string): Promise<string>;
  /** Writes to the app in a direct message; resolves to that conversation's channel and the message's ts. */
  direct(user: string, text: string): Promise<{ channel: string; ts: string }>;
  edit(user: string, channel: string, ts: string, text: string): Promise<void>;
  /** Types a slash command, the "/" included. */
  command(user: string, channel: string, command: string, text: string): Promise<void>;
  /** Presses the button with this action_id on the message as it is now; fails when it has none. */
  click(user: string, channel: string, ts: string, actionId: string): Promise<void>;
  /** Sends a click of any content, as an attacker or a stale screen would. */
  clickAnything(user: string, channel: string, ts: string, action: Click): Promise<void>;
  /** All messages of a channel, oldest first, replies in threads included. */
  messages(channel: string): Promise<readonly SlackMessage[]>;
  /** Waits for a message of the channel that fits, and resolves to it. */
  waitForMessage(channel: string, fits: (message: SlackMessage) => boolean): Promise<SlackMessage>;
  /** Waits until a form that fits is on screen, and resolves to it. */
  waitForView(fits: (view: SlackView) => boolean): Promise<SlackView>;
  /** The form on screen, if any. */
  view(): SlackView | undefined;
  /**
   * Fills in the form on screen and submits it. The key is the block_id, the value what is typed or the chosen
   * option's value (a list of them for checkboxes). Fields left out count as untouched.
   */
  submit(
    user: string,
    values: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<Submitted>;
  /** Closes the form on screen without submitting it. */
  closeView(user: string): Promise<void>;
  /** Empties all channels; people and the app's connection stay. */
  reset(): Promise<void>;
  close(): void;
}

/** Connects to the local-slack at `url`, the address without a slash at its end. */
export async function slackPeople(url: string): Promise<SlackPeople> {
  const page = await openPage(url);
  const messages = async (channel: string): Promise<readonly SlackMessage[]> =>
    z
      .object({ messages: z.array(SlackMessage) })
      .parse(await ask(`${url}/_control/messages/${channel}`)).messages;
  const control = (path: string, body: Readonly<Record<string, unknown>>): Promise<unknown> =>
    ask(`${url}/_control/${path}`, { body });
  const write = async (body: Readonly<Record<string, unknown>>): Promise<SlackMessage> =>
    z.object({ message: SlackMessage }).parse(await control("message", body)).message;
  return {
    post: async (user, channel, text, thread) =>
      (await write({ user, channel, text, ...(thread === undefined ? {} : { thread_ts: thread }) }))
        .ts,
    direct: async (user, text) => {
      // A channel named like a user is that user's conversation with the app.
      const { channel, ts } = await write({ user, channel: user, text });
      return { channel, ts };
    },
    edit: async (user, channel, ts, text) =>
      void (await control("edit-message", { user, channel, ts, text })),
    command: async (user, channel, command, text) =>
      void (await control("command", { user, channel, command, text })),
    click: async (user, channel, ts, actionId) => {
      const message = (await messages(channel)).find((one) => one.ts === ts);
      const action =
        message === undefined
          ? undefined
          : buttonsOf(message).find((button) => button.action_id === actionId);
      assert.ok(action, `there is no button ${actionId} on message ${ts}`);
      await control("interact", {
        user,
        channel,
        messageTs: ts,
        action: action.inMenu ?? action,
      });
    },
    clickAnything: async (user, channel, ts, action) =>
      void (await control("interact", { user, channel, messageTs: ts, action })),
    messages,
    waitForMessage: (channel, fits) =>
      until(`a message in ${channel}`, async () => (await messages(channel)).find(fits)),
    waitForView: (fits) => until("a form", async () => page.stack().filter(fits).at(-1)),
    view: () => page.stack().at(-1),
    submit: (user, values) => {
      const view = page.stack().at(-1);
      assert.ok(view, "there is no form on screen to submit");
      return page.answer(() =>
        page.send({ t: "view_submit", user, values: stateOf(view, values) }),
      );
    },
    closeView: async (user) => {
      await page.answer(() => page.send({ t: "view_close", user }));
    },
    reset: async () => void (await control("reset", {})),
    close: () => page.close(),
  };
}

/** A control of a message with its block; `inMenu` is the click that chooses it, where it is an option of a menu. */
type Control = z.infer<typeof Element> & {
  readonly block_id?: string | undefined;
  readonly inMenu?: Click;
};

/** The options of a menu as the buttons they stand for: "escalate:apr_1:v1" is the button desk:escalate. */
function optionsOf(menu: z.infer<typeof Element>, blockId: string | undefined): readonly Control[] {
  return (menu.options ?? []).map((option) => {
    const [name = ""] = option.value.split(":");
    return {
      type: "button",
      action_id: `desk:${name}`,
      value: option.value.slice(name.length + 1),
      text: option.text,
      block_id: blockId,
      inMenu: {
        type: "overflow",
        action_id: menu.action_id ?? "",
        block_id: blockId,
        selected_option: option,
      },
    };
  });
}

/** The buttons and other controls of a message, each with its block; a menu counts as what can be chosen in it. */
export function buttonsOf({ blocks = [] }: SlackMessage): readonly Control[] {
  return blocks.flatMap((block) => {
    const controls = [...(block.type === "actions" ? (block.elements ?? []) : []), block.accessory];
    return controls.flatMap((control) => {
      const { success, data } = Element.safeParse(control);
      if (success && data.type === "overflow") return optionsOf(data, block.block_id);
      return success && data.action_id !== undefined ? [{ ...data, block_id: block.block_id }] : [];
    });
  });
}

/** Every text of a message's blocks, one a line, as the app sent it: mrkdwn is not rendered. */
export function shownText({ blocks, text }: SlackMessage): string {
  return blocks === undefined ? (text ?? "") : textsIn(blocks).join("\n");
}

function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "text" && typeof inner === "string" ? [inner] : textsIn(inner),
  );
}

/** A form's values in the shape Slack gives them: block_id, action_id, then a field that depends on the control. */
function stateOf(
  view: SlackView,
  values: Readonly<Record<string, string | readonly string[]>>,
): object {
  return Object.fromEntries(
    Object.entries(values).map(([blockId, value]) => {
      const element = view.blocks.find((block) => block.block_id === blockId)?.element;
      assert.ok(element?.action_id, `the form has no field ${blockId}`);
      return [
        blockId,
        { [element.action_id]: { type: element.type, ...chosen(element.type, value) } },
      ];
    }),
  );
}

function chosen(type: string, value: string | readonly string[]): object {
  if (typeof value !== "string") return { selected_options: value.map((one) => ({ value: one })) };
  return type === "plain_text_input" || type === "number_input"
    ? { value }
    : { selected_option: { value } };
}

interface Page {
  stack(): readonly SlackView[];
  send(message: object): void;
  /** Runs an act and resolves with what the screen then shows: errors in the form, or any other change of forms. */
  answer(act: () => void): Promise<Submitted>;
  close(): void;
}

async function openPage(url: string): Promise<Page> {
  const socket = new WebSocket(`${url.replace("http:", "ws:")}/ui`);
  let stack: readonly SlackView[] = [];
  let waiting: ((submitted: Submitted) => void) | undefined;
  const opened = Promise.withResolvers<void>();
  socket.addEventListener("error", () => opened.reject(new Error(`no WebSocket at ${url}/ui`)));
  socket.addEventListener("message", ({ data }) => {
    const { success, data: event } = PageEvent.safeParse(JSON.parse(String(data)));
    // Of all that the page is told only forms matter here.
    if (!success) return;
    if (event.t === "view_errors") {
      waiting?.({ errors: event.errors });
      return;
    }
    stack = event.t === "init" ? event.state.modalStack : event.stack;
    if (event.t === "view") waiting?.({ accepted: true });
    opened.resolve();
  });
  await opened.promise;
  return {
    stack: () => stack,
    send: (message) => socket.send(JSON.stringify(message)),
    answer: async (act) => {
      const { promise, resolve, reject } = Promise.withResolvers<Submitted>();
      const timer = setTimeout(
        () => reject(new Error(`the form was not answered within ${PATIENCE_MS / 1000} s`)),
        PATIENCE_MS,
      );
      waiting = resolve;
      act();
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        waiting = undefined;
      }
    },
    close: () => socket.close(),
  };
}
