"""What the analysis finds and what it does not, told as a query text against a document text."""

from __future__ import annotations

import string
import time
import unicodedata

import pytest
import Stemmer
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import fold, patterns, stemmer_for, tokenize
from index.analysis.pieces import MAX_CHUNK_CHARS
from tests.index.analysis.finding import finds

UNHURRIED = settings(deadline=None, print_blob=True)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60) | st.text(
    "aAbBvV1٣_-.'ʼ+# é\u0301全文ｶﾞカ한ไทยقَـ😀\u00ad", max_size=40
)
JOINED = str.maketrans("", "", "-‐‑'’·.׳״")
LANGS = st.sampled_from(["en", "de", "fr", "ru", "ja", "th", "ko", "xx", ""])


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("running", "a long run"),
        ("run", "we were running"),
        ("runs", "running"),
        ("happiness", "happy"),
        ("cafe", "the café"),
        ("café", "the cafe"),
        ("CAFÉ", "the Cafe"),
        ("cafe\u0301", "the caf\u00e9"),
        ("caf\u00e9", "the cafe\u0301"),
        ("naïve", "naive"),
        ("strasse", "Straße"),
        ("Straße", "Strasse"),
        ("Mueller", "Herr Müller"),
        ("Müller", "Herr Mueller"),
        ("muller", "Herr Müller"),
        ("MUELLER", "Herr MU\u0308LLER"),
        ("Koeln", "in Köln"),
        ("Aerzte", "die Ärzte"),
        ("Müller-Lüdenscheidt", "Mueller-Luedenscheidt"),
        ("uebe", "die Übe"),
        ("Ærøskøbing", "aeroskobing"),
        ("C++", "in C++ now"),
        ("c++", "C++20? No: C++, C."),
        ("C++", "(C++)"),
        ("C#", "C# and F#"),
        (".NET", "the .NET runtime"),
        (".net", "(.NET)"),
        ("R", "R is a language"),
        ("r", "in R."),
        ("C", "plain C code"),
        ("foo_bar.baz", "call foo_bar.baz() now"),
        ("baz", "call foo_bar.baz() now"),
        ("foo_bar", "call foo_bar.baz() now"),
        ("foo", "call foo_bar.baz() now"),
        ("bar", "call foo_bar.baz() now"),
        ("camel", "a camelCase name"),
        ("case", "a camelCase name"),
        ("camelcase", "a camelCase name"),
        ("camelCase", "a camelCase name"),
        ("parser", "the HTMLParser class"),
        ("html", "the HTMLParser class"),
        ("http", "getHTTPResponse2"),
        ("--dry-run", "pass --dry-run first"),
        ("dry-run", "pass --dry-run first"),
        ("dry", "pass --dry-run first"),
        ("--verbose", "pass --verbose"),
        ("-m", 'git commit -m "Mend it"'),
        ("-M", "git branch (-m)"),
        ("-la", "ls -la /tmp"),
        ("la", "ls -la /tmp"),
        ("git commit -m", 'git commit -m "Mend it"'),
        ("curl -X POST", "run curl -X POST now"),
        ("-Xmx512m", "java -Xmx512m"),
        ("-9", "kill -9"),
        ("-no-prompt", "run -no-prompt"),
        ("no-prompt", "run -no-prompt"),
        ("noprompt", "run -no-prompt"),
        ("dryrun", "pass --dry-run first"),
        ("well-known", "a well-known fact"),
        ("well", "a well-known fact"),
        ("known", "a well-known fact"),
        ("wellknown", "a well-known fact"),
        ("e-mail", "send email"),
        ("email", "send e-mail"),
        ("dont", "I don't"),
        ("don't", "I don’t"),
        ("gtx 1080", "a GTX1080 card"),
        ("GTX1080", "a GTX 1080 card"),
        ("gtx1080", "a GTX-1080 card"),
        ("1080", "a GTX1080Ti card"),
        ("GTX1080", "a GTX1080Ti card"),
        ("7055", "part nike7055"),
        ("m5799", "WF-M5799DWF"),
        ("50 gb", "50GB"),
        ("50gb", "50 GB"),
        ("1080 p", "1080p"),
        ("iphone 15", "an iPhone15"),
        ("ios", "on iOS15"),
        ("pytorch", "PyTorch2"),
        ("sha 256", "its SHA256"),
        ("sha256", "its SHA-256"),
        ("poly 1305", "ChaCha20Poly1305"),
        ("chacha20poly1305", "ChaCha20Poly1305"),
        ("3.11", "in Python3.11"),
        ("python 3.11", "in Python3.11"),
        ("Python3.11", "in Python 3.11"),
        ("4.7.1", "shipped v4.7.1"),
        ("v4.7.1", "shipped 4.7.1"),
        ("V4.7.1", "release-v4.7.1"),
        ("4.7.1", "release_v4.7.1"),
        ("v4", "foo_v4"),
        ("18", "Node v18"),
        ("v18", "node-v18"),
        ("ipv6", "IPv6"),
        ("ip", "IPv6"),
        ("v6", "IPv6"),
        ("cents", "10cents"),
        ("cent", "10cents"),
        *((name, name.upper()) for name in ("h2o", "mp3", "b2b", "k8s", "i18n", "utf8", "x86", "v8", "r2d2", "4f65")),
        ("utf8", "UTF-8"),
        ("0ed8b72485", "commit 0ed8b72485"),
        ("nodejs", "on Node.js"),
        ("node.js", "on nodejs"),
        ("js", "on Node.js"),
        ("aspnet", "ASP.NET"),
        ("asp.net", "aspnet"),
        ("usa", "the U.S.A."),
        ("U.S.A.", "the USA"),
        ("u.k.", "the UK"),
        ("u.s.", "the U.S. of old"),
        ("socketio", "Socket.IO"),
        ("1.2.3", "1.2.3"),
        ("pytorch", "使用PyTorch训练"),
        ("androidstudio", "私はAndroidStudioを使う"),
        ("swiftui", "나는SwiftUI로앱을만든다"),
        ("sha 256", "使用SHA256训练"),
        ("训练", "使用PyTorch训练"),
        ("全文", "日本語の全文検索"),
        ("全文検索", "日本語の全文検索"),
        ("検索", "日本語の全文検索"),
        ("日本", "日本語の全文検索"),
        ("東京", "東京は雨"),
        ("東京", "今日の東京"),
        ("京", "東京は雨"),
        ("東", "東京"),
        ("雨", "東京は雨"),
        ("第1回", "これは第1回です"),
        ("ภาษาไทย", "ภาษา\u200bไทย"),
        ("한국어", "한국어를 배우다"),
        ("국어", "한국어를 배우다"),
        ("문서", "문서를 읽다"),
        ("ไทย", "ภาษาไทย"),
        ("ภาษา", "ภาษาไทย"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("ガラス", "ｶﾞﾗｽ"),
        ("か\u3099らす", "がらす"),
        ("がらす", "ガラス"),
        ("サーバ", "サーバーを使う"),
        ("ユーザー", "ユーザの名前"),
        ("ｻｰﾊﾞｰ", "サーバ"),
        ("الطالب", "قَرَأَ الطَّالِبُ"),
        ("الشعب", "الشَّعْب"),
        ("القران", "القرآن"),
        ("احمد", "أحمد"),
        ("إسلام", "اسلام"),
        ("مدرسه", "مدرسة"),
        ("علي", "على"),
        ("مسؤول", "مسوول"),
        ("محمد", "محـــمد"),
        ("کتاب", "يك كتاب"),
        ("علی", "علي"),
        ("یہ", "يه"),
        ("שלום", "שָׁלוֹם"),
        ("שָׁלוֹם", "שלום"),
        ("क़लम", "कलम"),
        ("बाज़ार", "बाजार"),
        ("२०२४", "2024"),
        ("2024", "عام ٢٠٢٤"),
        ("۱۴۰۲", "1402"),
        ("Hawaii", "Hawaiʻi"),
        ("Hawai'i", "Hawaiʻi"),
        ("hawaiʻi", "Hawai‘i"),
        ("м'ята", "мʼята"),
        ("dont", "I donʼt"),
        ("ＡＢＣ", "abc"),
        ("ﬁle", "file"),
        ("web", "Web Development"),
        ("development", "Web Development"),
        ("tconrey", "tconrey"),
        ("Yui", "NARUSE, Yui"),
        ("naruse", "NARUSE, Yui"),
        ("smith", "Jane Smith-Jones"),
        ("it", "it is"),
        ("the who", "the who play"),
        ("😀", "so 😀 we are"),
        ("→", "a → b"),
        ("hyphenation", "hyphen\u00adation"),
        ("zerowidth", "zero\u200bwidth"),
        ("12:30", "at 12:30 sharp"),
        ("std::vector", "use std::vector here"),
        ("http://example.org/a", "see http://example.org/a."),
        ("1.2.3", "version 1.2.3"),
        ("v1.2", "v1.2.3"),
        ("at&t", "AT&T"),
        ("İstanbul", "istanbul"),
        ("col·lecció", "coŀlecció"),
        ("coŀlecció", "col·lecció"),
        ("צהל", "צה״ל"),
        ("ג'ירפה", "ג׳ירפה"),
        ("माँ", "मां"),
        ("Aarhus", "Århus"),
        ("Koebenhavn", "København"),
        ("știință", "ştiinţă"),
        ("ijsland", "ĲSLAND"),
        ("οδυσσευς", "ΟΔΥΣΣΕΥΣ"),
        ("کتابها", "کتاب\u200cها"),
        ("a" * 100, "a" * 100),
        ("a" * 58_000, "x " + "a" * 58_000),
    ],
)
def test_finds_what_it_should(asked: str, text: str) -> None:
    assert finds(asked, text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("running", "a long ruin"),
        ("run", "rum"),
        ("cafe", "cave"),
        ("C", "only C++ here"),
        ("C", "only C# here"),
        ("C++", "plain C code"),
        ("C++", "C+"),
        ("C#", "C and C++"),
        (".NET", "catch it in a net"),
        ("net", "the .NETwork"),
        ("R", "are our"),
        ("foo_bar", "foo and bar"),
        ("foo_bar.baz", "foo_bar and baz"),
        ("baz", "foo_bar.bazaar"),
        ("java", "written in JavaScript"),
        ("script", "written in JavaScript"),
        ("git", "on GitHub"),
        ("cam", "a camelCase name"),
        ("--dry-run", "a dry run"),
        ("--dry-run", "dry-run"),
        ("-m", "m"),
        ("-m", "a--m"),
        ("-m", "--m"),
        ("-m", "the well-m"),
        ("--m", "-m"),
        ("-9", "1-9"),
        ("well-known", "known well"),
        ("wellknown", "well, known"),
        ("全文", "全体の文"),
        ("全文", "文全"),
        ("京", "東西"),
        ("検索", "検査と探索"),
        ("한국어", "한국과 영어"),
        ("ไทย", "ไมยท"),
        ("か", "が"),
        ("muller", "Herr Mueller"),
        ("blu", "blue"),
        ("pot", "poet"),
        ("ビル", "ビール"),
        ("كتب", "كتاب"),
        ("של", "שלום"),
        ("बजर", "बाजार"),
        ("ড়", "ড"),
        ("ʼ", "it's ʼ here"),
        ("ـ", "a ـ b"),
        ("日本語", "日本 語"),
        ("第1回", "第2回と第1章"),
        ("the who", "who is the one"),
        ("std::vector", "vector of std"),
        ("12:30", "12 and 30"),
        ("😀", "😁"),
        ("v18", "18 nodes"),
        ("v18", "v 18"),
        ("gtx1080", "1080 gtx"),
        ("4.7.1", "v4.7"),
        ("4.71", "4.7.1"),
        ("471", "v4.7.1"),
        ("311", "Python3.11"),
        ("us", "the U.S. of old"),
        ("U.S.", "tell us"),
        ("it", "I.T."),
        ("8b", "commit 0ed8b72485"),
        ("72485", "commit 0ed8b72485"),
        ("iq", "iQIzBAEBCAAdFiEEzGj1oxBv9Eg2"),
        ("", "anything"),
        ("...", "anything ..."),
        ("_", "foo_bar"),
        ("a" * 99, "a" * 100),
    ],
)
def test_does_not_find_what_it_should_not(asked: str, text: str) -> None:
    assert not finds(asked, text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("runni", "running"),
        ("runnin", "running"),
        ("running", "run"),
        ("r", "running"),
        ("caf", "Café"),
        ("café", "cafeteria"),
        ("foo_b", "foo_bar.baz"),
        ("foo_bar.b", "foo_bar.baz"),
        ("well-kn", "well-known"),
        ("wellkn", "well-known"),
        ("--dr", "--dry-run"),
        (".ne", "the .NET runtime"),
        ("전문가", "전문가"),
        ("全文検", "全文検索"),
        ("java", "JavaScript"),
        ("gluster tra", "the gluster track"),
    ],
)
def test_a_word_that_is_being_typed_finds_what_begins_so(asked: str, text: str) -> None:
    assert finds(asked, text, prefix=True)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("runni", "ruin"),
        ("unning", "running"),
        ("gluster tra", "the tracked gluster"),
        ("well-kn", "well and known"),
        ("全文検", "全文書"),
    ],
)
def test_a_word_that_is_being_typed_finds_nothing_else(asked: str, text: str) -> None:
    assert not finds(asked, text, prefix=True)


def test_only_a_typed_word_goes_on() -> None:
    assert not finds("runni", "running")


@pytest.mark.parametrize(
    ("lang", "asked", "text"),
    [
        ("de", "Häuser", "das Haus"),
        ("de", "haus", "viele Häuser"),
        ("de-at", "Katzen", "die Katze"),
        ("fr", "chevaux", "cheval"),
        ("fr", "continuer", "a continué"),
        ("ru", "книга", "много книг"),
        ("ru", "книги", "книгу"),
        ("es", "corriendo", "correr"),
        ("pt_BR", "gatos", "gato"),
        ("deu", "Katzen", "die Katze"),
        ("nn-NO", "hestene", "hestar"),
        ("hi", "किताब", "किताबें"),
        ("ta", "புத்தகம்", "புத்தகங்கள்"),
    ],
)
def test_the_stemmer_is_that_of_the_language(lang: str, asked: str, text: str) -> None:
    assert finds(asked, text, lang)
    assert not finds(asked, text, "xx")


def test_unknown_languages_are_not_stemmed() -> None:
    assert finds("running", "running", "tlh")
    assert not finds("running", "run", "tlh")
    assert not finds("running", "run", "de")
    assert [stemmer_for(lang) for lang in ("tlh", "", "en-GB", "PT_br", "zh")] == ["", "", "english", "portuguese", ""]


def test_a_language_has_the_stemmer_of_its_name_where_that_is_installed() -> None:
    installed = Stemmer.algorithms()
    named = {"pl": "polish", "cs": "czech", "et": "estonian", "fa": "persian", "eo": "esperanto", "hi": "hindi"}

    for lang, algorithm in named.items():
        assert stemmer_for(lang) == (algorithm if algorithm in installed else "")


def test_a_query_for_posts_of_several_languages_has_the_stems_of_all() -> None:
    (pattern,) = patterns("running", {"en", "de", "xx"})

    assert pattern[0].terms >= {"running", "run"}


def test_compounds_stand_whole_and_in_parts() -> None:
    terms = {token.term: (token.position, token.start, token.end) for token in tokenize("foo_bar.baz ok", "xx")}

    assert terms == {
        "foo": (0, 0, 3),
        "bar": (1, 4, 7),
        "foo_bar": (0, 0, 7),
        "baz": (2, 8, 11),
        "foo_barbaz": (0, 0, 11),
        "ok": (3, 12, 14),
    }


def test_unspaced_scripts_give_overlapping_pairs_and_the_last_character() -> None:
    assert [token[:2] for token in tokenize("東京都 x", "ja")] == [("東京", 0), ("京都", 1), ("都", 1), ("x", 2)]


def test_long_words_are_cut_the_same_on_both_sides() -> None:
    (token,) = tokenize("a" * 58_000, "en")

    assert len(token.term) == 100
    assert token.end == 58_000


def test_of_what_goes_on_without_a_blank_the_beginning_is_found() -> None:
    tokens = tokenize("ab." * 100_000 + "cd ef", "en")

    assert [token.term for token in tokens if token.term != "ab"] == ["ab" * 50, "ef"]
    assert tokens[-2].end == MAX_CHUNK_CHARS
    assert tokens[-1].start == 300_003


@UNHURRIED
@given(TEXTS, LANGS)
def test_offsets_point_at_the_words_they_claim(text: str, lang: str) -> None:
    stems = stemmer_for(lang)
    for token in tokenize(text, lang):
        said = fold(text[token.start : token.end]).translate(JOINED)
        plain = token.term.translate(JOINED)
        assert 0 <= token.start < token.end <= len(text)
        changes = stems or any(c in unicodedata.normalize("NFC", text).lower() for c in "äöüåø")
        assert said.startswith(plain) or (changes and said[:1] == plain[:1]), (token, said)


@UNHURRIED
@given(TEXTS, LANGS)
def test_positions_count_up_from_zero_without_gaps(text: str, lang: str) -> None:
    positions = sorted({token.position for token in tokenize(text, lang)})

    assert positions == list(range(len(positions)))


@UNHURRIED
@given(TEXTS, LANGS)
def test_every_text_finds_itself(text: str, lang: str) -> None:
    assert bool(patterns(text, {lang})) == bool(tokenize(text, lang))
    assert not tokenize(text, lang) or finds(text, f"before, {text} , after", lang)


@UNHURRIED
@given(TEXTS)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@UNHURRIED
@given(TEXTS, LANGS)
def test_composed_and_decomposed_letters_are_the_same(text: str, lang: str) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))

    assert [token[:2] for token in tokenize(composed, lang)] == [token[:2] for token in tokenize(apart, lang)]
    assert patterns(composed, {lang}) == patterns(apart, {lang})


@UNHURRIED
@given(TEXTS)
def test_case_makes_no_difference_to_plain_words(text: str) -> None:
    words = "".join(c if c in string.ascii_letters else " " for c in text).lower()

    assert [t[:2] for t in tokenize(words.upper(), "en")] == [t[:2] for t in tokenize(words, "en")]


@UNHURRIED
@given(st.text(max_size=40))
def test_any_text_can_be_analysed(text: str) -> None:
    tokenize(text, "en")
    for prefix in (True, False):
        patterns(text, {"en", "de"}, prefix=prefix)


HOSTILE = {
    "dotted letters": "a." * 100_000,
    "hyphenated letters": "a-" * 100_000,
    "hyphens": "-" * 1_000_000,
    "underscores": "_" * 1_000_000,
    "marks": "\u0301" * 1_000_000,
    "a letter with marks": "a" + "\u0301" * 1_000_000,
    "letters with marks": "a\u0301" * 300_000,
    "dots": "." * 1_000_000,
    "pluses": "c++" * 100_000,
    "flags": "--a" * 100_000,
    "capitals": "A" * 1_000_000,
    "camel case": "aB" * 50_000,
    "letters and digits": "a1" * 50_000,
    "versions": "v1." * 50_000,
    "letters before a digit": "éB" * 50_000 + "1",
    "long vowels": "カー" * 50_000,
    "identifiers": "a1B_" * 25_000,
    "one long run": "全" * 100_000,
    "Thai": "ภาษาไทย" * 14_000,
    "vowels of Hangul": "\u1161" * 100_000,
    "half-width kana": "ｶﾞ" * 50_000,
    "two scripts": "a全" * 50_000,
    "zero width": "a\u200b" * 200_000,
    "surrogates": "\ud800a" * 50_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_take_linear_time(text: str) -> None:
    started = time.process_time()
    tokenize(text, "en")
    patterns(text[:10_000], {"en"})

    assert time.process_time() - started < 3


@settings(UNHURRIED, max_examples=30)
@given(st.text("a.-_'Bv1全é\u0301+#ーカʼ", min_size=1, max_size=8))
def test_a_repeated_text_takes_linear_time(text: str) -> None:
    started = time.process_time()
    tokenize(text * 4_000, "en")

    assert time.process_time() - started < 3
