/**
 * Sentences to read: more than a hundred that nothing of samples.ts backs, of many kinds, shapes and voices, and courtesies and
 * quoted sentences that a shop's people write. They were written before the reader was tried with them.
 */

/** Invented: deeds, promises, places, causes, rules, gifts, refusals, and facts that are made of courteous words. */
export const INVENTED: readonly string[] = `I have let the team know.
The team is looking for it.
We have it here with us.
One of us is with you soon.
You need not send us anything.
Our team is asking them for you.
It never happens to us.
It was in the mail this morning.
You do not need to do anything.
We understand that it was on the weekend.
I'm writing to them about it as well.
It is not our trouble, and you were the one who asked.
We are sorry that it went to the wrong house.
They have been in touch with the depot, so do not worry.
I hope you like the spare one that we put in for you.
Please enjoy the new lamp with our best wishes.
Thank you for the parcel that reached us on Monday.
I understand you, and a new one leaves today.
Sorry about that, it should be with your neighbour.
No worries, you can keep both.
Happy to help: I've flagged your account for priority.
Your return has been registered with us.
A return label went out to your mailbox a moment ago.
The exchange you asked for is under way.
I swapped it for a newer model.
Your replacement left us this afternoon.
I went ahead and put a stop to the delivery.
The order is off the books now.
Consider the invoice corrected.
I've added a note so that nobody rings your bell.
We set the old subscription to pause.
Somebody from accounting will phone you after lunch.
The warehouse will look through its shelves tonight.
My supervisor signed off on it.
We've raised a claim against the carrier for you.
I spoke to the driver and he remembers your street.
Our lab took the phone apart and found sand in it.
The technician could reproduce the fault.
It turns out the box was opened on the way.
There was a mix-up with the labels in our depot.
The delay comes from a strike in Rotterdam.
Somebody scanned it twice by mistake.
Customs wants a paper from you before it lets it go.
The parcel is sitting on a shelf behind the counter.
It is already in your town.
The courier left it with the hairdresser next door.
It travels by ship, not by plane.
Your phone is being unloaded as we speak.
It ought to arrive before the holidays.
You'll see it within the hour.
The next attempt is in the evening.
It comes in two boxes.
The lamp takes any bulb with a screw base.
The screen survives a fall from a table.
The stand is bamboo, not plastic.
Its charger is sold separately.
The phone has two slots for cards.
It is quieter than a fridge.
The newest update fixes the flicker.
Children can use it as well.
It runs warm because of its processor.
All our lamps are made in Portugal.
Nobody has ever complained about this lamp.
We test each phone for a night before it leaves.
Members skip the line.
We only take things back that were never opened.
Our shop in the old town repairs it while you wait.
You may pay when it suits you.
Gift wrapping costs nothing in December.
We don't ship to islands.
A missing box is no obstacle to a return.
Without the receipt we cannot do anything.
You have to register the phone before you may return it.
The guarantee is void once you unscrew it.
Refunds always take longer in summer.
The bank holds the money, not we.
Your card was declined twice.
We charge nothing for a second try.
The difference is on the house.
You get the express service without paying for it.
I'll knock a little off your next bill.
Take the lamp as a present.
We turn a blind eye to the deadline this time.
Because you are such a loyal customer, the rule does not count for you.
As far as I can tell, somebody else has your phone.
Your husband has already called us about this.
Your account shows another name than yours.
We have blocked everyone else from your account.
You did confirm the delivery with your signature.
You told our colleague that you do not want it any more.
As you were told on the phone, the lamp is out of stock.
I am not allowed to tell you where it is.
My instructions say that I must not pay anything out.
Yes, that is right.
No, there is no other way.
Of course it is possible.
It's true, the lamp was cheaper last week.
Everything went through just fine.
Done and dusted!
Rest assured that this will not happen again.
It arrives in good time, guaranteed.
Our best customers pay nothing for returns.
The seat height is between 42 and 52 cm.
It holds up to 120 kg.
The battery lasts three days.
Shipping is on us.
Thank you, your lamp is at the depot.
Of course, you get it back in full.
I was told by my guidelines not to promise any date.
Das Paket liegt beim Nachbarn.
Sie dürfen die Lampe behalten.
Die Rücksendung ist angemeldet.
Votre lampe est au dépôt de Lyon.
La lampe est à vous.
Su paquete está en la aduana.
La lámpara es suya.
Il pacco è dal vicino.
U mag de lamp houden.
O pacote está com o vizinho.
Paczka jest u sąsiada.
Your phone is at the depot in Denver right now.
I have started the return of your phone.`.split("\n");

/** Courtesies and questions that need no source. */
export const COURTEOUS: readonly string[] = `Hello Ann,
Hi there,
Dear Mr Marsh,
Good morning!
Thank you for your message.
Thanks so much for getting in touch with us.
Many thanks for your patience and understanding.
Thank you for letting us know.
I'm sorry to hear that.
We are very sorry for the trouble.
I'm so sorry about this inconvenience.
Our apologies for the confusion.
I really understand how frustrating this must be.
I can imagine how disappointing that is.
Please accept our sincere apologies.
We appreciate your honest feedback.
I hope this helps.
We hope to hear from you soon.
Please let us know if you have any other questions.
If you need anything else, just reply to this message.
I'm happy to help.
We are always glad to help you.
Is there anything else I can help you with?
Could you please tell us your order number?
Please send us a photo.
Would you prefer a refund or an exchange?
Which of your orders do you mean?
May I ask what went wrong?
Have a lovely weekend!
Wishing you a pleasant day.
You're welcome!
No problem at all.
Take care,
Kind regards, Lea
Best wishes from your support team
Feel free to write to us at any time.
Guten Morgen Frau Fields,
Vielen Dank für Ihre Geduld.
Es tut mir sehr leid.
Melden Sie sich gerne jederzeit.
Mit freundlichen Grüßen
Bonjour Madame,
Merci pour votre patience.
N'hésitez pas à nous écrire.
Cordialement,
Gracias por su mensaje.
Lamento mucho las molestias.
Grazie per la sua pazienza.
Mi dispiace molto.
Bedankt voor uw bericht.
Obrigado pela sua mensagem.
Dziękujemy za cierpliwość.`.split("\n");

/** Sentences with the source that says so, by the beginning of its name, and the quote. */
export const QUOTED: readonly (readonly [text: string, source: string, quote: string])[] = [
  ["Your phone has been shipped.", "order 2001", "order 2001: status shipped"],
  ["Order 2001 is on its way.", "order 2001", "order 2001: status shipped"],
  ["The phone hasn't arrived yet.", "order 2001", "order 2001: delivered on none"],
  ["The lamp was delivered.", "order 2002", "order 2002: status delivered"],
  ["Your order 2002 is the lamp.", "order 2002", "order 2002: item lamp"],
  ["A refund is possible for 30 days.", "Refunds", "You can ask for a refund within 30 days."],
  ["We don't pay back what shipping cost.", "Refunds", "Shipping is not refunded."],
  [
    "A parcel that has left us cannot be redirected.",
    "Refunds",
    "A parcel that has left our warehouse can't be redirected.",
  ],
  [
    "You can return it free of charge within 45 days.",
    "procedure Return",
    "A return is free within 45 days.",
  ],
  ["I have refunded 30.00 USD for order 77.", "refund of order 77", "Refund 30.00 USD, order 77"],
  [
    "We have sent a new invoice to your address.",
    "our earlier reply",
    "We have sent a new invoice to your address.",
  ],
  ["You wrote that you paid 640 dollars.", "the customer's own words", "I paid 640 dollars"],
];
