/**
 * The words mail programs put around what they quote, in the languages they ship: verbs of attributions, labels of
 * header fields, marks of originals and forwards. Only lists; what they mean together stands in `quote-markers.ts`.
 */

/** Verbs that stand right before the colon of "… wrote:". */
export const FINAL_VERBS = [
  "wrote|writes|said|schrieb|schreibt|geschrieben|a (?:é|e\u0301)crit|va escriure|escribi(?:ó|o\u0301)|ha scritto",
  "escreveu|skrev|skrifaði|schreef|geschreven|napisa(?:ł|l)\\S{0,4}|pisze|napsal\\S{0,3}|nap(?:í|i)sal\\S{0,3}",
  "писал\\S{0,4}|написал\\S{0,4}|пишет|пише|написа|написав|написала|написано|kirjoitti|yazd(?:ı|i)\\S{0,3}",
  "(?:đã )?viết|a scris|írta|έγραψε|menulis|napisao(?: je)?|je napisao|је написао|napisala je|rakstīja|rašė|kirjutas",
  "写道|寫道|のメール|さんは書きました|님이 작성|작성|께서 작성|כתב\\S{0,3}|كتب\\S{0,2}|नें लिखा|ने लिखा|เขียนว่า",
].join("|");

/** Verbs behind which the name or the date of the writer may stand. */
export const MIDDLE_VERBS = [
  "wrote|schrieb|schreef|skrev|kirjoitti|escreveu|escribió|scrisse|a écrit|napisał\\S{0,4}|napisana przez|yazdı\\S{0,3}",
  "írta|heeft|odesílatel|пользователь|користувач|użytkownik|מאת|于|於|από|ezt írta",
].join("|");

/** Who speaks of themselves is telling something, not quoting. */
export const FIRST_OR_SECOND_PERSON =
  /(?:^|[\s,;])(?:I|[Ww]e|[Yy]ou|ich|wir|mir|uns|Ihnen|Sie|[Jj]['’]ai|[Nn]ous|[Vv]ous|yo|nosotros|me|te|io|ho|avete|eu|nós|ik|wij|jij|u|jag|jeg|du|vi|minä|ja|my|я|мы|вы)\s/u;

/** How an attribution may start: a preposition of date, or the date itself. */
export const OPENER =
  /^[-‐=\s]{0,8}(?:(?:on|at|le|el|il|em|no dia|am|op|den|dne|dnia|w dniu|wiadomość|vào|pe|na|pada|tarihinde|στις|в|у|на|от|på|în|בתאריך|في)\s|于|於|在|\d{1,4}[./年-]|\d{1,2}[. ]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,)/iu;

/** How it starts in no other place of a sentence: what stands above such a line is none. */
export const SURE_OPENER =
  /^(?:On|At|Le|El|Il|Em|No dia|Am|Op|Den|Dne|Dnia|W dniu|Vào|Pe|Pada|Στις|На|På|În) .{0,30}\d/u;

/** Labels of the field that says who wrote. */
export const SENDER_LABELS =
  "from|von|de|da|van|od|från|fra|frá|lähettäjä|feladó|gönderen|kimden|от|від|од|από|发件人|發件人|寄件者|寄件人|差出人|送信者|보낸 사람|odesílatel|odosielateľ|expediteur|expéditeur|remitente|mittente|message du|expeditor|de la|pošiljatelj|saatja|no|nuo|מאת|من|từ|người gửi|dari";

/** Labels of the subject. */
export const SUBJECT_LABELS =
  "subject|betreff|objet|asunto|assunto|assumpte|oggetto|onderwerp|temat|ämne|emne|aihe|тема|主题|主題|主旨|件名|제목|konu|předmět|predmet|tárgy|subiect|θέμα|chủ đề|נושא|الموضوع|subjek";

/** Labels of the field that says when the mail was sent. */
export const SENT_LABELS =
  "sent|gesendet|envoyé|envoye|envoyé le|enviado|enviado el|enviada em|inviato|verzonden|verzonden op|wysłano|wysłane|skickat|sendt|lähetetty|отправлено|надіслано|дата отправки|发送时间|發送時間|寄件日期|日期|送信日時|보낸 날짜|gönderilen|gönderildi|odesláno|odoslané|küldve|elküldve|trimis|στάλθηκε|αποστολή|đã gửi|נשלח|تم الإرسال|terkirim";

/** Labels of the other fields. */
export const OTHER_LABELS =
  "date|to|cc|bcc|reply-to|importance|attachments?|datum|an|kopie|antwort an|wichtigkeit|anlagen|à|a|copie à|cc à|répondre à|pièces jointes|fecha|para|data|responder a|per a|aan|dw|do|kopia|till|til|dato|kopi|vastaanottaja|päiväys|kopio|дата|кому|копия|копія|收件人|收件者|抄送|副本|日付|宛先|받는 사람|참조|날짜|kime|tarih|alıcı|bilgi|komu|címzett|dátum|másolat|către|dată|προς|ημερομηνία|κοιν|ngày|tới|đến|gửi|אל|תאריך|إلى|التاريخ|kepada|tanggal";

/** "Original message". */
export const ORIGINAL =
  /original (?:message|appointment)|message d['’]origine|message original|mensaje original|missatge original|mensagem original|messaggio originale|ursprüngliche (?:nachricht|e-?mail|termin)|originalnachricht|original-nachricht|oorspronkelijk (?:bericht|e-mail)|oprindelig (?:meddelelse|besked|mail)|ursprungligt meddelande|originalmeddelande|opprinnelig (?:melding|e-post)|upphafleg skilaboð|alkuperäinen (?:viesti|sähköposti)|oryginalna wiadomo|wiadomość oryginalna|původní (?:zpráva|e-?mail)|pôvodná správa|izvorna poruka|originalna poruka|исходное (?:сообщение|письмо)|(?:пересланное|оригинальное) сообщение|оригінальне повідомлення|вихідне повідомлення|оригинално съобщение|eredeti üzenet|mesaj(?:ul)? (?:original|iniţial)|(?:orijinal|özgün) (?:[iİ]leti|mesaj)|αρχικό μήνυμα|tin nhắn gốc|thư gốc|pesan asli|邮件原件|原始邮件|原始郵件|原始信件|元のメッセージ|元メッセージ|original message|원본 메시지|원본메시지|הודעה מקורית|الرسالة الأصلية|reply message|(?:reply|answer|respond|antwort).{0,20} above this line|above this line/iu;

/** "Forwarded message". */
export const FORWARDED =
  /forwarded (?:message|by|email|mail)|weitergeleitete (?:nachricht|e-?mail)|message (?:transféré|réexpédié|transmis)|mensaje (?:reenviado|remitido)|missatge reenviat|mensagem (?:encaminhada|reencaminhada)|messaggio (?:inoltrato|inoltro)|doorgestuurd bericht|vidarebefordrat|videresendt|áframsend|välitetty viesti|edelleenlähetetty|przekazan[ay] (?:wiadomo|dalej)|wiadomość przekazana|přeposlaná zpráva|preposlaná správa|proslijeđena poruka|пересылаемое (?:сообщение|письмо)|перенаправлен[^\s]{1,3} (?:сообщение|письмо)|(?:перенаправлене|переслане) повідомлення|препратено съобщение|yönlendirilmiş [iİ]leti|[iİ]letilen (?:[iİ]leti|mesaj)|mesaj redirec[țţ]ionat|továbbított üzenet|προωθημένο μήνυμα|thư được chuyển tiếp|pesan yang diteruskan|转发(?:的)?邮件|轉寄(?:的)?郵件|轉寄信件|転送(?:された)?メッセージ|전달된 메시지|הודעה שהועברה|رسالة محولة/iu;

/** Apple Mail's line above a forwarded mail, which has no dashes. */
export const FORWARD_SENTENCE =
  /^[\s*]{0,4}(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado|inizio (?:del )?messaggio inoltrato|início da mensagem (?:re)?encaminhada|begin doorgestuurd bericht|vidarebefordrat brev|start på videresendt besked|videresendt melding|początek przekazywanej wiadomości|začátek přeposílané zprávy|начало переадресованного (?:сообщения|письма)|välitetty viesti alkaa|iletilen mesajın başlangıcı|下面是被转发的邮件|以下是轉寄的郵件|転送されたメッセージ)\s?\*{0,2}[:：]\s?\*{0,2}\s*$/iu;
