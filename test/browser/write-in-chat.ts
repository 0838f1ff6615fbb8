import type { Page } from "playwright-core";

/** Opens the chat if it is closed, sends a message, and waits until it stands there as sent. */
export async function write(chat: Page, text: string): Promise<void> {
  const field = chat.getByLabel("Your message");
  if (!(await field.isVisible()))
    await chat.getByRole("button", { name: "Chat with support" }).click();
  await field.fill(text);
  await chat.getByRole("button", { name: "Send" }).click();
  await chat.locator("deskhand-chat li.me", { hasText: text }).waitFor();
}
