/** Pages with the chat on them, all over one Deskhand: its own demo page, and a shop of another origin. */
import { startBrowser } from "#test/support/browser.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { chatOn, type Chat } from "./chat-window.ts";
import { startEmbeddingShop } from "./embedding-shop.ts";

const DESKTOP = { width: 1280, height: 800 };

/** What is done on a page; `problems` is what the browser complained about until then. */
type Visit = (chat: Chat, problems: readonly string[]) => Promise<void>;

/** Each page has cookies and storage of its own, and is closed when the visit is over. */
export interface ChatPages {
  readonly deskhand: Deskhand;
  /** The demo page, as one of its sample customers or as an unknown visitor. */
  open(as: "Ann" | "Bob" | "", visit: Visit): Promise<void>;
  /** A shop of another origin, with Cara signed in. */
  openForeign(visit: Visit): Promise<void>;
  close(): Promise<void>;
}

/** Starts all of it. */
export async function startChatPages(): Promise<ChatPages> {
  const shop = await startEmbeddingShop();
  const [deskhand, browser] = await Promise.all([
    startDeskhand({ environment: { CHAT_ORIGINS: shop.origin } }),
    startBrowser(),
  ]);
  shop.embed(deskhand.endpoints.app.url, () => deskhand.chatToken("u789"));

  async function openAt(url: string, as: string | null, visit: Visit): Promise<void> {
    const { page, problems } = await browser.openPage(url, DESKTOP);
    try {
      if (as !== null) await page.getByRole("button", { name: as || "guest", exact: true }).click();
      await visit(chatOn(page), problems);
    } finally {
      await page.context().close();
    }
  }

  return {
    deskhand,
    open: (as, visit) => openAt(`${deskhand.endpoints.app.url}/chat`, as, visit),
    openForeign: (visit) => openAt(`${shop.origin}/`, null, visit),
    async close() {
      await browser.close();
      await shop.close();
      await deskhand.destroy();
    },
  };
}
