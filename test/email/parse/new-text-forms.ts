/** What mail programs put between the answer and what is answered, in the forms and languages they ship. */

/** The program and language, and the lines that name who wrote what follows; "⏎" is a line's end. */
export const ATTRIBUTIONS = formsIn(`
Gmail, English := On Tue, Feb 4, 2025 at 10:12 AM Dana Poe <dana@poe.test> wrote:
Gmail, wrapped in the address := On Tue, Feb 4, 2025 at 10:12 AM Dana Poe < ⏎ dana@poe.test> wrote:
Gmail, three lines := On Tue, Feb 4, 2025 at 10:12 AM Dana Poe via Shop ⏎ <dana@poe.test> ⏎ wrote:
Gmail with a zone := On Tue, Feb 4, 2025 at 10:12 AM -0800, "Dana Poe" <dana@poe.test> wrote:
Gmail, slashes := 2025/2/4 Dana Poe <dana@poe.test>
Apple Mail := On Feb 4, 2025, at 10:12 AM, Dana Poe <dana@poe.test> wrote:
Apple Mail without an address := On 4 Feb 2025, at 10:12, Dana Poe wrote:
Thunderbird, British := On 04/02/2025 10:12, Dana Poe wrote:
Evolution := On Tue, 2025-02-04 at 10:12 +0100, Dana Poe wrote:
Outlook for Mac with a link := On 2/4/25, 10:12 AM, "Dana Poe" <dana@poe.test<mailto:dana@poe.test>> wrote:
Yahoo, older := --- On Tue, 4/2/25, Dana Poe <dana@poe.test> wrote:
Zoho := ---- On Tue, 04 Feb 2025 10:12:31 +0100 Dana Poe <dana@poe.test> wrote ----
Android := ---- Dana Poe wrote ----
ProtonMail := On Tuesday, February 4th, 2025 at 10:12 AM, Dana Poe <dana@poe.test> wrote:
ProtonMail, newer := ------- Original Message ------- ⏎ On Tuesday, February 4th, 2025 at 10:12 AM, Dana Poe <dana@poe.test> wrote:
Fastmail := On Tue, Feb 4, 2025, at 10:12, Dana Poe wrote:
Front := On February 4, 2025 at 10:12 AM GMT+1 dana@poe.test wrote:
KMail := On Tuesday 04 February 2025 10:12:31 Dana Poe wrote:
Gnus := Dana Poe <dana@poe.test> writes:
Polymail := On Tue, Feb 4, 2025 at 10:12 AM Dana Poe ⏎  ⏎ < ⏎ mailto:Dana Poe <dana@poe.test> ⏎ > wrote:
a list's form := At 10:12 AM 2/4/2025, Dana Poe wrote:
Lotus Notes := Dana Poe <dana@poe.test> wrote on 02/04/2025 10:12:31 AM:
German Gmail := Am Di., 4. Feb. 2025 um 10:12 Uhr schrieb Dana Poe <dana@poe.test>:
German Gmail, newer, wrapped := Dana Poe <dana@poe.test> schrieb am Di., 4. Feb. 2025 um ⏎ 10:12 Uhr:
German Thunderbird := Am 04.02.25 um 10:12 schrieb Dana Poe:
German with a quoted name := Am 04.02.2025 10:12 schrieb "Dana Poe" <dana@poe.test>:
German, Outlook for Mac := Von: Dana Poe <dana@poe.test> ⏎ Datum: Dienstag, 4. Februar 2025 um 10:12 ⏎ An: Ann Cole <ann@cole.test> ⏎ Betreff: Hut
French Gmail, wrapped := Le mar. 4 févr. 2025 à 10:12, Dana Poe <dana@poe.test> a ⏎ écrit :
French Thunderbird := Le 04/02/2025 à 10:12, Dana Poe a écrit :
Spanish Gmail := El mar, 4 feb 2025 a las 10:12, Dana Poe (<dana@poe.test>) escribió:
Spanish Thunderbird := El 04/02/2025 a las 10:12, Dana Poe escribió:
Catalan := El dia 4 febr. 2025 10:12, Dana Poe <dana@poe.test> va escriure:
Italian Apple Mail := Il giorno 4 feb 2025, alle ore 10:12, Dana Poe <dana@poe.test> ha scritto:
Italian Gmail, wrapped := Il giorno mar 4 feb 2025 alle ore 10:12 Dana Poe <dana@poe.test> ha ⏎ scritto:
Portuguese with brackets := Em 4 de fevereiro de 2025 10:12, Dana Poe (dana@poe.test) escreveu:
Portuguese Apple Mail := No dia 4 de fev. de 2025, às 10:12, Dana Poe <dana@poe.test> escreveu:
Dutch Apple Mail := Op 4 feb. 2025, om 10:12 heeft Dana Poe <dana@poe.test> het volgende geschreven:
Dutch Gmail := Op di 4 feb 2025 om 10:12 schreef Dana Poe <dana@poe.test>:
Dutch Thunderbird := Op 04-02-2025 om 10:12 schreef Dana Poe:
Polish Gmail := wt., 4 lut 2025 o 10:12 Dana Poe <dana@poe.test> napisał(a):
Polish Gmail, older := W dniu 4 lutego 2025 10:12 użytkownik Dana Poe <dana@poe.test> ⏎ napisał:
Polish Apple Mail := Wiadomość napisana przez Dana Poe <dana@poe.test> w dniu 4 lut 2025, o godz. 10:12:
Russian Gmail := вт, 4 февр. 2025 г. в 10:12, Dana Poe <dana@poe.test>:
Russian Gmail, wrapped := 4 февраля 2025 г., 10:12 пользователь Dana Poe < ⏎ dana@poe.test> написал:
Russian Thunderbird := 04.02.2025 10:12, Dana Poe пишет:
Russian Yandex := 04.02.2025, 10:12, "Dana Poe" <dana@poe.test>:
Ukrainian Gmail, older := 4 лютого 2025 р. 10:12 Dana Poe <dana@poe.test> написав:
Bulgarian Gmail := На вт, 4.02.2025 г. в 10:12 Dana Poe <dana@poe.test> написа:
Swedish Apple Mail := 4 feb. 2025 kl. 10:12 skrev Dana Poe <dana@poe.test>:
Danish Gmail := Den tirs. 4. feb. 2025 kl. 10.12 skrev Dana Poe <dana@poe.test>:
Norwegian Gmail := tir. 4. feb. 2025 kl. 10:12 skrev Dana Poe <dana@poe.test>:
Finnish Gmail := ti 4. helmik. 2025 klo 10.12 Dana Poe (dana@poe.test) kirjoitti:
Czech Gmail := út 4. 2. 2025 v 10:12 odesílatel Dana Poe <dana@poe.test> napsal:
Slovak Gmail := ut 4. 2. 2025 o 10:12 Dana Poe <dana@poe.test> napísal(a):
Hungarian Apple Mail := 2025. 02. 04. dátummal, 10:12 időpontban Dana Poe <dana@poe.test> írta:
Romanian with a preposition := Pe 4 feb. 2025, la 10:12, Dana Poe <dana@poe.test> a scris:
Turkish Gmail := Dana Poe <dana@poe.test>, 4 Şub 2025 Sal, 10:12 tarihinde şunu yazdı:
Turkish Gmail, older := 4 Şubat 2025 Salı 10:12 tarihinde Dana Poe <dana@poe.test> yazdı:
Vietnamese Gmail := Vào Th 3, 4 thg 2, 2025 vào lúc 10:12 Dana Poe <dana@poe.test> đã viết:
Indonesian Gmail := Pada tanggal Sel, 4 Feb 2025 pukul 10.12 Dana Poe <dana@poe.test> menulis:
Japanese Apple Mail := 2025/02/04 10:12、Dana Poe <dana@poe.test>のメール:
Japanese Gmail := 2025年2月4日(火) 10:12 Dana Poe <dana@poe.test>:
Japanese Gmail, older := 2025年2月4日 10:12 Dana Poe <dana@poe.test>:
Chinese Gmail, traditional := Dana Poe <dana@poe.test> 於 2025年2月4日 週二 上午10:12寫道：
Chinese NetEase := 在 2025-02-04 10:12:31，"Dana Poe" <dana@poe.test> 写道：
Korean Gmail := 2025년 2월 4일 (화) 오전 10:12, Dana Poe <dana@poe.test>님이 작성:
Hebrew Gmail := בתאריך יום ג׳, 4 בפבר׳ 2025 ב-10:12 מאת Dana Poe <dana@poe.test>:
`);

/** Blocks of header fields that stand above what is answered. */
export const HEADER_BLOCKS = formsIn(`
Outlook := From: Dana Poe <dana@poe.test> ⏎ Sent: Tuesday, February 4, 2025 10:12 AM ⏎ To: Ann Cole ⏎ Subject: RE: Hat
Outlook, bold := *From:* Dana Poe <dana@poe.test> ⏎ *Sent:* Tuesday, February 4, 2025 10:12 AM ⏎ *To:* Ann Cole ⏎ *Subject:* RE: Hat
Outlook, bold by two asterisks := **From:** Dana Poe <dana@poe.test> ⏎ **Sent:** Tuesday, February 4, 2025 ⏎ **To:** Ann Cole ⏎ **Subject:** RE: Hat
dashes above := ----------------------------------- ⏎ From: Dana Poe <dana@poe.test> ⏎ Sent: Tuesday, February 4, 2025 10:12 AM ⏎ To: Ann Cole ⏎ Subject: RE: Hat
Apple Mail := From: Dana Poe <dana@poe.test> ⏎ Subject: Hat ⏎ Date: 4 February 2025 at 10:12:31 CET ⏎ To: Ann Cole <ann@cole.test>
Hotmail, date first := Date: Tue, 4 Feb 2025 10:12:31 +0000 ⏎ From: dana@poe.test ⏎ To: ann@cole.test ⏎ Subject: Hat
fields on one line := From: Dana Poe <dana@poe.test> Sent: Tuesday, February 4, 2025 10:12 AM To: Ann Cole Subject: RE: Hat
no space after the colons := From:Dana Poe <dana@poe.test> ⏎ Date:Tue, Feb 4, 2025 at 10:12 ⏎ Subject:Hat ⏎ To:Ann Cole
German Outlook := Von: Dana Poe <dana@poe.test> ⏎ Gesendet: Dienstag, 4. Februar 2025 10:12 ⏎ An: Ann Cole ⏎ Cc: Ed ⏎ Betreff: AW: Hut
German original := -----Ursprüngliche Nachricht----- ⏎ Von: Dana Poe ⏎ Gesendet: Dienstag, 4. Februar 2025 10:12 ⏎ An: Ann Cole ⏎ Betreff: Hut
French Outlook := De : Dana Poe <dana@poe.test> ⏎ Envoyé : mardi 4 février 2025 10:12 ⏎ À : Ann Cole ⏎ Objet : RE: Chapeau
French Outlook, no accents := De: Dana Poe <dana@poe.test> ⏎ Envoye: mardi 4 fevrier 2025 10:12 ⏎ A: Ann Cole ⏎ Objet: RE: Chapeau
Spanish Outlook := De: Dana Poe <dana@poe.test> ⏎ Enviado: martes, 4 de febrero de 2025 10:12 ⏎ Para: Ann Cole ⏎ Asunto: RE: Sombrero
Italian Outlook := Da: Dana Poe <dana@poe.test> ⏎ Inviato: martedì 4 febbraio 2025 10:12 ⏎ A: Ann Cole ⏎ Oggetto: R: Cappello
Portuguese Outlook := De: Dana Poe <dana@poe.test> ⏎ Enviada em: terça-feira, 4 de fevereiro de 2025 10:12 ⏎ Para: Ann Cole ⏎ Assunto: RES: Chapéu
Dutch Outlook := Van: Dana Poe <dana@poe.test> ⏎ Verzonden: dinsdag 4 februari 2025 10:12 ⏎ Aan: Ann Cole ⏎ Onderwerp: RE: Hoed
Polish Outlook := Od: Dana Poe <dana@poe.test> ⏎ Wysłano: wtorek, 4 lutego 2025 10:12 ⏎ Do: Ann Cole ⏎ Temat: RE: Kapelusz
Swedish Outlook := Från: Dana Poe <dana@poe.test> ⏎ Skickat: den 4 februari 2025 10:12 ⏎ Till: Ann Cole ⏎ Ämne: SV: Hatt
Norwegian Outlook := Fra: Dana Poe <dana@poe.test> ⏎ Dato: tirsdag 4. februar 2025 10:12 ⏎ Til: Ann Cole ⏎ Emne: SV: Hatt
Russian Outlook := От: Dana Poe <dana@poe.test> ⏎ Отправлено: 4 февраля 2025 г. 10:12 ⏎ Кому: Ann Cole ⏎ Тема: RE: Шляпа
Ukrainian Outlook := Від: Dana Poe <dana@poe.test> ⏎ Надіслано: 4 лютого 2025 р. 10:12 ⏎ Кому: Ann Cole ⏎ Тема: RE: Капелюх
Slovak Outlook := Od: Dana Poe <dana@poe.test> ⏎ Odoslané: utorok 4. februára 2025 10:12 ⏎ Komu: Ann Cole ⏎ Predmet: RE: Klobúk
Turkish Outlook := Kimden: Dana Poe <dana@poe.test> ⏎ Gönderildi: 4 Şubat 2025 Salı 10:12 ⏎ Kime: Ann Cole ⏎ Konu: YNT: Şapka
Romanian Outlook := De la: Dana Poe <dana@poe.test> ⏎ Trimis: marți, 4 februarie 2025 10:12 ⏎ Către: Ann Cole ⏎ Subiect: RE: Pălărie
Vietnamese := Từ: Dana Poe <dana@poe.test> ⏎ Ngày: 4 tháng 2, 2025 ⏎ Đến: Ann Cole ⏎ Chủ đề: Mũ
Chinese Outlook := 发件人: Dana Poe <dana@poe.test> ⏎ 发送时间: 2025年2月4日 10:12 ⏎ 收件人: Ann Cole ⏎ 主题: 答复: 帽子
Chinese, traditional := 寄件者: Dana Poe <dana@poe.test> ⏎ 寄件日期: 2025年2月4日 上午 10:12 ⏎ 收件者: Ann Cole ⏎ 主旨: RE: 帽子
Arabic Outlook := من: Dana Poe <dana@poe.test> ⏎ تم الإرسال: 4 فبراير 2025 ⏎ إلى: Ann Cole ⏎ الموضوع: قبعة
`);

function formsIn(list: string): readonly (readonly [string, string])[] {
  return list
    .trim()
    .split("\n")
    .map((row) => {
      const [name = "", form = ""] = row.split(" := ");
      return [name, form.replaceAll(/ ?⏎ ?/g, "\n").replaceAll("⇥", "\t")];
    });
}
