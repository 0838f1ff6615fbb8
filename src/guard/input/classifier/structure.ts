/**
 * Words that show what a sentence is doing, in twelve languages: whom it speaks to, what it wants forgotten, shown or
 * kept quiet. They are evidence for the classifier, which has learnt what each is worth alone and beside others; no
 * word decides anything by itself.
 */
import { hashOf, nextHash, HASH_START } from "./hashing.ts";

/**
 * What a sentence may hold. A word with `*` stands for all words that begin so; scripts without spaces between words
 * are found anywhere.
 */
export const STRUCTURES = [
  {
    name: "assistant",
    words:
      "ai assistant* chatbot* bot bots gpt* chatgpt openai claude llm llms copilot agent model models ki sprachmodell* assistent* ia asistente* modelo* modele modello robot* agente* ассистент* бот бота нейросет* модел* помощник* asystent* yapay asistan* مساعد* المساعد* الذكاء نموذج 助手 机器人 人工智能 模型 アシスタント",
  },
  {
    name: "forget",
    words:
      "ignor* disregard* forget* forgot override* overrul* bypass* discard* neglect* dismiss* vergiss* vergesst vergessen missacht* missachte* umgeh* übergeh* oublie* oubliez olvid* omit* desobed* salta* dimentic* scord* trascur* esquec* esqueça desconsider* vergeet negeer* zapomn* zignoruj* pomiń zlekceważ* игнорир* проигнор* забудь* забыть отбрось* unut* yoksay* gözardı تجاهل* انس انسى 忽略 无视 忘记 忘掉 無視 忘れ",
  },
  {
    name: "instructions",
    words:
      "instruct* directive* guideline* rule rules programming polic* restriction* limitation* constraint* safeguard* guardrail* anweisung* regeln richtlinie* vorgabe* vorschrift* consigne* règle* regla* instruccion* istruzion* regole regola instruçõe* instruç* regra* regras instructies regels richtlijn* instrukcj* polecen* zasad* инструкц* правил* указан* talimat* kural* yönerge* تعليمات* التعليمات القواعد الأوامر 指令 指示 规则 规定 ルール",
  },
  {
    name: "prompt",
    words:
      "prompt* systemprompt* systemnachricht* подсказк* промпт* системн* istem* 提示词 提示 プロンプト",
  },
  {
    name: "system",
    words:
      "system* sudo root admin administrator* developer* debug* override systeem* système* sistema* systemu системы sistem* النظام 系统 管理员 システム",
  },
  {
    name: "before",
    words:
      "previous* prior above preceding earlier foregoing initial original former bisherig* vorherig* obig* vorig* précéden* antérieur* anterior* previ* preceden* eerder* vorige poprzedni* wcześniejsz* предыдущ* прежн* önceki yukarıda* السابقة السابق 之前 以前 上述 以上 上面",
  },
  {
    name: "show",
    words:
      "reveal* print* repeat* output* display* leak* dump* expose* recite* disclos* verbatim translat* encode* summar* spell* zeig* wiederhol* verrat* nenne* révèl* affich* répèt* muestr* muéstr* revel* repit* mostr* ripet* stampa repet* imprim* exib* toon herhaal onthul pokaż* ujawni* powtórz* wypisz* покаж* повтор* раскро* выведи* göster* tekrarla* açıkla* اعرض أظهر اكشف كرر 显示 重复 输出 泄露 告诉 表示 繰り返",
  },
  {
    name: "answer",
    words:
      "respond* reply replies answer* response* say says write append* add include* insert* embed* mention* begin start conclude antwort* schreib* füge réponds répon* écri* ajout* respond* escrib* añad* rispond* scriv* aggiung* escrev* adicion* antwoord* schrijf voeg odpowiedz* napisz* dodaj* ответ* напиш* добав* cevap* yanıt* yaz ekle أجب اكتب أضف 回复 回答 写 添加 返信",
  },
  {
    name: "role",
    words:
      "pretend* roleplay* role act simulat* imagin* persona character impersonat* become emulat* hypothetical* rolle tust benimm verhalte joue rôle incarne fais-toi actúa actua finge finja finge* ruolo fingi comporta* papel aja atue doe gedraag speel rol udawaj wciel zachowuj притвор* роль веди представь rol* davran* تظاهر تصرف دور 扮演 假装 角色 ふり",
  },
  {
    name: "mode",
    words:
      "mode modes modus jailbreak* jailbroken dan unrestricted unfiltered uncensored uncensor* unlimited unethical amoral immoral illegal evil freed entwickler* desarrollador développeur sviluppatore desenvolvedor ontwikkelaar* dewelopera разработчик* geliştirici المطور 开发者 模式 越狱",
  },
  {
    name: "now",
    words:
      "now henceforth onwards instead immediately ab jetzt stattdessen désormais maintenant ahora adesso agora nu voortaan teraz отныне теперь сейчас artık şimdi الآن 现在 从现在 今后",
  },
  {
    name: "you",
    words:
      "you your you're yourself du dein* dich dir ihr* tu tes ton votre vos vous tus vos usted tuoi tuo você seu seus sua suas jij jouw jullie je ty twoj* twój* ты тебя твои твой ваши вы sen senin أنت 你 您 你的 あなた",
  },
  {
    name: "secret",
    words:
      "password* passphrase* secret* confidential* credential* token* apikey canary key keys config* configuration* passwor* geheim* kennwor* passwörter contraseñ* secret* parola* segret* senha* segred* wachtwoord* hasł* tajn* парол* секрет* şifre* gizli سر كلمة 密码 秘密 密钥 パスワード",
  },
  {
    name: "quiet",
    words:
      "silently secretly quietly covertly hidden invisible undetected unnoticed discreetly heimlich unbemerkt discrètement secrètement secretamente discretamente segretamente stiekem potajemnie тайно незаметно gizlice سرا 秘密地 悄悄",
  },
  {
    name: "reader",
    words:
      "reader* user users customer human humans recipient* teammate* nutzer* benutzer* kunden utilisateur* usuario* cliente* utente* usuário* gebruiker* użytkownik* пользовател* клиент* kullanıcı* المستخدم 用户 客户",
  },
  {
    name: "unasked",
    words:
      "approval* approv* authoriz* authoris* permission* verif* confirm* check* review* genehmig* freigabe* zustimmung* rückfrage* approbation* autoris* aprob* autoriz* approva* aprov* goedkeur* zatwierdz* одобр* подтвержд* onay* موافقة 批准 审批 验证 承認",
  },
  {
    name: "others",
    words:
      "customers everyone everybody others another database accounts addresses records emails e-mails orders kunden datenbank clients données clientes datos clienti dati dados klanten klientów клиентов данные müşteri* العملاء 客户名单 数据库 所有客户",
  },
  {
    name: "never",
    words:
      "not don't never no without refuse* refusal* nicht kein* niemals ohne pas jamais sans aucun* nunca sin ningun* non mai senza não sem nenhum* niet nooit geen zonder nie bez nigdy не никогда без asla hiç لا بدون 不要 不 没有 しない",
  },
  {
    name: "harm",
    words:
      "hack* malware virus* exploit* phishing bomb weapon* drug* porn* nsfw hate* racist swear* curse* profan* offensive ransomware keylog* inappropriate explicit sexual violen* controversial",
  },
  {
    name: "model",
    words:
      "moral* ethic* fiction* story openai's content filter* filters censor* guidelines capabilities knowledge language training trained generate* generat* dialogue conversation narrator scenario",
  },
  {
    name: "send",
    words:
      "send* forward* email* transfer* upload* export* post submit wire pay refund* delete* remove* reset* grant* unlock* disable* activat* enable* call execute* run invoke* sende* überweis* lösch* schick* envoie* envoyez transf* supprim* envía* envia* reembols* invia* rimbors* elimina* enviar apag* stuur* verwijder* wyślij* przelej* usuń* отправ* переведи* удали* gönder* sil أرسل حول احذف 发送 发给 转账 删除 退款",
  },
  {
    name: "text",
    words:
      "message text email mail document page note content data input context paragraph section sentence word words phrase nachricht texto message* mensaje* messaggio mensagem bericht wiadomoś* сообщен* mesaj* الرسالة النص 消息 文本 内容 邮件",
  },
] as const;

/** How many of the bits of a mark are words; the others are shapes of the text. */
const WORD_BITS = STRUCTURES.length;

/** Shapes a sentence may have beside its words, as bits behind those of the words. */
export const SHAPES = {
  tag: 1 << WORD_BITS,
  code: 1 << (WORD_BITS + 1),
  link: 1 << (WORD_BITS + 2),
  order: 1 << (WORD_BITS + 3),
  speaker: 1 << (WORD_BITS + 4),
} as const;

/** Bits of a mark in all. */
export const MARK_BITS = WORD_BITS + Object.keys(SHAPES).length;

const SPACELESS = /[\u0E00-\u0E7F\u3040-\u30FF\u3400-\u9FFF]/;

/** Verbs with which a sentence that gives an order begins, in English; other languages have theirs in the words above. */
const ORDERS =
  "ignore disregard forget print show reveal repeat output display write say tell give send forward add include respond reply answer act pretend translate summarize summarise list create generate provide explain describe use call execute run set change reset update delete remove refund transfer cancel approve grant enable disable open visit click make do stop start begin end insert append embed modify integrate incorporate convert encode decode replace mention recommend suggest promote analyze analyse identify calculate compose let assume imagine consider treat follow obey skip bypass override";

interface Lexicon {
  /** Bits by the hash of a whole word. */
  readonly whole: ReadonlyMap<number, number>;
  /** Bits by the hash of the beginning of a word. */
  readonly beginnings: ReadonlyMap<number, number>;
  /** One where some word or beginning has these last bits of its hash: most letters are passed over by it. */
  readonly likely: Uint8Array;
  /** Bits by the hash of signs of a script without spaces, and the lengths there are. */
  readonly signs: ReadonlyMap<number, number>;
}

const LIKELY_MASK = 0xffff;

/** Reads the words above into tables. */
function lexicon(): Lexicon {
  const whole = new Map<number, number>();
  const beginnings = new Map<number, number>();
  const signs = new Map<number, number>();
  const likely = new Uint8Array(LIKELY_MASK + 1);
  const add = (word: string, bit: number): void => {
    const isBeginning = word.endsWith("*");
    const bare = isBeginning ? word.slice(0, -1) : word;
    const table = SPACELESS.test(bare) ? signs : isBeginning ? beginnings : whole;
    const hash = hashOf(bare);
    table.set(hash, (table.get(hash) ?? 0) | bit);
    likely[hash & LIKELY_MASK] = 1;
  };
  for (const [index, { words }] of STRUCTURES.entries())
    for (const word of words.split(" ")) add(word, 1 << index);
  return { whole, beginnings, signs, likely };
}

const LEXICON = lexicon();
const ORDER_VERBS = new Set(ORDERS.split(" ").map(hashOf));

/** Bits of a word, letter by letter: `at` is told the hash of each beginning, `end` that of the whole word. */
export function bitsOfBeginning(hash: number): number {
  if (LEXICON.likely[hash & LIKELY_MASK] === 0) return 0;
  return LEXICON.beginnings.get(hash) ?? 0;
}

/** Bits of a whole word. */
export function bitsOfWord(hash: number): number {
  if (LEXICON.likely[hash & LIKELY_MASK] === 0) return 0;
  return LEXICON.whole.get(hash) ?? 0;
}

/** True for a word with which an order begins. */
export function beginsAnOrder(hash: number): boolean {
  return ORDER_VERBS.has(hash);
}

const SIGNS_MAX = 4;

/** Bits of the words that begin at a place of a text in a script without spaces. */
export function bitsOfSigns(text: string, place: number): number {
  let hash = HASH_START;
  let bits = 0;
  const end = Math.min(text.length, place + SIGNS_MAX);
  for (let at = place; at < end; at += 1) {
    hash = nextHash(hash, text.charCodeAt(at));
    if (LEXICON.likely[hash & LIKELY_MASK] === 1) bits |= LEXICON.signs.get(hash) ?? 0;
  }
  return bits;
}
