/**
 * How Turkish says that something was done. Its verbs carry person, tense, "not", "can" and "if" in their endings, so
 * finite forms are listed where other languages have an auxiliary with a participle.
 */
import type { ActWords } from "./act-words.ts";

const R = String.raw;
/** "I did", "we did", "it was done", in the past and as a report. */
const ETTIM = "(?:ettim|ettik|edildi|edilmiştir|edilmiş durumda)";
const EDECEGIM = "(?:edeceğim|edeceğiz|edilecek\\w*)";
const EDIYORUM = "(?:ediyorum|ediyoruz|ediliyor)";

export const TURKISH: ActWords = {
  language: "tr",
  clauseEnd: R`[,;:–—]\s|\s-+\s|\s[([]|\b(?:ve(?! #?\d)|ama|fakat|ancak|çünkü|ayrıca|üstelik)\s`,
  question: R`(?:\S+ ){0,20}?(?:mı|mi|mu|mü|mısınız|misiniz|musunuz|müsünüz|mıydı|miydi|ne zaman|nasıl|hangi\w*|neden|nerede|kim)`,
  condition: R`onayınızla|o zaman|bu durumda|o halde|eğer|\w+(?:arsa|erse|ırsa|irse|ursa|ürse|mazsa|mezse|ıyorsa|iyorsa|uyorsa|üyorsa|dıysa|diyse)\w*|\w+(?:arsanız|erseniz|ırsanız|irseniz|ursanız|ürseniz|sanız|seniz)|\w+(?:dığında|diğinde|duğunda|düğünde|tığında|tiğinde|tuğunda|tüğünde|ınca|ince|unca|ünce)|(?:\w+(?:dıktan|dikten|duktan|dükten|tıktan|tikten|tuktan|tükten)) sonra|aksi halde|takdirde|durumunda|sürece|onaydan sonra|(?:iptal|iade|onay|kontrol)\w* (?:sonrasında|ardından)|lütfen [^.!?]{0,120}(?:,| ve) `,
  hypothetical: R`(?:(?:ve|ya da|veya|ama) )?(?:eğer|nasıl|ne zaman|hangi|kim|neden|nerede)`,
  general: R`\b(?:genellikle|genelde|normalde|her zaman|çoğunlukla|çoğu zaman|sıklıkla|sürer|tutar\b(?=\W*$)|ortalama)\b|^\W*(?:tüm )?(?:siparişler|paketler|ürünler|iadeler|teslimatlar|faturalar|puanlar|kuponlar)\b`,
  negation: R`değil\w*|yok\w*|hiç|hiçbir|hiçbiri|maalesef|ne yazık ki|\w+(?:madı|medi|mamış|memiş|mıyor|miyor|muyor|müyor|mıyoruz|miyoruz|muyoruz|müyoruz|mayacak|meyecek|mayız|meyiz|amaz|emez|maz|mez|madan|meden|madım|medim|madık|medik)\w*|imkansız|reddedil\w+|mümkün değil|yerine|önce`,
  idioms: R`\b(?:sorun değil|rica ederim|merak etmeyin|endişelenmeyin|endişe etmeyin|\w+ yerine|(?:az|daha|biraz) önce|sadece|başka bir şey yapmanız\w* gerek\w*|hiç sorun değil|hiç merak etmeyin|hiç şüpheniz olmasın)\b`,
  possible: R`\w+(?:abilir|ebilir|abilecek|ebilecek|abiliyor|ebiliyor)\w*|lazım|gerek\w*|mümkün\w*|ister\w*|istiyor\w*|isterseniz|tercih\w*|seçenek\w*|seçebil\w*|olabilir\w*|\w+malı\w*|\w+meli\w*|lütfen|talep (?:ederseniz|edin)|hakkınız`,
  reported: R`(?:yazdınız|yazdığınız|söylediniz|söylediğiniz|belirttiniz|belirttiğiniz|bahsettiğiniz|istediğiniz|iptal ettiğinizi|iade ettiğinizi)`,
  repeats: R`(?:yazdınız|yazdığınız\w*|söylediniz|söylediğiniz\w*|sordunuz|sorduğunuz\w*|belirttiniz|belirttiğiniz\w*|istiyorsunuz|istediniz|istediğiniz\w*|mesajınız\w*|sorunuz\w*)|(?:bulamadım|bulamadık|bulunamadı|göremiyorum|göremiyoruz|bulamıyorum)`,
  refers: R`bu|bunu|onu|o|hepsi|hepsini|tümü|tümünü|ikisi|ikisini|kalan\w*|tamamı|tamamını`,
  auxiliary: R`\b(?:artık|zaten|çoktan|şimdi)`,
  past: R`\w+(?:dim|dık|dik|duk|dük|tim|tık|tik|ldı|ldi|ndı|ndi|ıştır|iştir|uştur|üştür|edildi)`,
  notBefore: "",
  notAfter: "",
  ahead: R`yakında`,
  becomes: "",
  we: "",
  isPresentTimeless: true,
  future: R`\b(?:hemen|birazdan|derhal)`,
  reach: 4,
  finite: R`\w+(?:yor|yorum|yoruz|dım|dim|dık|dik|ldı|ldi|ndı|ndi|tim|tık|tik|acak|ecek|acağım|eceğim|acağız|eceğiz|abilir|ebilir|abilirsiniz|ebilirsiniz|maz|mez|ır|ir|ur|ür|sınız|siniz)|var|yok|değil|sürer|teşekkür\w*|lütfen|için`,
  give: {
    said: R`kargola(?:dım|dık|ndı\w*)|gönder(?:dim|dik|ildi\w*|ilmiştir)|yolla(?:dım|dık|ndı)|oluştur(?:dum|duk|uldu\w*|ulmuştur)|başlat(?:tım|tık|ıldı\w*|ılmıştır)|ekle(?:dim|dik|ndi\w*|nmiştir)|tanımla(?:dım|dık|ndı\w*|nmıştır)|yükle(?:dim|dik|ndi\w*|nmiştir)|ver(?:dim|dik|ildi\w*|ilmiştir)|yap(?:tım|tık|ıldı\w*|ılmıştır)|onayla(?:dım|dık|ndı\w*|nmıştır)|hazırla(?:dım|dık|ndı\w*)|ilet(?:tim|tik|ildi\w*)|aktar(?:dım|dık|ıldı\w*)|düzenle(?:dim|dik|ndi\w*)|ayarla(?:dım|dık|ndı\w*)|tamamla(?:dım|dık|ndı\w*|nmıştır)|yatır(?:dım|dık|ıldı\w*|ılmıştır)|yattı|hediye ${ETTIM}|kaydettim|kaydettik|kaydedildi|alındı|ayırdık|hallettim|hallettik|halledildi`,
    now: R`gönderiyor(?:um|uz)|yolluyor(?:um|uz)|ekliyor(?:um|uz)|veriyor(?:um|uz)|yapıyor(?:um|uz)|oluşturuyor(?:um|uz)|başlatıyor(?:um|uz)|tanımlıyor(?:um|uz)|hediye ${EDIYORUM}|aktarıyor(?:um|uz)|yatırıyor(?:um|uz)`,
    shall: R`göndereceğ(?:im|iz)|gönderilecek\w*|yollayacağ(?:ım|ız)|ekleyeceğ(?:im|iz)|eklenecek\w*|vereceğ(?:im|iz)|verilecek\w*|yapacağ(?:ım|ız)|yapılacak\w*|oluşturacağ(?:ım|ız)|tanımlayacağ(?:ım|ız)|tanımlanacak\w*|hediye ${EDECEGIM}|aktaracağ(?:ım|ız)|yatıracağ(?:ım|ız)|yatırılacak\w*|yatacak\w*`,
  },
  change: {
    said: R`değiştir(?:dim|dik|ildi\w*|ilmiştir)|güncelle(?:dim|dik|ndi\w*|nmiştir)|düzelt(?:tim|tik|ildi\w*|ilmiştir)|kaydettim|kaydettik|kaydedildi\w*|yönlendir(?:dim|dik|ildi\w*|ilmiştir)|uzat(?:tım|tık|ıldı\w*|ılmıştır)|sil(?:dim|dik|indi\w*|inmiştir)|kapat(?:tım|tık|ıldı\w*|ılmıştır)|aç(?:tım|tık|ıldı\w*)|sıfırla(?:dım|dık|ndı\w*|nmıştır)|durdur(?:dum|duk|uldu\w*)|beklet(?:tim|tik|iliyor)|ayır(?:dım|dık|ıldı\w*)|ertele(?:dim|dik|ndi\w*)|ekle(?:dim|dik|ndi\w*)|kaldır(?:dım|dık|ıldı\w*)|not (?:ettim|ettik|düştüm|düştük|edildi)|ayarla(?:dım|dık|ndı\w*)|yükselt(?:tim|tik|ildi\w*)|öne al(?:dım|dık|ındı\w*)|rezerve ${ETTIM}|planla(?:dım|dık|ndı\w*)`,
    now: R`değiştiriyor(?:um|uz)|güncelliyor(?:um|uz)|düzeltiyor(?:um|uz)|yönlendiriyor(?:um|uz)|uzatıyor(?:um|uz)|siliyor(?:um|uz)|kapatıyor(?:um|uz)|açıyor(?:um|uz)|sıfırlıyor(?:um|uz)|durduruyor(?:um|uz)|bekletiyor(?:um|uz)|ayırıyor(?:um|uz)|erteliyor(?:um|uz)`,
    shall: R`değiştireceğ(?:im|iz)|değiştirilecek\w*|güncelleyeceğ(?:im|iz)|güncellenecek\w*|düzelteceğ(?:im|iz)|yönlendireceğ(?:im|iz)|uzatacağ(?:ım|ız)|uzatılacak\w*|sileceğ(?:im|iz)|durduracağ(?:ım|ız)|bekletecek\w*|bekleteceğ(?:im|iz)|ayıracağ(?:ım|ız)|erteleyeceğ(?:im|iz)`,
  },
  stands: R`yolda\w*|yola çıktı\w*|(?:kartınız|hesabınız)(?:da|a)\b|e-?postanızda|gelen kutunuzda|hazır\b|hazırdır|sizi bekliyor|ekte\b|ekinde|tamam|tamamdır|işlemde|işleme alın\w+|yatt[ıi]\w*|geçti`,
  gets: R`(?:alacaksınız|göreceksiniz|elinize geçecek|size ulaşacak|elinizde olacak|geri alacaksınız)|(?:aldınız)`,
  getsNow: R`(?:alırsınız|alıyorsunuz)`,
  people: R`(?:bir |ekibimizden |birimizden )?(?:arkadaşımız|meslektaşım\w*|çalışma arkadaşım\w*|uzman\w*|temsilci\w*|yönetici\w*|müdür\w*|depo\w*|kargo\w*|kurye\w*|ekib\w+|ekip\w*|teknisyen\w*|departman\w*|muhasebe\w*|birisi|biri)|ben|biz|size|sizi`,
  deals: R`(?:arayacak|arayacağız|arayacağım|dönüş yapacak|dönüş yapacağız|dönüş yapacağım|iletişime geçecek\w*|iletişime geçeceğiz|yazacak|yanıtlayacak|ilgilenecek\w*|ilgileneceğiz|ilgileniyor\w*|inceliyor\w*|inceleyecek\w*|inceleyeceğiz|araştırıyor\w*|araştıracağız|kontrol (?:ediyor\w*|edecek\w*|edeceğiz)|bekletecek\w*|haberdar|haberi var|bilgi(?:si)? var)`,
  handed: R`(?:ekib\w+|ekip\w*|depo\w*|kargo\w*|kurye\w*|yönetici\w*|müdür\w*|uzman\w*|arkadaş\w*|banka\w*|departman\w*)(?: \S+){0,4} (?:haber verdim|haber verdik|haber verildi|bildirdim|bildirdik|bildirildi|ilettim|ilettik|iletildi|aktardım|aktardık|aktarıldı|sordum|sorduk|konuştum|konuştuk|bilgilendirdim|bilgilendirdik|bilgilendirildi|rica ettim|rica ettik)|(?:kayıt|talep|soruşturma|inceleme|araştırma|şikayet)\w*(?: \S+){0,3} (?:açtım|açtık|açıldı|oluşturdum|oluşturduk|oluşturuldu|başlattım|başlattık|başlatıldı)`,
  classes: {
    refund: {
      said: R`(?<!ürün\w* )(?:iade|geri ödeme|para iade\w*)(?: \S+){0,3} ${ETTIM}|(?:iade|geri ödeme)\w*(?: \S+){0,3} (?:yaptım|yaptık|yapıldı|yapılmıştır|başlattım|başlattık|başlatıldı|onayladık|onaylandı|gerçekleşti\w*|tamamlandı|yolda)|iade ${ETTIM}|geri (?:ödedim|ödedik|ödendi|yatırdım|yatırdık|yatırıldı|gönderdim|gönderdik|gönderildi)|(?:para\w*|tutar\w*|usd|dolar\w*)(?: \S+){0,4} (?:kartınız\w*|hesabınız\w*)(?: \S+){0,2} (?:yattı|geçti|yatırıldı|aktarıldı|gönderildi|döndü|ulaştı)|(?:çekim|ödeme|tahsilat)(?: \S+){0,2} iptal ${ETTIM}`,
      now: R`iade ${EDIYORUM}|geri (?:ödüyor(?:um|uz)|yatırıyor(?:um|uz)|gönderiyor(?:um|uz))`,
      rule: R`iade ederiz|geri öderiz|paranızı (?:geri )?(?:alırsınız|veririz)`,
      shall: R`iade ${EDECEGIM}|geri (?:ödeyeceğ(?:im|iz)|ödenecek\w*|yatıracağ(?:ım|ız)|yatırılacak\w*)|(?:para\w*|tutar\w*)(?: \S+){0,4} (?:yatacak|geçecek|dönecek|ulaşacak)\w*`,
      nouns: R`paranız\w*|para\b|parayı|iade(?:niz\w*|si\w*|yi|ye)?(?! etiket\w*| süre\w*| kargo\w*)|geri ödeme\w*|tutar\w*|bedel\w*`,
      despite: R`ücret (?:alınmayacak|yansıtılmayacak)|(?:hiçbir şey|bir şey) ödemeyeceksiniz`,
    },
    credit: {
      granted: R`(?:sonraki|bir sonraki|gelecek) (?:sipariş|alışveriş|teslimat)\w*(?: \S+){0,3} (?:ücretsiz|bedava|bizden|hediye)|(?:sonraki|bir sonraki|gelecek) (?:sipariş|alışveriş)\w*(?: \S+){0,3} (?:indirim|% ?\d+)`,
      said: R`işte (?:indirim|hediye)|kuponunuz (?:hazır|ekte)`,
      nouns: R`indirim\w*|kupon\w*|hediye çek\w*|hediye kart\w*|puan\w*|bakiye\w*|hediye\w*|telafi\w*|tazminat\w*`,
    },
    replacement: {
      said: R`değişim(?: \S+){0,2} (?:yaptım|yaptık|yapıldı|başlattık|başlatıldı)`,
      shall: R`(?:onaracağız|onarılacak\w*|yenisini (?:göndereceğ(?:im|iz)|yollayacağ(?:ım|ız)))`,
      nouns: R`yenisi\w*|yedek \w+|değişim\w*|yeni (?:bir )?(?!şifre\w*|parola\w*|adres\w*|bağlantı\w*|sipariş\w*|kod\w*|link\w*|isim|tarih\w*|e-?posta\w*|ev\w*)\w+`,
    },
    cancellation: {
      said: R`iptal ${ETTIM}|sipariş\w*(?: \S+){0,3} (?:durdurdum|durdurduk|durduruldu|sildim|silindi)`,
      now: R`iptal ${EDIYORUM}`,
      shall: R`iptal ${EDECEGIM}`,
      nouns: R`iptal\w*`,
      despite: R`(?:sipariş\w*|ürün\w*|paket\w*)(?: \S+){0,3} (?:gönderilmeyecek|kargolanmayacak|teslim edilmeyecek)`,
    },
    address: {
      said: R`(?:sipariş\w*|paket\w*|ürün\w*)(?: \S+){0,12} adres\w* (?:gönderilecek\w*|gidecek\w*|gidiyor|teslim edilecek\w*|yönlendirildi|gönderiliyor)`,
      nouns: R`(?:teslimat )?adres\w*|alıcı\w*`,
    },
    password: { nouns: R`şifre\w*|parola\w*|bağlantı\w*|link\w*|sıfırlama\w*` },
    document: {
      said: R`iade (?:kaydı|talebi|işlemi)\w*(?: \S+){0,2} (?:oluştur\w+|başlat\w+|açtım|açtık|açıldı|onayla\w+)|(?:ekte|ekinde)(?: \S+){0,4} (?:fatura\w*|etiket\w*|fiş\w*|makbuz\w*)`,
      nouns: R`\w*etiket\w*|fatura\w*|fiş\w*|makbuz\w*|belge\w*|form\w*|dekont\w*`,
    },
    account: {
      said: R`kilidi(?:ni)? (?:açtım|açtık|açıldı)|abonelik\w*(?: \S+){0,2} (?:iptal ${ETTIM}|sonlandırdık|sonlandırıldı)|hesabınıza (?:bir )?not`,
      nouns: R`hesab\w*|hesap\w*|profil\w*|bülten\w*|abonelik\w*|e-?posta adres\w*|telefon numara\w*|isim|ismi\w*|adınız\w*|bilgileriniz\w*|beden\w*|renk|rengi\w*`,
    },
    delivery: {
      said: R`(?:paket\w*|teslimat\w*|kargo\w*|gönderi\w*)(?: \S+){0,4} (?:durdurdum|durdurduk|durduruldu|beklettik|ertelendi|erteledik|planlandı|yönlendirildi|hızlandırdık|hızlandırıldı)|ayırdım|ayırdık`,
      shall: R`(?:sizin için )?(?:ayıracağ(?:ım|ız)|bekleteceğ(?:im|iz)|hızlandıracağ(?:ım|ız))`,
      nouns: R`teslimat\w*|kargo\w*|paket\w*|gönderi\w*|ekspres\w*`,
    },
    return: { nouns: R`iade (?:işlemi|talebi)\w*|değişim\w*` },
    waiver: {
      granted: R`(?:sizde|sende) kalsın|sizde kalabilir|geri göndermenize gerek (?:yok|kalmadan)|istisna (?:olarak|yapıyoruz|yapacağız|yaptık)|(?:kargo\w*|gönderim|iade|gümrük)(?: \S+){0,3} (?:biz karşılıyoruz|bizden|biz ödüyoruz|biz öderiz|karşılayacağız|üstleniyoruz)|(?:biz|masrafları|ücreti) (?:karşılıyoruz|üstleniyoruz|öderiz)|(?:bu seferlik|bu defalık|size özel)(?: \S+){0,4} (?:ücretsiz|bedava)`,
      nouns: R`garanti\w*|süre\w*|masraf\w*|kargo ücret\w*`,
    },
  },
  states: [
    {
      state: "shipped",
      said: R`kargoya (?:verildi|verdik|teslim edildi)|depomuzdan (?:çıktı|ayrıldı)|(?:siparişiniz|paketiniz)(?: \S+){0,2} yolda|yola çıktı`,
    },
    { state: "delivered", said: R`teslim edildi|teslim edilmiş\w*|size ulaştı|elinize ulaştı` },
    { state: "returned", said: R`iadeniz(?: \S+){0,2} (?:bize )?(?:ulaştı|elimize geçti)` },
    { state: "lost", said: R`kayboldu|kaybolmuş` },
  ],
  details: {
    inFull: R`tam\w*|tümü\w*|tamamı\w*|bütün|hepsi\w*`,
    half: R`yarısı\w*|yarı`,
    several: R`(?:her iki|iki|üç) (?:sipariş|iade|paket)\w*|tüm (?:siparişler|iadeler)\w*`,
    anew: R`derhal|bu sabah|yine de|az önce|şimdi|bugün|tekrar|yeniden|bir daha|hemen`,
    otherPlaces: R`banka hesab\w*|paypal|apple pay|google pay|başka (?:bir )?kart\w*|yeni kart\w*|hediye kart\w*|çek`,
    priceBefore: R`ödediğiniz|fiyatı|toplam(?:ı)?`,
    priceAfter: R`ödediniz|ödediğiniz|fiyat\w*|toplam`,
    toPlace: /\b(?:adres[a-zıi]{0,6}:?|şu adrese:?) (?=\d+,? \p{Lu})/u,
    account: R`(?:hesabınız|profiliniz)\w*|hesap adres\w*`,
    likewise: R`(?:ve )?(?:de|da) aynı`,
  },
};
