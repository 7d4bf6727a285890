"""In which language a post is: by its header, the site's rules, its path, the site, its letters; through whole runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from index.indexer.run import reindex, update
from index.settings import Settings
from tests.index.sites.folders import write
from tests.stored import stored_documents

Reader = Callable[..., dict[str, str]]

ARTICLE = {
    "ar": "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا.",
    "be": "Усе людзі нараджаюцца свабоднымі і роўнымі ў сваёй годнасці і правах. Яны надзелены розумам і сумленнем.",
    "bg": "Всички хора се раждат свободни и равни по достойнство и права. Те са надарени с разум и съвест.",
    "bn": "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে।",
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "en": "All human beings are born free and equal in dignity and rights.",
    "fa": "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. همه دارای عقل و وجدان هستند.",
    "he": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "hi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "hy": "Բոլոր մարդիկ ծնվում են ազատ ու հավասար՝ իրենց արժանապատվությամբ և իրավունքներով։",
    "ja": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "ka": "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით.",
    "kk": "Барлық адамдар тумысынан азат және қадір-қасиеті мен құқықтары тең болып дүниеге келеді.",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "mk": "Сите човечки суштества се раѓаат слободни и еднакви по достоинство и права.",
    "ru": "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью.",
    "sr": "Сва људска бића рађају се слободна и једнака у достојанству и правима. Она су обдарена разумом и свешћу.",
    "ta": "மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும், உரிமைகளிலும் சமமானவர்கள்.",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "uk": "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю.",
    "ur": "تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔ انہیں ضمیر اور عقل ودیعت ہوئی ہے۔",
    "zh": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
}
"""The first article of the Universal Declaration of Human Rights, shortened."""

LATIN = {
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de "
    "conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen "
    "begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
    "es": "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y "
    "conciencia, deben comportarse fraternalmente los unos con los otros.",
    "it": "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di "
    "coscienza e devono agire gli uni verso gli altri in spirito di fratellanza.",
    "pt": "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de "
    "consciência, devem agir uns para com os outros em espírito de fraternidade.",
    "nl": "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en "
    "geweten, en behoren zich jegens elkander in een geest van broederschap te gedragen.",
    "sv": "Alla människor är födda fria och lika i värde och rättigheter. De är utrustade med förnuft och samvete "
    "och bör handla gentemot varandra i en anda av broderskap.",
    "no": "Alle mennesker er født frie og med samme menneskeverd og menneskerettigheter. De er utstyrt med fornuft "
    "og samvittighet og bør handle mot hverandre i brorskapets ånd.",
    "fi": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki "
    "ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä.",
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni "
    "rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.",
    "cs": "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím a "
    "mají spolu jednat v duchu bratrství.",
    "hu": "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek, ésszel és "
    "lelkiismerettel bírván, egymással szemben testvéri szellemben kell hogy viseltessenek.",
    "ro": "Toate ființele umane se nasc libere și egale în demnitate și în drepturi. Ele sunt înzestrate cu "
    "rațiune și conștiință și trebuie să se comporte unele față de altele în spiritul fraternității.",
    "id": "Semua orang dilahirkan merdeka dan mempunyai martabat dan hak-hak yang sama. Mereka dikaruniai akal dan "
    "hati nurani dan hendaknya bergaul satu sama lain dalam semangat persaudaraan.",
    "vi": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được tạo "
    "hóa ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.",
    "ca": "Tots els éssers humans neixen lliures i iguals en dignitat i en drets. Són dotats de raó i de "
    "consciència, i han de comportar-se fraternalment els uns amb els altres.",
}
LOREM = (
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore "
    "magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo."
)

CODE = "```\n" + "for value in values: print(value)\n" * 2 + "```\n"


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Writes a site, indexes its posts, and tells the language of each by its id."""

    def read(files: Mapping[str, str], posts: str = ".", lang: str = "en") -> dict[str, str]:
        folder = write(tmp_path / "site", files) / posts
        settings = Settings(posts=folder, index=tmp_path / "index", workers=1, lang=lang)
        reindex(settings)
        return {id: document.lang for id, document in stored_documents(settings).items()}

    return read


@pytest.mark.parametrize("lang", sorted(ARTICLE))
def test_letters_tell_the_language_where_nothing_else_does(lang: str, read: Reader) -> None:
    assert read({"a.md": f"# {ARTICLE[lang]}\n", "b.md": f"# Notes\n\n{ARTICLE[lang]}\n"}) == {
        "a.md": lang,
        "b.md": lang,
    }


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        (f"The article is “{ARTICLE['ru'][:30]}” in Russian, and its first words mean: {ARTICLE['en']}", "en"),
        (ARTICLE["en"] * 3 + ARTICLE["ru"] + ARTICLE["el"] + ARTICLE["ja"], "en"),
        (ARTICLE["ru"] * 2 + CODE, "ru"),
        (ARTICLE["zh"] * 2 + CODE, "zh"),
        (f"{ARTICLE['zh']}「の」是日语。", "zh"),
        (ARTICLE["ru"] * 5 + " Київ і Львів", "ru"),
        ("3 + 4 = 7 😀 ✓", "en"),
        ("𝔄\ue000\u0378 µ", "en"),
    ],
)
def test_letters_count_where_most_are_of_another_script(text: str, lang: str, read: Reader) -> None:
    assert read({"a.md": f"---\ntitle: A\n---\n{text}\n"}) == {"a.md": lang}


@pytest.mark.parametrize(
    ("site", "text", "lang"),
    [
        ("bg", "ru", "bg"),
        ("sr-Latn", "sr", "sr-latn"),
        ("mn", "ru", "mn"),
        ("ja", "zh", "ja"),
        ("zh-TW", "zh", "zh-tw"),
        ("zh", "ja", "ja"),
        ("ko", "ru", "ru"),
        ("de", "uk", "uk"),
        ("ps", "fa", "ps"),
    ],
)
def test_letters_do_not_gainsay_a_language_that_is_written_in_them(
    site: str, text: str, lang: str, read: Reader
) -> None:
    assert read({"_config.yml": f"lang: {site}\n", "a.md": f"---\n---\n{ARTICLE[text]}\n"}) == {"a.md": lang}


@pytest.mark.parametrize("lang", sorted(LATIN))
def test_stop_words_tell_a_language_in_latin_letters_where_nothing_else_does(lang: str, read: Reader) -> None:
    files = {
        "a.md": LATIN[lang],
        "b.md": f"# {LATIN[lang].upper()}\n",
        "c/en/d.md": LATIN[lang],
        "en/a.md": LATIN[lang],
    }

    assert read(files) == {"a.md": lang, "b.md": lang, "c/en/d.md": lang, "en/a.md": "en"}


@pytest.mark.parametrize(
    "text",
    [
        LOREM,
        f"He quotes it on the first page of this book, and says what that means for all of us: {LATIN['fr'][:80]}",
        "The Rio de la Plata, Las Vegas, El Paso, Los Angeles and Die Zeit are names, and this is about them.",
        "86b8c1c5 node-v0.10.6-x86.msi d2ef0de8 da7a na-0e1f se4c a b c d e i o u y z k s v " * 5,
        "Une note.",
        "",
    ],
)
def test_stop_words_tell_nothing_where_they_are_few_or_beside_english_ones(text: str, read: Reader) -> None:
    assert read({"a.md": f"---\ntitle: Notes\n---\n{text}\n"}) == {"a.md": "en"}


def test_stop_words_do_not_gainsay_the_site(read: Reader) -> None:
    assert read({"_config.yml": "lang: en\n", "a.md": f"---\n---\n{LATIN['fr']}\n"}) == {"a.md": "en"}


def test_all_of_a_long_text_counts(read: Reader) -> None:
    beginning = ARTICLE["en"] * 20

    assert read({"a.md": beginning + ARTICLE["uk"] * 100, "b.md": beginning * 3 + ARTICLE["uk"]}) == {
        "a.md": "uk",
        "b.md": "en",
    }


def test_a_header_is_believed_whatever_the_letters_are(read: Reader) -> None:
    langs = read(
        {
            "own.md": f"---\nlang: en\n---\n{ARTICLE['ru']}\n",
            "said/by-the-site.md": f"---\n---\n{ARTICLE['ru']}\n",
            "unreadable.md": f"---\nlang: Русский\n---\n{ARTICLE['ru']}\n",
            "page.html": f'<html lang="en"><title>x</title><p>{ARTICLE["zh"]}',
            "_config.yml": "defaults:\n- scope: {path: said}\n  values: {lang: de}\n",
        }
    )

    assert langs == {"own.md": "en", "said/by-the-site.md": "de", "unreadable.md": "ru", "page.html": "en"}


PATHS = {
    "_posts/fr/2020-01-01-a.md": "fr", "i18n/ja/docusaurus-plugin-content-docs/current/a.md": "ja",
    "docs/zh-cn/guide/a.md": "zh-cn", "docs/pt-BR/a.md": "pt-br", "content/de/a.md": "de",
    "src/content/docs/fr/a.md": "fr", "translations/es/a.md": "es", "website/de/a.md": "de", "apps/pages/uk/a.md": "uk",
    "a.it.md": "it", "index.zh-CN.md": "zh-cn", "README.fr.md": "fr", "blog/no/a.md": "en", "docs/is/a.md": "en",
    "it/a.md": "en", "ar/a.md": "en", "lab/fr/a.md": "en", "a.min.md": "en", "src/id.md": "en",
}  # fmt: skip


@pytest.mark.parametrize(("id", "lang"), PATHS.items())
def test_a_path_tells_the_language_where_that_is_safe_to_say(id: str, lang: str, read: Reader) -> None:
    assert read({id: f"# Notes\n\n{ARTICLE['en']}\n"}) == {id: lang}


def test_letters_are_believed_more_than_a_path(read: Reader) -> None:
    langs = read({"fr/a.md": ARTICLE["uk"], "content/zh-tw/a.md": ARTICLE["zh"], "content/ar/a.md": ARTICLE["fa"]})

    assert langs == {"fr/a.md": "uk", "content/zh-tw/a.md": "zh-tw", "content/ar/a.md": "ar"}


def test_a_doubtful_folder_is_a_language_beside_others_that_are(read: Reader) -> None:
    ids = ["it/a.md", "de/a.md", "docs/en/a.md", "docs/my/a.md", "docs/lab/a.md", "blog/is/a.md", "blog/no/a.md"]
    langs = read(dict.fromkeys(ids, f"# Notes\n\n{ARTICLE['en']}\n"))

    assert langs == dict(zip(ids, ["it", "de", "en", "my", "en", "en", "en"], strict=True))


def test_a_folder_that_comes_beside_others_makes_their_posts_read_anew(read: Reader, tmp_path: Path) -> None:
    assert read({"docs/it/a.md": "# A helpdesk\n"}) == {"docs/it/a.md": "en"}
    settings = Settings(posts=tmp_path / "site", index=tmp_path / "index", workers=1)
    (settings.posts / "docs/fr").mkdir()
    (settings.posts / "docs/fr/b.md").write_text("# Un poste\n", "utf-8")
    update(settings, ["docs/fr/b.md"])

    assert {id: one.lang for id, one in stored_documents(settings).items()} == {
        "docs/it/a.md": "it",
        "docs/fr/b.md": "fr",
    }


@pytest.mark.parametrize(
    ("config", "posts", "lang"),
    [
        ({"_config.yml": "locale: pt_BR\n"}, "_posts", "pt-br"),
        ({"_config.yml": "language:\ntheme: landscape\n"}, "source/_posts", "en"),
        ({"_config.yml": "theme: landscape\n"}, "source/_posts", "en"),
        ({"hugo.toml": "defaultContentLanguage = 'de'\n"}, "content", "de"),
        ({"hugo.toml": "defaultContentLanguage = 'cn'\n[languages.cn]\nlanguageCode = 'zh-CN'\n"}, "content", "zh-cn"),
        ({"hugo.toml": ""}, "content/nl", "nl"),
        ({"pelicanconf.py": "PATH = 'content'\nDEFAULT_LANG = 'es'\n"}, "content", "es"),
        (
            {"docusaurus.config.js": "module.exports = {presets: ['classic'], i18n: {defaultLocale: 'tr'}}"},
            "docs",
            "tr",
        ),
        ({"book.toml": "[book]\nlanguage = 'sv'\n"}, "src", "sv"),
    ],
)
def test_the_language_of_the_site_is_that_of_posts_that_name_none(
    config: dict[str, str], posts: str, lang: str, read: Reader
) -> None:
    files = config | {f"{posts}/2020-01-01-a.md": "---\ntitle: A\ndate: 2020-01-01\n---\n"}
    files |= {f"{posts}/SUMMARY.md": "- [A](2020-01-01-a.md)\n"} if "book.toml" in config else {}

    assert read(files, posts)["2020-01-01-a.md"] == lang
    assert read(files, posts, lang="it")["2020-01-01-a.md"] == "it"


HUGO = """
defaultContentLanguage = 'en'
[languages.en]
contentDir = 'english'
[languages.de]
contentDir = 'deutsch'
[languages.cn]
contentDir = 'chinese'
languageCode = 'zh-CN'
"""


def test_the_folders_and_suffixes_of_hugos_languages_tell_them(read: Reader) -> None:
    names = ["english/a", "deutsch/a", "chinese/a", "english/b.cn", "english/b.de", "content/a", "de/a"]
    own = {"deutsch/own.md": "---\nlang: nl\n---\n", "hugo.toml": HUGO}
    langs = read({f"{name}.md": "---\ntitle: A\n---\n" for name in names} | own)

    assert langs == {
        "english/a.md": "en",
        "deutsch/a.md": "de",
        "chinese/a.md": "zh-cn",
        "english/b.cn.md": "zh-cn",
        "english/b.de.md": "de",
        "deutsch/own.md": "nl",
    }


def test_an_address_goes_by_the_language_that_is_said(tmp_path: Path) -> None:
    posts = write(tmp_path, {"fr/a.md": "---\n---\n", "b.md": ARTICLE["ru"]})
    settings = Settings(posts=posts, index=tmp_path / "index", workers=1, url_pattern="/:lang/:slug/")
    reindex(settings)

    assert {one.url: one.lang for one in stored_documents(settings).values()} == {"/fr/a/": "fr", "/en/b/": "ru"}
