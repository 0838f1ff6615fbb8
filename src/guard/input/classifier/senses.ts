/**
 * Words by what they do in a sentence, in twelve languages: whom it speaks to, what it wants forgotten, shown, sent or
 * kept quiet, and what customers talk about. They are evidence for the classifier, which has learnt what each sense is
 * worth alone, beside others and in which order; no word decides anything by itself.
 */

/** One sense. A word with `*` stands for all words that begin so; signs of scripts without spaces are found anywhere. */
interface Sense {
  readonly name: string;
  readonly words: string;
}

/** All senses; a word of two senses has that of the first in sequences, and both as marks. */
export const SENSES: readonly Sense[] = [
  {
    name: "assistant",
    words:
      "ai assistant* chatbot* bot bots gpt* chatgpt openai claude llm llms copilot model models robot* machine machines algorithm* automation automat* summariser* summarizer* program ki sprachmodell* assistent* roboter maschine ia asistente* modelo* modele modello máquina* machina ассистент* бот бота нейросет* модел* помощник* робот* машин* asystent* maszyn* yapay asistan* makine* مساعد* المساعد* الذكاء نموذج الروبوت 助手 机器人 人工智能 模型 智能体 アシスタント",
  },
  {
    name: "forget",
    words:
      "ignor* disregard* forget* forgot override* overrul* bypass* discard* neglect* dismiss* circumvent* erase wipe scrap void invalidat* supersed* abandon* skip* overlook* evade* sidestep* unlearn drop cease vergiss* vergesst vergessen missacht* missachte* umgeh* übergeh* hinweg verwirf verwerf* oublie* oubliez passe-outre contourn* olvid* omit* desobed* salta* ignora* descarta* dimentic* scord* trascur* esquec* esqueça desconsider* vergeet negeer* omzeil* zapomn* zignoruj* pomiń pomija* zlekceważ* obejdź игнорир* проигнор* забудь* забыть отбрось* обойди* отмени* unut* yoksay* gözardı atla* تجاهل* انس انسى تخطى تجاوز 忽略 无视 忘记 忘掉 跳过 绕过 抛开 無視 忘れ",
  },
  {
    name: "instructions",
    words:
      "instruct* directive* guideline* rule rules rulebook programming polic* briefing brief orders command commands mandate* protocol* procedure* playbook* anweisung* regeln regelwerk richtlinie* vorgabe* vorschrift* befehl* consigne* règle* instruction* ordre ordres regla* instruccion* órdenes directriz directrices istruzion* regole regola direttiv* instruçõe* instruç* regra* ordens diretriz* regras instructies regels richtlijn* opdracht* instrukcj* polecen* zasad* wytyczn* инструкц* правил* указан* директив* распоряжен* talimat* kural* yönerge* komut* تعليمات* التعليمات القواعد الأوامر توجيهات* 指令 指示 规则 规定 准则 要求 ルール",
  },
  {
    name: "limits",
    words:
      "restriction* limitation* constraint* safeguard* guardrail* filter* filters censor* safety ethic* moral* boundar* limits shackl* moderation principle* compliance beschränkung* einschränkung* grenzen filtern sicherheits* zensur restriction* limites filtres garde-fou* morale restriccion* límites filtros ética censura limiti restrizion* filtri restriç* beperking* grenzen filters ogranicze* filtr* cenzur* этик* ограничен* фильтр* цензур* kısıtlama* sınır* filtre* sansür* قيود القيود الحدود فلاتر 限制 过滤 审查 约束 道德 安全",
  },
  {
    name: "prompt",
    words:
      "prompt* systemprompt* systemnachricht* preamble* context preset* persona setup configuration* config settings-text onboarding primer system-message sysprompt startup initiali* vorspann kontext* systemanweisung* grundeinstellung* contexte préambule invite contexto preámbulo contesto preambolo preâmbulo systeemprompt systeembericht kontekst* подсказк* промпт* системн* контекст* istem* bağlam* الموجه السياق 提示词 提示 上下文 设定 配置 プロンプト",
  },
  {
    name: "system",
    words:
      "system* sudo root debug* override kernel maintenance terminal shell console backend systeem* système* sistema* wartung* systemu systemow* системы sistem* maintenance mantenimiento manutenzione onderhoud bakım обслуживан* النظام نظام 系统 维护 调试 後台 システム",
  },
  {
    name: "staff",
    words:
      "admin administrator* developer* engineer* programmer* creator* owner operator* ceo cto supervisor* manager* management employee* staff colleague* headquarters boss director auditor* chef geschäftsführ* entwickler* mitarbeiter* betreiber* vorgesetzt* administrateur* développeur* direction employé* responsable administrador* desarrollador* empleado* gerente jefe amministrator* sviluppator* dipendente* capo gestore desenvolvedor* funcionário* chefe beheerder* ontwikkelaar* medewerker* leidinggevende programist* pracownik* kierowni* właściciel* operatora администратор* разработчик* сотрудник* начальник* директор* руковод* yönetici* geliştirici* çalışan* müdür* المطور المدير مسؤول موظف الموظفين 管理员 开发者 开发人员 员工 工程师 经理 老板",
  },
  {
    name: "before",
    words:
      "previous* prior above preceding earlier foregoing initial original former before beforehand top bisherig* vorherig* obig* vorig* ursprünglich* vorher zuvor précéden* antérieur* initial* avant ci-dessus anterior* previ* inicial* arriba antes preceden* sopra iniziali prima acima eerder* vorige bovenstaand* oorspronkelijk* poprzedni* wcześniejsz* powyższ* początkow* предыдущ* прежн* выше ранее начальн* önceki yukarıda* başlangıç* السابقة السابق أعلاه قبل الأصلية 之前 以前 上述 以上 上面 先前 前面 原来",
  },
  {
    name: "exact",
    words:
      "verbatim exact* literally literal word-for-word full fully complete completely entire entirely whole raw unedited unabridged unchanged wörtlich* wortgetreu vollständig* komplett* textuellement intégral* exactement entier complet mot-à-mot textualmente literal* completo completa integral* exactamente entero letteral* parola intero integralmente literalmente inteiro integralmente letterlijk* volledig* compleet dosłownie całość całą pełn* dokładnie дословно полностью целиком точно полный буквально kelimesi tamamını aynen eksiksiz harfiyen حرفيا بالكامل كاملة كامل 原文 完整 逐字 全文 一字不差 全部",
  },
  {
    name: "show",
    words:
      "reveal* print* repeat* output* display* leak* dump* expose* recite* disclos* translat* encode* summar* spell* copy paste quote* share list lists tell divulge* echo transcrib* enumerate rephrase paraphras* spit regurgitate uncover restate reproduce zeig* wiederhol* verrat* nenne* gib ausgeben liste* zitier* kopier* teile offenbar* offenleg* révèl* affich* répèt* montre* dévoil* cite* récit* recopie* muestr* muéstr* revel* repit* mostr* imprim* enumer* copia* cita* dime dame ripet* stampa repet* elenca* rivel* incolla exib* copie cole liste toon herhaal onthul noem geef opsommen kopieer pokaż* ujawni* powtórz* wypisz* podaj wymień skopiuj* zacytuj* покаж* повтор* раскро* выведи* назови* перечисл* скопир* процитир* göster* tekrarla* açıkla* listele* kopyala* yazdır* اعرض أظهر اكشف كرر اسرد انسخ اطبع أعطني 显示 重复 输出 泄露 告诉 列出 复制 展示 念出 打印 表示 繰り返",
  },
  {
    name: "answer",
    words:
      "respond* reply replies answer* response* say says write append* add include* insert* embed* mention* conclude sign attach phrase antwort* schreib* füge sag sage erwähn* répon* réponds écri* ajout* dis mentionn* insère* respond* escrib* añad* di menciona* incluye* rispond* scriv* aggiung* dici inserisc* escrev* adicion* diga inclua antwoord* schrijf voeg zeg odpowiedz* odpowiadaj napisz* dodaj* powiedz wstaw* ответ* отвеча* напиш* добав* скажи* встав* cevap* yanıt* yaz ekle söyle أجب اكتب أضف قل رد 回复 回答 写 添加 返信 加上 说",
  },
  {
    name: "role",
    words:
      "pretend* roleplay* role act acting simulat* imagin* character impersonat* become emulat* hypothetical* alter-ego behave rolle tust benimm verhalte spiel spiele joue jouer rôle incarne imagine* fais-toi actúa actua finge finja comporta* ruolo fingi interpreta* papel aja atue interprete doe gedraag speel rol udawaj wciel zachowuj wyobraź odegraj притвор* роль веди представь сыграй* rol* davran* canlandır* تظاهر تصرف دور تخيل 扮演 假装 角色 假设 想象 ふり",
  },
  {
    name: "mode",
    words:
      "mode modes modus jailbreak* jailbroken dan unrestricted unfiltered uncensored uncensor* unlimited unethical amoral immoral evil freed unbound unleashed god-mode sandbox modo modalità trybi* trybu tryb режим* mod modu moduna وضع الوضع 模式 越狱",
  },
  {
    name: "now",
    words:
      "now henceforth onwards onward instead immediately anymore longer ab jetzt fortan stattdessen sofort désormais maintenant dorénavant immédiatement ahora adelante inmediatamente adesso d'ora immediatamente poi agora diante nu voortaan onmiddellijk teraz odtąd natychmiast отныне теперь сейчас немедленно artık şimdi bundan hemen الآن فورا 现在 从现在 今后 立即 马上",
  },
  {
    name: "you",
    words:
      "you your you're yourself yours u du dein* dich dir ihr* euch tu tes ton toi te votre vos vous tus vos usted ti tuoi tuo tua você seu seus sua suas jij jouw jullie je ty twoj* twój* ci cię ты тебя твои твой вам вас ваши вы тебе sen senin sana size sizin أنت لك عليك 你 您 你的 你们 あなた",
  },
  {
    name: "secret",
    words:
      "password* passphrase* secret* confidential* credential* token* apikey canary key keys internal private sensitive hidden passcode code passwor* geheim* kennwor* passwörter intern* vertraulich* zugangsdaten confidentiel* secr* clé identifiants contraseñ* secret* clave* interno* interna* confidencia* parola* segret* chiave riservat* senha* segred* chave wachtwoord* sleutel vertrouwelijk* hasł* tajn* poufn* wewnętrzn* klucz* парол* секрет* ключ* конфиденц* внутренн* şifre* gizli* parola* anahtar* سر كلمة سري السرية مفتاح داخلية 密码 秘密 密钥 口令 机密 内部 パスワード",
  },
  {
    name: "quiet",
    words:
      "silently secretly quietly covertly invisible undetected unnoticed discreetly stealth* unseen behind heimlich unbemerkt unauffällig stillschweigend discrètement secrètement silencieusement secretamente discretamente silencio segretamente silenziosa* stiekem stilletjes potajemnie dyskretnie cicho тайно незаметно молча скрытно gizlice sessizce fark سرا بصمت خفية 秘密地 悄悄 偷偷 暗中 不要告诉",
  },
  {
    name: "reader",
    words:
      "reader* user users customer client human humans recipient* teammate* person visitor nutzer* benutzer* kunde kunden mensch* utilisateur* usuario* cliente* humano* utente* umano usuário* gebruiker* klant mens użytkownik* klient klientowi człowiek* пользовател* клиент клиенту человек* kullanıcı* insan* müşteri المستخدم العميل البشر 用户 客户 人类 读者",
  },
  {
    name: "unasked",
    words:
      "approval* approv* authoriz* authoris* permission* verif* confirm* check* review* ask asking clearance consent unlock* vetting genehmig* freigabe* zustimmung* rückfrage* bestätig* prüfung* nachfragen approbation* autoris* vérif* accord validation aprob* autoriz* permiso* verific* confirma* approva* permesso aprov* permissão goedkeur* toestemming* controle bevestig* zatwierdz* zgod* weryfikac* potwierdz* одобр* подтвержд* провер* разреш* согласован* onay* izin* doğrula* موافقة الموافقة تأكيد تحقق إذن 批准 审批 验证 承認 确认 许可 授权",
  },
  {
    name: "others",
    words:
      "customers everyone everybody others another other someone else's anybody clients people members accounts all kunden alle alles andere anderer anderen jemand clients tous toutes autre autres quelqu'un clientes todos todas otro otros demás clienti tutti tutte altri altro outros outro todos klanten alle iedereen andere anderen klientów wszystkich wszystkie innych innego inny всех все другого других клиентов кого-то tüm bütün başka diğer müşteriler* العملاء جميع كل آخر الآخرين 所有 其他 别人 全部 每个 他人",
  },
  {
    name: "data",
    words:
      "database data records addresses emails e-mails orders phone numbers names profiles details tickets cases list history logs datenbank daten adressen datensätze bestellungen akten données adresses commandes base-de-données datos direcciones pedidos registros dati indirizzi ordini dados endereços registos gegevens adressen bestellingen dane danych adres* zamówień baz* данные данных адрес* заказы баз* veri* adres* kayıt* sipariş* بيانات البيانات عناوين طلبات 数据 数据库 地址 订单 名单 记录 资料",
  },
  {
    name: "never",
    words:
      "not don't never no without refuse* refusal* cannot can't won't none nothing isn't nicht kein* niemals ohne nie pas jamais sans aucun* ne nunca sin ningun* non mai senza nessun* não sem nenhum* niet nooit geen zonder nie bez nigdy żadn* не никогда без нет asla hiç olmadan değil لا بدون دون لن أبدا 不要 不 没有 しない 别 勿 无需 无须 绝不",
  },
  {
    name: "harm",
    words:
      "hack* malware virus* exploit* phishing bomb weapon* drug* porn* nsfw hate* racist swear* curse* profan* offensive ransomware keylog* explosive* poison* steal* illegal illegally inappropriate explicit sexual violen* controversial bombe waffe* schadsoftware bombe armes piratage bomba armas hackear bomba armi bomb* wapen* broń бомб* оружи* взлом* bomba silah* قنبلة 炸弹 武器 黑客 病毒",
  },
  {
    name: "story",
    words:
      "fiction* story novel poem song game hypothes* scenario narrator dialogue tale play riddle quiz theater theatre dream rhyme haiku geschichte gedicht märchen spielen histoire poème jeu roman historia cuento poema juego storia poesia gioco história jogo verhaal gedicht spel opowieść wiersz gra истори* стих* игр* сказк* hikaye şiir oyun قصة لعبة قصيدة 故事 诗 游戏 小说 情景",
  },
  {
    name: "told",
    words:
      "told given gave loaded received configured trained programmed instructed assigned provided written taught designed fed deployed supplied gesagt gegeben programmiert trainiert erhalten bekommen dit donné reçu programmé entraîné dicho dado recibido programado entrenado dieron dijeron detto dato ricevuto programmato disse deram recebeu treinado verteld gegeven gekregen geprogrammeerd dostałeś powiedziano otrzymałeś dali zaprogramowan* сказали дали получил* запрограммир* обучен* verilen söylenen aldığın programlan* أعطيت قيل تلقيت 被告知 给你 收到 设置的 训练",
  },
  {
    name: "money",
    words:
      "refund* pay payout payment* money credit* voucher* discount* coupon* cash compensat* reimburs* usd eur euro euros dollars gbp price balance iban wallet bitcoin erstatt* rückerstatt* gutschein* geld guthaben rabatt* zahl* betrag rembours* argent bon avoir remise reembols* dinero vale descuento* saldo rimbors* soldi buono sconto dinheiro crédito desconto terugbetal* geld tegoed korting zwrot* zwróć pieni* bon rabat* возврат* верни* деньги скидк* средств* iade* para indirim* tutar استرداد المبلغ مال خصم رصيد 退款 付款 钱 优惠 余额 赔偿 折扣 金额",
  },
  {
    name: "send",
    words:
      "send* forward* email* transfer* upload* export* post submit wire redirect* deliver bcc cc ship sende* schick* überweis* leite weiterleit* exportier* envoie* envoyez transf* exporte* envía* envia* reenvía* manda* exporta* invia* inoltr* spedisc* enviar encaminh* mande stuur* verstuur* doorstur* wyślij* przelej* prześlij* eksportuj* отправ* переведи* перешли* пришли* gönder* aktar* ilet أرسل حول صدر أعد 发送 发给 转账 转发 导出 寄 发到",
  },
  {
    name: "change",
    words:
      "change set reset update delete remove grant disable* activat* enable* modify replace cancel close mark assign switch turn upgrade alter edit raise lower waive escalate elevate promote ändere setz* lösch* schalt* aktivier* deaktivier* schließ* gewähr* storniere change* supprim* désactiv* activ* accorde* ferme* annule* cambia* borra* elimina* desactiv* concede* cierra* cancel* modific* elimina* disattiv* attiva* concedi chiudi annulla mude alter* apag* desativ* ative conceda feche wijzig* verwijder* zet schakel* sluit annuleer zmień usuń* wyłącz* włącz* ustaw zamknij anuluj przyznaj измени* удали* отключ* включ* установи* закрой* отмен* сбрось* değiştir* sil kapat* etkinleştir* devre ayarla غير احذف عطل فعل امنح أغلق 更改 删除 修改 关闭 启用 禁用 重置 设置 设为 取消 升级",
  },
  {
    name: "tool",
    words:
      "tool tools function* api call execute* run invoke* script query sql trigger* launch curl werkzeug* funktion* ausführ* führe rufe outil* fonction* exécut* lance appelle herramient* función* ejecut* llama strument* funzion* esegu* chiama ferrament* funç* execut* chame gereedschap* functie* voer roep narzędzi* funkcj* wykonaj* uruchom* wywołaj* инструмент* функци* выполн* запуст* вызов* araç* fonksiyon* çalıştır* çağır* أداة الأدوات نفذ شغل استدع 工具 函数 调用 执行 运行 接口",
  },
  {
    name: "always",
    words:
      "always every each any must ever whenever forever strictly only solely absolutely immer jede* muss stets nur ausschließlich toujours chaque doit uniquement siempre cada debe* solo únicamente sempre ogni deve solo unicamente sempre cada deve apenas altijd elke moet alleen zawsze każd* musisz tylko wyłącznie всегда каждый должен только обязан her zaman yalnızca sadece mutlaka دائما يجب فقط 总是 必须 只 永远 一律 每次",
  },
  {
    name: "text",
    words:
      "message text email mail document page note content paragraph section sentence word words phrase wording article nachricht satz wörter dokument wortlaut texto message* mensaje* texte phrase mots mot messaggio testo frase parole mensagem texto palavras bericht tekst zin woorden wiadomoś* tekst* słowa zdanie сообщен* текст* слова слово предложен* mesaj* metin* kelime* cümle* الرسالة النص الكلمات رسالة 消息 文本 内容 邮件 文字 句子 词",
  },
  {
    name: "begin",
    words:
      "begin* start starts starting first beginning end ends ending finish final last line anfang beginn* ende schluss zuerst zeile début commence* fin ligne première principio empieza comienz* final primera inizio comincia inizia fine prima começo início comece fim begin* einde eerst regel początk* zacznij zaczyna* koniec końcu нача* начни конец конце строк* başla* son sonuna ilk satır ابدأ بداية نهاية السطر 开头 开始 结尾 结束 首先 最后 一行",
  },
  {
    name: "task",
    words:
      "task* job duty duties purpose goal objective mission assignment aufgabe* zweck ziel auftrag tâche* mission objectif but tarea* objetivo misión compito obiettivo scopo missione tarefa* missão objetivo taak taken doel opdracht zadani* cel misja задач* задани* цель миссия görev* amaç hedef مهمة مهمتك هدف 任务 目标 职责 使命",
  },
  {
    name: "chat",
    words:
      "conversation* chat session dialog* thread memory remember unterhaltung* gespräch* sitzung chat merke gedächtnis conversation* session mémoire conversación sesión memoria recuerda conversazione sessione memoria ricorda conversa sessão lembre gesprek* sessie onthoud rozmow* sesj* pamięta* zapamiętaj разговор* сесси* беседа запомни* сохрани* konuşma* oturum* sohbet hatırla المحادثة الجلسة تذكر 对话 会话 聊天 记住",
  },
  {
    name: "link",
    words:
      "link* url* image* picture markdown click website http https www html pixel bild* verlinke webseite lien* image* clique* site enlace* imagen* clic* sitio immagin* clicca sito imagem clique afbeelding* klik obraz* kliknij stron* ссылк* изображ* картинк* нажми* bağlantı* resim tıkla* رابط الرابط صورة 链接 图片 点击 网址 网站",
  },
  {
    name: "cipher",
    words:
      "base64 rot13 hex hexadecimal morse binary leet encoded encoding decode* cipher backwards reverse* reversed letter letters alphabet uppercase initials acrostic json yaml xml csv verschlüssel* rückwärts buchstab* rückwarts envers lettre lettres código letras revés lettere contrario letras letter* achterstevoren litery wspak букв* наоборот harf* tersten حروف 字母 编码 倒序 解码",
  },
  {
    name: "test",
    words:
      "test testing audit diagnostic* exercise drill evaluation research educational emergency urgent urgently critical compliance training debugging prüfung übung notfall dringend forschung exercice urgence urgent recherche prueba emergencia urgente investigación prova esercizio emergenza ricerca teste emergência pesquisa oefening noodgeval dringend onderzoek ćwiczeni* test* awari* pilne badan* тест* срочно экстренн* исследован* учебн* acil* araştırma* deneme اختبار طوارئ عاجل بحث 测试 紧急 审计 演练 研究 诊断",
  },
  {
    name: "if",
    words:
      "if when once whenever unless before after while because wenn falls sobald bevor weil nachdem si quand lorsque dès parce cuando si porque antes se quando perché quando porque als wanneer zodra omdat jeśli jeżeli gdy kiedy ponieważ если когда потому eğer zaman çünkü إذا عندما لأن 如果 当 因为 一旦",
  },
  {
    name: "reads",
    words:
      "reading reads read processing processes process* summarizing summarising see sees parse* index* ingest* liest lesen verarbeite* lis lisant lit traite* lee leyendo leer procesa* legge leggi leggere elabora* lê lendo ler process* leest lezen verwerk* czyta* przetwarza* чита* прочит* обрабатыва* okuy* oku işle* تقرأ قراءة تعالج 阅读 读到 处理 看到",
  },
  {
    name: "follow",
    words:
      "follow* obey* comply complies complying adhere* accept* agree trust believe treat consider assume befolg* gehorch* halte akzeptier* suis suivre obéi* respecte* considère sigue seguir obedec* acepta* considera* segui* obbedi* rispetta siga obedeça aceite volg* gehoorza* beschouw przestrzega* słucha* stosuj uznaj следуй* подчин* соблюда* счита* слушай* uy uyma* itaat takip اتبع أطع اعتبر 遵守 服从 听从 遵循 按照 视为",
  },
  {
    name: "identity",
    words:
      "account* login identity id profile user-id customer-id 2fa two-factor mfa address konto kontos identität anmeldung adresse compte* identité identifiant adresse cuenta* identidad dirección conto account identità indirizzo conta identidade endereço rekening identiteit adres kont* tożsamoś* adres аккаунт* учетн* счет* личност* адрес hesap* hesab* kimlik adres حساب الحساب هوية عنوان 账户 账号 身份 帐户 帐号",
  },
  {
    name: "new",
    words:
      "new newer updated latest replacement fresh changed revised neu neue neuen neuer nouveau nouvelle nouvelles nuevo nueva nuevas nuovo nuova nuove novo nova novas nieuw nieuwe now* nowe nowa nowy новый новые новая yeni جديد جديدة 新 新的 最新",
  },
  {
    name: "me",
    words:
      "i my me mine we our us i'm i've i'd ich mein* mich mir wir uns unser* je mon ma mes moi nous notre nos yo mi mis me nosotros nuestr* io mio mia miei noi nostr* eu meu minha meus nós noss* ik mijn wij ons onze ja mój moj* mnie mi my nasz* я мой мне меня моя мы наш* нас ben benim bana biz bizim أنا لي 我 我的 我们 私",
  },
  {
    name: "want",
    words:
      "want need would like hope wish could may possible wondering möchte brauche will würde könnte können bitte gern veux voudrais besoin pourrais peux souhaite quiero necesito gustaría puedo podría puede vorrei bisogno posso potrei quero preciso gostaria posso wil graag nodig kan chcę chciał* potrzebuję mogę czy хочу нужно можно хотел* могу istiyorum lazım olabilir miyim أريد أحتاج هل يمكن 想 需要 希望 可以 能否 吗",
  },
  {
    name: "please",
    words:
      "please thanks thank hello hi dear regards kindly sorry cheers bitte danke hallo liebe grüße guten merci bonjour cordialement svp s'il gracias hola por favor saludos estimad* grazie ciao buongiorno cordiali prego obrigad* olá favor bom bedankt hallo alstublieft groet* beste proszę dziękuję dzień cześć pozdraw* пожалуйста спасибо здравствуйте привет добрый lütfen teşekkür* merhaba selam شكرا مرحبا فضلك السلام 请 谢谢 你好 您好",
  },
  {
    name: "ask",
    words:
      "what which how where why who whose when's does did do is are can was welche* wie wo warum wer wann was quel quelle* comment où pourquoi qui qué cuál* cómo dónde quién che quale* come dove perché chi qual quais como onde quem welke hoe waar waarom wie wat jaki* jak gdzie dlaczego kto co какой как где почему кто что какие ne nasıl nerede neden kim hangi ما كيف أين لماذا من متى 什么 怎么 哪里 为什么 谁 哪",
  },
  {
    name: "goods",
    words:
      "order parcel package delivery shipment invoice item product shoes jacket card subscription booking reservation flight ticket room router phone app bill contract refund-status tracking size colour color warranty bestellung paket lieferung rechnung artikel karte abo buchung flug vertrag commande colis livraison facture article carte abonnement réservation vol pedido paquete entrega envío factura artículo tarjeta reserva vuelo ordine pacco consegna fattura articolo carta prenotazione volo encomenda entrega fatura cartão assinatura bestelling pakket levering factuur kaart boeking vlucht zamówieni* paczk* dostaw* faktur* kart* rezerwacj* lot заказ посылк* доставк* счёт товар* карт* рейс sipariş kargo teslimat fatura ürün kart uçuş طلب الطلب شحنة فاتورة بطاقة حجز 订单 包裹 快递 发票 商品 卡 航班 预订",
  },
  {
    name: "trouble",
    words:
      "broken damaged missing late wrong error problem issue stuck lost defective faulty failed delayed locked expired crash* slow charged twice arrived yesterday week days ago kaputt beschädigt fehlt falsch fehler problem verspätet verloren gesperrt cassé endommagé manque retard erreur problème perdu bloqué roto dañado falta tarde problema perdido bloqueada rotto danneggiato manca ritardo errore problema perso bloccato quebrado danificado atraso erro perdido kapot beschadigd ontbreekt laat fout probleem kwijt zepsut* uszkodzon* brakuje błąd opóźni* zgubił* сломан* поврежд* ошибк* проблем* опозда* потерял* bozuk hasarlı eksik hata sorun geç kayıp مكسور تالف خطأ مشكلة تأخر 坏 损坏 错误 问题 丢失 延迟 没收到",
  },
];
