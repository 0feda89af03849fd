"""How people and devices end a message, in many languages.

Read by the modules of `reply_text` only. A phrase counts as a line of its own, or before a name.
"""
# ruff: noqa: E501, RUF001 (words and marks of other scripts are the point)

import re

from courrier.mail.replies.words import first_word, phrases

FAREWELLS = phrases(
    "{|with |my |with my |and |with the }{best|kind|kindest|warm|warmest|good|sincere|friendly} {regards|wishes|regard|greetings|rgds}",
    "{|with |my |with my }{very best|very kind|best and kindest|all best} {regards|wishes}",
    "{regards|with regards|regds|rgds|br|brgds|brgs|kr|wbr|b.r|best rgds|kind rgds|bst rgds|best|all the best|all my best|my best|very best|best always|warmly|fondly|love|lots of love|much love|hugs|xoxo|xx|xxx}",
    "{cheers|ciao|cheerio|bye|bye bye|bye for now|so long|see you|see ya|see you soon|talk soon|talk to you soon|speak soon|later|take care|peace|ttyl|ttfn|until then|salut|adios|tschüss|tschau|à plus}",
    "{sincerely|sincerely yours|yours sincerely|yours|yours truly|yours faithfully|faithfully|faithfully yours|very truly yours|truly yours|truly|yours respectfully|respectfully|respectfully yours|respectfully submitted|cordially|cordially yours|yours cordially|yours ever|as ever|as always|most sincerely|very sincerely}",
    "{|many |best |much |with |sincere |warm }thanks{| a lot| again| so much| very much| in advance| a million| a bunch| in anticipation| much}",
    "{|many |best |with }thanks{| again| in advance} {and|&} {|best |kind |warm |kindest }{regards|wishes}",
    "{thank you|thank-you|thankyou|thanx|thnx|thx|ty|tia|tks|thks|tnx|tnx in advance|thx in advance|much appreciated|with appreciation|with gratitude|gratefully|appreciate it|much obliged}",
    "thank you {very much|so much|again|in advance|kindly|very much in advance|and best regards|and kind regards|and regards}",
    "thanks {and have a nice day|and have a great day}",
    "{thanx|thnx|thx|tnx|tks} {in advance|again|a lot|very much}",
    "have a {|very }{nice|good|great|wonderful|lovely|fantastic|pleasant|blessed} {day|weekend|week|evening|one|afternoon|time|night|rest of your day|day ahead|week ahead}",
    "{happy holidays|happy new year|merry christmas|good luck|god bless|blessings|in christ|shalom|aloha|namaste|salaam|wassalam|cheers and beers}",
    "{73|73s|73's|vy 73}{| de| !}",
    # French
    "{bien |très |sincèrement |}{cordialement|sincèrement|amicalement|respectueusement|chaleureusement|affectueusement|amitiés}{| vôtre| à vous| à toi}",
    "{bien|très} à {vous|toi}",
    "{|mes |nos |avec mes |avec nos |recevez mes |recevez nos |recevez }{meilleures|sincères|respectueuses|cordiales|amicales|bien cordiales} salutations",
    "{|mes |nos }{salutations|salutations distinguées|salutations cordiales|salutations amicales|salutations les meilleures|amitiés|respects|amicales pensées}",
    "{bonne|belle|très bonne|excellente} {journée|soirée|réception|continuation|fin de journée|semaine|nuit|fin de semaine|lecture|après-midi}{| à vous| à toi| à tous}",
    "{bon|très bon} {week-end|weekend|après-midi}{| à tous| à vous}",
    "{|un grand |mille |grand }merci{| d'avance| beaucoup| bien| à vous| à toi| infiniment| par avance| et bonne journée| et à bientôt| encore| pour votre aide| pour tout| de votre aide|s}",
    "{d'avance merci|vous remerciant par avance|en vous remerciant|en vous remerciant par avance|avec mes remerciements|avec tous mes remerciements|mes remerciements|cdlt|cdt|crdlt|crdt|bcdt|slts|à bientôt|à très bientôt|à très vite|à vite|à demain|à tout à l'heure|à plus tard|bises|bisous|grosses bises|je t'embrasse|bien à vous|bien à toi|amts}",
    # German
    "{|mit |viele |liebe |beste |schöne |herzliche |freundliche |ganz liebe |mit den |ganz herzliche |sonnige |nette |lg und }{|freundlichen |besten |herzlichen |vielen |lieben |schönen |freundlichem |freundl. |freundlichsten |sonnigen |kollegialen |liebem }{grüßen|grüße|gruß|gruessen|gruesse|gruss|grüssen|grüsse|grussen|grusse}",
    "{mfg|m.f.g|mit frdl. gr|lg|vg|bg|lg und vg|mfg und|hg|sg|glg|vlg|lieben gruß und|viele grüße und|grüßle|grüessli|gruezi|servus|pfiat di|bis bald|bis dann|bis morgen|hochachtungsvoll|freundlichst|herzlichst|herzlich|ihr|ihre|dein|deine|euer|alles liebe|alles gute|in liebe}",
    "{|vielen |besten |herzlichen |lieben |tausend |schönen }dank{| im voraus| im vorraus| vorab| und viele grüße| und gruß| und beste grüße| und freundliche grüße}",
    "{danke|danke schön|dankeschön|danke im voraus|danke und gruß|danke und viele grüße|danke und lg|danke vorab|danke sehr|merci und gruß}",
    "{schönen|schönes|einen schönen|ein schönes|noch einen schönen|einen guten} {tag|tag noch|abend|abend noch|feierabend|wochenende|start in die woche|sonntag}",
    # Spanish
    "{|un |muchos |reciba un |reciban un |te mando un |con un }{|cordial |afectuoso |atento |fuerte |gran }{saludo|saludos|abrazo|abrazos|beso|besos}",
    "{|un |cordiales |atentos |mis |reciba }{saludo|saludos}{| cordial| cordiales| a todos| y gracias| atentos}",
    "{atentamente|atte|att|muy atentamente|cordialmente|afectuosamente|sinceramente|respetuosamente|le saluda atentamente|les saluda atentamente|quedo a su disposición|slds|sdos|salu2|saludetes|hasta pronto|hasta luego|hasta mañana|nos vemos}",
    "{|muchas |mil |muchísimas |desde ya |de antemano }gracias{| de antemano| por todo| por adelantado| de nuevo| y saludos| y un saludo| y un saludo cordial|!| por su atención| por tu ayuda| por su ayuda}",
    "{buen|feliz} {día|fin de semana|finde}",
    "que {tenga|tengas|tengan} {un buen día|buen día|una buena tarde|buena tarde|un buen fin de semana}",
    # Italian
    "{|i miei |i più |con i miei |con i più |un |tanti }{|cordiali |distinti |cari |migliori |affettuosi |cordiale |caro }{saluti|saluto|ossequi}{| a tutti}",
    "{cordialmente|cordialità|sinceramente|in fede|a presto|un abbraccio|un caro saluto|un cordiale saluto|distinti saluti|buona giornata|buona serata|buon lavoro|buon weekend|buon fine settimana|buon proseguimento|ciao|ciao ciao|a risentirci|a domani|baci|cs|c.s}",
    "{grazie|grazie mille|mille grazie|grazie in anticipo|grazie ancora|grazie e saluti|grazie e cordiali saluti|grazie e buona giornata|molte grazie|tante grazie|ringraziando|ringraziandovi|la ringrazio|grazie per l'attenzione}",
    # Portuguese
    "{atenciosamente|atentamente|att|atte|at.te|cordialmente|respeitosamente|sinceramente|grato|grata|gratos|desde já grato|desde já grata|desde já agradeço|desde já obrigado|abs|bjs|sds|sds.|saudações|saudações cordiais|cordiais saudações|até breve|até logo|até mais|no aguardo}",
    "{|com os |com os meus |os meus |os melhores |com }{melhores |meus |cordiais |}cumprimentos{| cordiais}",
    "{|um |um grande |grande |forte }{abraço|abraços|beijo|beijos}{| a todos}",
    "{|muito |desde já }{obrigado|obrigada|obrigados|agradecido|agradecida|brigado}{| desde já| pela atenção| e abraço| e um abraço| mais uma vez| antecipadamente}",
    "{bom|boa|ótimo} {dia|tarde|noite|fim de semana|final de semana|trabalho|semana}",
    # Dutch
    "{|met |hele |veel |met een |de }{|vriendelijke |hartelijke |vriendelijk |lieve |beste |warme |zonnige |sportieve |hartelijk |vriendelijker |de }{groet|groeten|groetjes|gr|grtjs|groetje}{| uit nederland}",
    "{mvg|m.v.g|gr|grt|grtz|groetjes|hoogachtend|hgd|vr.gr|vr. gr|tot ziens|tot snel|tot dan|tot morgen|liefs|fijne dag|fijne avond|fijn weekend|prettig weekend|prettige dag|nog een fijne dag}",
    "{|alvast |hartelijk |heel erg }{bedankt|dank|dankjewel|dank je wel|dank u wel|dank u|dank je}{| voor de moeite| alvast| en groet| voor je hulp}",
    # Polish
    "{z|łączę|z wyrazami|pozostaję z} {poważaniem|wyrazami szacunku|wyrazy szacunku|pozdrowieniami|szacunkiem|szacunku|pozdrowienia}",
    "{|serdecznie |gorąco |również |z góry dziękuję i }pozdrawiam{| serdecznie| cieplutko| ciepło| gorąco}",
    "{serdeczne pozdrowienia|pozdrowienia|pozdr|pzdr|pozdro|miłego dnia|miłego weekendu|dobrego dnia|dziękuję|dzięki|dziekuje|z góry dziękuję|dziękuję i pozdrawiam|dzięki i pozdrawiam|dziękuję bardzo|do zobaczenia|do usłyszenia}",
    # Russian, Ukrainian, Bulgarian
    "{с|с глубоким|с огромным|c} {уважением|наилучшими пожеланиями|наилучшими|уважением и наилучшими пожеланиями|благодарностью|приветом|любовью|добрыми пожеланиями}",
    "{всего|всех} {доброго|хорошего|наилучшего|благ}",
    "{|большое |огромное |заранее }спасибо{| большое| заранее| за помощь| за внимание}",
    "{благодарю|заранее благодарю|заранее благодарен|заранее благодарна|удачи|до встречи|до свидания|пока|хорошего дня|хорошего вечера|хороших выходных|удачного дня|жду ответа|искренне ваш|искренне ваша|ваш|привет}",
    "{з повагою|з найкращими побажаннями|з найкращими|щиро ваш|дякую|щиро дякую|дуже дякую|заздалегідь дякую|гарного дня|гарного вечора|до зустрічі|на все добре|всього найкращого|с уважение|поздрави|поздрав|с поздрав|благодаря|сърдечни поздрави|хубав ден|лека вечер|со почит}",
    # Japanese, Chinese, Korean
    "{|以上、|何卒|どうぞ|それでは、|では、|どうか|今後とも}{よろしくお願い|宜しくお願い|宜しく御願い}{いたします|致します|申し上げます|します}",
    "{敬具|かしこ|草々|早々|以上|以上です|よろしく|宜しく|よろしくどうぞ|ありがとうございます|ありがとうございました|有難うございます|ありがとう|では|それでは|失礼します|失礼いたします|失礼致します|お疲れ様です|取り急ぎご連絡まで|取り急ぎお礼まで|取り急ぎ|ご確認ください|ご確認よろしくお願いいたします|ご検討よろしくお願いいたします|お手数ですがよろしくお願いいたします|どうぞよろしくお願いいたします}",
    "{此致|此致敬礼|敬礼|此致敬禮|敬禮|祝好|祝 好|祝商祺|顺颂商祺|順頌商祺|顺祝商祺|順祝商祺|商祺|谢谢|谢谢!|多谢|谢了|非常感谢|感谢|谢谢您|感谢您的支持|謝謝|多謝|謝謝您|感謝|敬上|祝您工作愉快|祝工作顺利|祝工作愉快|顺祝|此致 敬礼|祝您生活愉快|祝好!|顺颂时祺|以上,谢谢|以上,謝謝|以上}",
    "{감사합니다|고맙습니다|감사드립니다|수고하세요|수고하십시오|안녕히 계세요|좋은 하루 되세요|좋은 하루 보내세요|이상입니다|그럼 이만|올림|드림|감사}",
    # Nordic
    "{|med |de }{|vänliga |vänlig |bästa |varma |hjärtliga |mange |venlig |venlige |vennlig |vennlige |kærlig |bedste |beste |de bedste |hjertelig |kjærlig |med |varme |hjertelige |många }{hälsningar|hälsning|hilsen|hilsener|hilsner}",
    "{mvh|m.v.h|v.h|vh|med venlig|vänligen|hälsningar|hälsn|hilsen|kh|bh|bästa|tack|tack på förhand|stort tack|tusen tack|tack så mycket|tack och hej|ha det|ha det bra|ha det så bra|ha en bra dag|ha en fin dag|ha en trevlig helg|hej då|tak|mange tak|tak for hjælpen|på forhånd tak|på forhånd takk|takk|tusen takk|takk for hjelpen|ha en god dag|ha en god helg|hej hej|knus|kram|klem|vi ses}",
    "{|ystävällisin |parhain |terveisin |ystävällisesti |lämpimin |kunnioittavin |hyvin |yhteistyöterveisin |aurinkoisin }{terveisin|tervehdyksin|terveiset}",
    "{terv|yt|yst.terv|ystävällisesti|terkuin|terkut|kiitos|kiitos etukäteen|kiitoksia|kiittäen|kunnioittavasti|hyvää päivänjatkoa|hyvää viikonloppua|mukavaa päivää}",
    # Czech, Slovak, Hungarian, Romanian, Slovene, Croatian, Serbian
    "{s|se srdečným|se|so srdečným|s přátelským|s priateľským|s prátelským} {pozdravem|pozdravom|pozdravy|úctou|pozdravem a přáním hezkého dne|přáním hezkého dne|přáním pěkného dne}",
    "{zdravím|hezký den|pěkný den|přeji hezký den|přeji pěkný den|děkuji|děkuji předem|předem děkuji|děkuji a přeji hezký den|díky|mějte se|mějte se hezky|ahoj|čau|ďakujem|ďakujem vopred|vopred ďakujem|ďakujem pekne|vďaka|pekný deň|prajem pekný deň|maj sa|děkuji vám|děkuji za odpověď}",
    "{|szívélyes |baráti |szíves |őszinte }{üdvözlettel|üdvözlet|üdvözleteket}",
    "{üdv|üdvözlettel|üdvözlöm|tisztelettel|köszönettel|köszönöm|előre is köszönöm|köszi|kösz|köszönöm szépen|minden jót|további szép napot|szép napot|szia|sziasztok|ölel|puszi|megértését köszönöm}",
    "{cu|cu multă|cu deosebită} {stimă|respect|considerație|drag|prietenie|stimă și respect}",
    "{mulțumesc|multumesc|mulțumesc anticipat|vă mulțumesc|mersi|mulțumiri|toate cele bune|numai bine|o zi bună|o zi frumoasă|o seară bună|salutări|cele bune|al dumneavoastră}",
    "{|srdačan |lijep |lep |lijepi |lepi |srdačen |puno |prijazen }{pozdrav|pozdravi|pozdravom|pozdravljen}",
    "{s poštovanjem|s spoštovanjem|srdačno|lp|lp,|pozdrav|pozz|hvala|hvala lijepa|hvala lepa|hvala unaprijed|hvala unapred|hvala i pozdrav|ugodan dan|prijeten dan|unaprijed hvala}",
    # Greek, Turkish, Vietnamese, Hebrew, Arabic and others
    "{με εκτίμηση|με εκτιμηση|φιλικά|με φιλικούς χαιρετισμούς|ευχαριστώ|ευχαριστώ πολύ|σας ευχαριστώ|ευχαριστώ εκ των προτέρων|χαιρετισμούς|χαιρετισμοί|καλή συνέχεια|καλημέρα|φιλιά|με τιμή|ευχαριστούμε}",
    "{saygılarımla|saygılarımızla|saygılar|saygılar sunarım|sevgiler|sevgilerimle|selamlar|en iyi dileklerimle|iyi çalışmalar|kolay gelsin|iyi günler|iyi günler dilerim|teşekkürler|teşekkür ederim|çok teşekkürler|şimdiden teşekkürler|teşekkür ederiz|iyi akşamlar|hoşçakalın|görüşmek üzere}",
    "{trân trọng|trân trọng kính chào|kính thư|thân mến|thân ái|xin cảm ơn|cảm ơn|cám ơn|cảm ơn bạn|cảm ơn nhiều|xin chân thành cảm ơn|thân chào|kính chào|trân trọng cảm ơn}",
    "{בברכה|בברכת חברים|בכבוד רב|תודה|תודה רבה|תודה מראש|בתודה|יום טוב|להתראות|שלך|שלכם|ד״ש|בידידות|בהוקרה|המשך יום טוב|יום נעים}",
    "{مع أطيب التحيات|مع خالص التحيات|مع تحياتي|تحياتي|وتفضلوا بقبول فائق الاحترام|مع خالص الشكر|شكرا|شكراً|شكرا جزيلا|شكراً جزيلاً|مع التحية|وشكرا|مع الشكر|خالص تحياتي|أطيب التحيات|والسلام|والسلام عليكم|المخلص|مع السلامة|باحترام|با تشکر|با احترام|با سپاس|ممنون|متشکرم}",
    "{salam|salam hormat|hormat saya|hormat kami|terima kasih|terimakasih|terima kasih banyak|salam hangat|wasalam|sekian|salamat|maraming salamat|lugupidamisega|parimate soovidega|tervitades|tervitustega|tervitusi|aitäh|tänan|ette tänades|ar cieņu|ar sveicieniem|paldies|pagarbiai|geros dienos|dėkoju|ačiū|su pagarba|sėkmės|kveðja|bestu kveðjur|með kveðju|takk fyrir|is mise le meas|go raibh maith agat|slán}",
    "{salutacions|cordialment|atentament|gràcies|moltes gràcies|una salutació|salutacions cordials|agur|adeitasunez|eskerrik asko|besarkada bat|saúdos|unha aperta|grazas|me respekt|faleminderit|përshëndetje|ขอแสดงความนับถือ|ขอบคุณ|ขอบคุณครับ|ขอบคุณค่ะ|धन्यवाद|सादर|आभार|ਧੰਨਵਾਦ|நன்றி|dankon|vriendelike groete|groete|dankie|asante}",
)
THANKING = phrases(
    "{thanks|thank|thx|thanx|tx|many|merci|danke|vielen|gracias|muchas|grazie|obrigado|obrigada|bedankt|dank|dziękuję|dzięki|спасибо|дякую|tack|tak|takk|kiitos|děkuji|díky|ďakujem|köszönöm|mulțumesc|hvala|teşekkürler|cheers|bye|ciao|later|love|ta|ty|best}"
)
"""First words of phrases that may as well be said to the reader (`Thanks Bob`)."""

THANKS = phrases(
    "{thanks|thank|thx|thanx|merci|danke|gracias|grazie|obrigado|obrigada|bedankt|tack|tak|takk|dziękuję|спасибо}"
)
SAID = phrases(
    "{see you|see ya|see you soon|talk soon|talk to you soon|speak soon|take care|good luck|bye|bye bye|bye for now|welcome|happy holidays|happy new year|merry christmas|god bless}",
    "have a {|very }{nice|good|great|wonderful|lovely|fantastic|pleasant} {day|weekend|week|evening|one|afternoon|time|night}",
    "{à bientôt|à très bientôt|à demain|à plus tard|bonne journée|bonne soirée|bonne semaine|bon week-end|bon weekend|bonne fin de semaine}",
    "{bis bald|bis dann|bis morgen|alles gute|alles liebe|schönes wochenende|schönen tag|schönen abend|schönen tag noch|schönen feierabend}",
    "{hasta pronto|hasta luego|hasta mañana|nos vemos|buen día|feliz día|buen fin de semana|feliz fin de semana|a presto|a domani|buona giornata|buona serata|buon lavoro|buon weekend}",
    "{até breve|até logo|até mais|bom dia|bom fim de semana|tot ziens|tot snel|tot dan|tot morgen|fijne dag|fijne avond|fijn weekend|prettig weekend|do zobaczenia|miłego dnia|miłego weekendu}",
    "{до встречи|до свидания|хорошего дня|хороших выходных|удачи|vi ses|ha det bra|ha det|ha en bra dag|ha en god dag|祝好|祝商祺}",
)
"""What may be all that is said below a greeting."""
AMBIGUOUS = phrases(
    "{abs|bjs|sds|ty|kr|br|bg|bh|cs|hg|kh|lp|sg|vh|yt|gr|agur|basta|xx|73|best|love|later|truly|peace|yours|fondly|warmly|always|gr|t|v|ta|al|moi|kl|ihr|ihre|dein|deine|sem|sd}"
)
"""Words that are often said of something else: they need an empty line above or a comma."""

MOST_WORDS: dict[str, int] = {}
"""By first word, the number of words of the longest phrase that begins with it."""
for _phrase in FAREWELLS:
    _first, _size = first_word(_phrase), _phrase.count(" ") + 1
    MOST_WORDS[_first] = max(_size, MOST_WORDS.get(_first, 0))

FORMULA_WORDS = phrases(
    "{je|nous|veuillez|dans|en|recevez|restant|reciba|quedo|quedamos|sin|aprovecho|resto|rimango|in|porgo|porgiamo|voglia|fico|aguardo|sem}"
)
FIRST_WORDS = FORMULA_WORDS | {phrase.split(" ", 1)[0] for phrase in FAREWELLS}
"""With which closing formulas begin, short or long."""


SINGLE_WORDS = {phrase for phrase in FAREWELLS if " " not in phrase}
FOLLOWERS: dict[str, tuple[str, ...]] = {}
"""By first word the second words of all phrases: `with` begins many lines, few go on `best`."""
for _phrase in FAREWELLS:
    _first, _second, *_ = *_phrase.split(" "), ""
    if _second:
        FOLLOWERS[_first] = (*FOLLOWERS.get(_first, ()), _second)
FOLLOWERS = {first: tuple(set(seconds)) for first, seconds in FOLLOWERS.items()}

FORMULA = re.compile(
    r"(?:je vous prie|nous vous prions|veuillez|dans l'attente|en vous|recevez|je vous souhaite|je reste a|restant a|"
    r"reciba|quedo a|quedamos a|sin otro particular|aprovecho|resto a disposizione|rimango a|in attesa di|porgo|porgiamo|voglia gradire|"
    r"fico a disposicao|aguardo|sem mais)\b[^?]{0,140}(?:salutations|sentiments|consideration|respects|saludo|saludos|consideracion|"
    r"saluti|ossequi|cumprimentos|distinguees?|estima)[^?]{0,40}\Z"
)
"""Folded: the long formulas of letters in Romance languages."""
