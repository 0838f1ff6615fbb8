/** The widget's own texts, and the shop's replacements for them. */

/** What the widget says by itself. A shop puts its own words over these with `window.deskhandTexts`. */
const ENGLISH = {
  title: "Support",
  automatic: "Answers are automatic. You can ask for a person.",
  launcher: "Chat with support",
  unread: "new messages: {count}",
  newMessage: "New message from support",
  close: "Close chat",
  end: "End chat",
  greeting: "Hello! How can we help? Ask about an order, a delivery or a return.",
  log: "Conversation",
  you: "You",
  us: "Support",
  field: "Your message",
  send: "Send",
  newTab: "opens in a new tab",
  sending: "Sending …",
  sent: "Sent",
  notSent: "Not sent.",
  retry: "Try again",
  offline: "You are offline. Your message goes out as soon as you are back.",
  serverAway: "Support cannot be reached right now. Your message is kept here.",
  signedOut: "You are no longer signed in. Sign in again first, or send it without.",
  identityAway: "We could not check who you are. Your message is kept here.",
  tooMany:
    "That was a lot at once. Please wait {seconds} seconds; your message is sent by itself then.",
  waiting: "Waiting for the answer …",
  working: "Your message is being read …",
  pending: "Waiting for a person",
  pendingMore: "The answer appears here, also when you close this window and come back.",
  escalated: "A person has been asked",
  escalatedMore: "The answer appears here, also when you close this window and come back.",
  failed: "That did not work here",
  failedMore: "A person has been told.",
  rateTitle: "How was this chat?",
  good: "Good",
  bad: "Not good",
  comment: "Anything you want to add? (optional)",
  rate: "Send rating",
  skip: "Skip",
  notRated: "Your rating could not be sent. Please try again.",
  back: "Back to the chat",
  thanks: "Thank you!",
  ended: "This chat has ended.",
  again: "Start a new chat",
};

/** The texts in use; what a shop gives is taken only where the widget has a text of that name. */
export function textsFrom(...given) {
  const texts = { ...ENGLISH };
  for (const [name, words] of given.flatMap((some) => Object.entries(some ?? {})))
    if (Object.hasOwn(ENGLISH, name) && typeof words === "string" && words !== "")
      texts[name] = words;
  return texts;
}
