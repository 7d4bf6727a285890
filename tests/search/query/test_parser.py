"""What is understood of what people type, and that nothing they type can make the parser fail or take long."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.analysis import STOP_WORDS, fold
from search.query import AnyOf, Clause, Filters, Phrase, Query, Word
from search.query.notices import Notice
from search.query.parser import parse, parsed_text
from search.query.words import LangCounts
from search.wording import wording_of

UNHURRIED = settings(deadline=None, print_blob=True)
PIECES = st.sampled_from(
    """a the who running gluster C++ .NET --dry-run foo_bar.baz café 東京 全文検索 OR AND NOT | || - -- -x -tag:x tag:y
    tags:z title: title:"web dev" author:Yui category:b body:c lang:de lang:pt_BR lang:1 after:2013 after:2013-06
    before:2013-13 after: "a phrase" -"no no" “curly” «angle» 「鉤」 " ( ) (x * x* ** ... !! http://x.org/?a=b 12:30
    std::vector foo:bar 😀 _
    -xyz -xyz* -abc -foo/bar a,-foo Ada's SQL c++/c# title:""".split()  # noqa: SIM905 - a list of so many quotes and signs can't be read
)
QUERIES = (
    st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=40) | st.text('ab -"():|*OR«»「」.', max_size=30)
)


def whole(text: str) -> Query:
    return parse(text, prefix=False)


def held_in(terms: str) -> LangCounts:
    """The languages of the posts of a test, which hold these terms."""
    return lambda term: {"en": int(term in terms.split())}


held = held_in("-foo -xyz x tag")
"""Some terms with a dash, some without one."""


def meaning(query: Query) -> tuple[tuple[Clause, ...], tuple[Clause, ...], Filters]:
    return query.clauses, query.excluded, query.filters


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", ()),
        ("   ", ()),
        ("gluster track", (Word("gluster"), Word("track"))),
        ("Gluster  \t\n track", (Word("Gluster"), Word("track"))),
        ("全文検索 第3章 C言語", (Word("全文検索"), Word("第3章"), Word("C言語"))),
        ("全文検索の方法", tuple(map(Word, ("全文", "文検", "検索", "索の", "の方", "方法")))),
        ("Node.jsのインストール", (Word("Node.js"), Word("の"), Word("インストール"))),
        ("使用PyTorch训练", (Word("使用"), Word("PyTorch"), Word("训练"))),
        ("데이터베이스관리시스템", (Word("데이터베이스관리시스템"),)),
        ("l'arbre L’Oréal dell'arte", (Word("arbre"), Word("L’Oréal"), Word("arte"))),
        ("qu'l'arbre c't O'Reilly", (Word("qu'l'arbre"), Word("c't"), Word("O'Reilly"))),
        ("die hard und wie", (Word("die"), Word("hard"), Word("und"), Word("wie"))),
        ("gluster gluster", (Word("gluster"), Word("gluster"))),
        ("word " * 20, (Word("word"),) * 8),
        ("to be or not to be", tuple(Word(word, weak=True) for word in ("to", "be", "or", "not"))),
        ("The THE the", (Word("The", weak=True),)),
        ('"a phrase"', (Phrase("a phrase"),)),
        ("“a phrase” x", (Phrase("a phrase"), Word("x"))),
        ("„a phrase“", (Phrase("a phrase"),)),
        ("«a phrase»", (Phrase("a phrase"),)),
        ("「全文 検索」", (Phrase("全文 検索"),)),
        ("東京「全文」", (Word("東京"), Phrase("全文"))),
        ('say "hi «there»"', (Word("say"), Phrase("hi there"))),
        ("--dry-run", (Word("--dry-run"),)),
        ("well-known", (Word("well-known"),)),
        ("C++ C# .NET R", (Word("C++"), Word("C#"), Word(".NET"), Word("R"))),
        ("std::vector 12:30", (Word("std"), Word("vector"), Word("12"), Word("30"))),
        ("http://x.org/?a=b", (Word("http"), Word("x.org"), Word("a", weak=True), Word("b"))),
        ("foo:bar", (Word("foo"), Word("bar"))),
        ("C: drive", (Word("C"), Word("drive"))),
        ("ios/android", (Word("ios"), Word("android"))),
        ("w;x y,z u+v p\\q", tuple(map(Word, "wxyzuvpq"))),
        ("rock&roll AT&T Q&A", (Word("rock"), Word("roll"), Word("AT&T"), Word("Q&A"))),
        ("don't e-mail foo_bar.baz", (Word("don't"), Word("e-mail"), Word("foo_bar.baz"))),
        ("foo.bar(baz)", (Word("foo.bar"), Word("baz"))),
        ("c++/c# --rm/.net", (Word("c++"), Word("c#"), Word("--rm"), Word(".net"))),
        ("東京、大阪", (Word("東京"), Word("大阪"))),
        ("Ada's Bob’s Eve's?", (Word("Ada"), Word("Bob"), Word("Eve"))),
        ("it's let's", (Word("it", weak=True), Word("let's"))),
        ("runs, (really)!", (Word("runs"), Word("really"))),
        ("after:hours", (Word("after", weak=False), Word("hours"))),
        ("lang:c", (Word("lang"), Word("c"))),
        ("x tag:", (Word("x"), Word("tag"))),
        ("tag: x", (Word("tag"), Word("x"))),
        ('x tag:""', (Word("x"), Word("tag"))),
        ("title:x/y", (Word("x", field="title", required=True), Word("y", field="title", required=True))),
        ("x/y OR z", (AnyOf((Word("x"), Word("y"), Word("z"))),)),
        ("x/y*", (Word("x"), Word("y", prefix=True))),
        ("-(x y)", (Word("x"), Word("y"))),
        ("x ... ! *", (Word("x"),)),
        ("(x y)", (Word("x"), Word("y"))),
        ("print(x)", (Word("print"), Word("x"))),
        ("x and y", (Word("x"), Word("and", weak=True), Word("y"))),
        ("x AND y", (Word("x"), Word("AND", weak=True), Word("y"))),
        ("404 NOT FOUND", (Word("404"), Word("NOT", weak=True), Word("FOUND"))),
        ("Why NOT to", (Word("Why"), Word("NOT", weak=True), Word("to", weak=True))),
        ("x or y", (Word("x"), Word("or", weak=True), Word("y"))),
        ("The Who", (Word("The", weak=True), Word("Who", weak=True))),
        ("run*", (Word("run", prefix=True),)),
        ("run* fast", (Word("run", prefix=True), Word("fast"))),
        ("title:gluster", (Word("gluster", field="title", required=True),)),
        ("Title:the", (Word("the", field="title", required=True),)),
        ("tag：kvm", (Word("kvm", field="tags", required=True),)),
        ("tags:kvm", (Word("kvm", field="tags", required=True),)),
        ('tag:"web dev"', (Phrase("web dev", field="tags"),)),
        ("author:Yui", (Word("Yui", field="author", required=True),)),
        ("category:news", (Word("news", field="category", required=True),)),
        ("body:run*", (Word("run", field="body", prefix=True, required=True),)),
        ("x OR y", (AnyOf((Word("x"), Word("y"))),)),
        ("READ OR DIE", (Word("READ"), Word("or", weak=True), Word("DIE"))),
        ("SQL OR rust", (Word("SQL"), Word("or", weak=True), Word("rust"))),
        ("rust OR SQL", (Word("rust"), Word("or", weak=True), Word("SQL"))),
        ("rust OR NoSQL", (AnyOf((Word("rust"), Word("NoSQL"))),)),
        ("404 OR 500", (AnyOf((Word("404"), Word("500"))),)),
        ("SQL | CSS", (AnyOf((Word("SQL"), Word("CSS"))),)),
        ('"SQL" OR "CSS"', (AnyOf((Phrase("SQL"), Phrase("CSS")), required=True),)),
        ("x OR", (Word("x"), Word("or", weak=True))),
        ("OR x", (Word("or", weak=True), Word("x"))),
        ("x |", (Word("x"),)),
        ("| x", (Word("x"),)),
        ("x|y || z", (AnyOf((Word("x"), Word("y"), Word("z"))),)),
        ("w x OR y z", (Word("w"), AnyOf((Word("x"), Word("y"))), Word("z"))),
        ("x OR x", (Word("x"),)),
        ('x OR "y z"', (AnyOf((Word("x"), Phrase("y z"))),)),
        (
            "tag:x OR tag:y",
            (
                AnyOf(
                    (Word("x", field="tags", required=True), Word("y", field="tags", required=True)),
                    required=True,
                ),
            ),
        ),
        ("the OR a", (AnyOf((Word("the", weak=True), Word("a", weak=True)), weak=True),)),
        ("-", ()),
        ("x - y", (Word("x"), Word("y"))),
        ("x – y", (Word("x"), Word("y"))),
        ('x ""', (Word("x"),)),
    ],
)
def test_what_is_wanted(text: str, clauses: tuple[Clause, ...]) -> None:
    query = whole(text)

    assert query.clauses == clauses
    assert query.excluded == ()
    assert query.notices == ()


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("-word", (Phrase("word"),)),
        ("-the", (Phrase("the"),)),
        ("-foo/bar", (Phrase("foo/bar"),)),
        ("-run*", (Word("run", prefix=True),)),
        ('-"a phrase"', (Phrase("a phrase"),)),
        ('-"x"', (Phrase("x"),)),
        ('-"--dry-run"', (Phrase("--dry-run"),)),
        ("-tag:x", (Phrase("x", field="tags"),)),
        ("-word -other", (Phrase("word"), Phrase("other"))),
        ("-.net", (Phrase(".net"),)),
        ("-after:hours", (Phrase("after:hours"),)),
    ],
)
def test_what_is_excluded(text: str, excluded: tuple[Clause, ...]) -> None:
    beside = whole(f"kept {text}")

    assert (beside.clauses, beside.excluded) == ((Word("kept"),), excluded)
    assert whole(f"tag:kept {text}").excluded == excluded
    assert whole(f"after:2013 {text}").excluded == excluded
    assert (beside.notices, beside.instead) == ((), ())


@pytest.mark.parametrize(
    ("text", "held", "clauses"),
    [
        ("git commit -m", "", (Word("git"), Word("commit"), Word("-m"))),
        ("ls -la -9", "", (Word("ls"), Word("-la"), Word("-9"))),
        ("docker run -it/x", "", (Word("docker"), Word("run"), Word("-it"), Word("x"))),
        ("tar -xzf", "-xzf", (Word("tar"), Word("-xzf"))),
        ("gcc -Wall -std=c++", "-wall -std", (Word("gcc"), Word("-Wall"), Word("-std"), Word("c++"))),
        ("x OR -xzf", "-xzf", (AnyOf((Word("x"), Word("-xzf"))),)),
        ("-draft", "draft", (Word("draft"),)),
        ("-draft -old", "", (Word("draft"), Word("old"))),
        ("-draft", "-draft", (Word("-draft"),)),
        ("x,-draft tag:-old", "", (Word("x"), Word("draft"), Word("old", field="tags", required=True))),
    ],
)
def test_a_dash_that_belongs_to_a_word_excludes_nothing(text: str, held: str, clauses: tuple[Clause, ...]) -> None:
    query = parse(text, prefix=False, lang_counts=held_in(held))

    assert (query.clauses, query.excluded, query.notices) == (clauses, (), ())


@pytest.mark.parametrize(
    ("text", "held", "other"),
    [
        ("git commit -m", "m -m", 'git commit -"m"'),
        ("docker run -it -v x -it", "it v", 'docker run -"it" -"v" x -"it"'),
        ("tar (-xzf) file", "xzf -xzf", 'tar (-"xzf") file'),
        ("-draft", "draft", '-"draft"'),
        ("-walking", "walk", '-"walking"'),
    ],
)
def test_the_other_reading_of_a_dash_is_told_where_it_makes_sense(text: str, held: str, other: str) -> None:
    (instead,) = parse(text, prefix=False, lang_counts=held_in(held)).instead

    assert instead.query == other
    assert str(instead.notice.params["text"]).startswith(f"-{held[0]}")
    assert parse(other, lang_counts=held_in(held)).excluded
    assert parse(other, lang_counts=held_in(held)).instead == ()
    assert parse(text, lang_counts=held_in("-m -xzf")).instead == ()


def day(year: int, month: int = 1, day: int = 1) -> date:
    return date(year, month, day)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("lang:de", Filters(lang=("de",))),
        ("LANG:pt_BR lang:de lang:de", Filters(lang=("pt-br", "de"))),
        ("after:2013", Filters(since=day(2013))),
        ("after:2013-06", Filters(since=day(2013, 6))),
        ("after:2013-06-19", Filters(since=day(2013, 6, 19))),
        ('before:"2013-6"', Filters(until=day(2013, 6))),
        ("before:2012-02-29", Filters(until=day(2012, 2, 29))),
        ("after:2012 after:2013 before:2016 before:2015", Filters(since=day(2013), until=day(2015))),
    ],
)
def test_filters(text: str, filters: Filters) -> None:
    query = whole(f"{text} word")

    assert query.filters == filters
    assert query.clauses == (Word("word"),)
    assert query.notices == ()


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("runni", Word("runni", prefix=True)),
        ("  runni", Word("runni", prefix=True)),
        ("runni ", Word("runni")),
        ("runni.", Word("runni")),
        ("foo/runni", Word("runni", prefix=True)),
        ("Ada's", Word("Ada")),
        ("runni)", Word("runni")),
        ("C++", Word("C++")),
        ("foo_", Word("foo_", prefix=True)),
        ("cafe\u0301", Word("cafe\u0301", prefix=True)),
        ("the", Word("the", prefix=True, weak=True)),
        ("tag:web", Word("web", field="tags", prefix=True, required=True)),
        ('"runni"', Phrase("runni")),
    ],
)
def test_the_last_word_goes_on_while_it_is_typed(text: str, clause: Clause) -> None:
    assert parse(text).clauses[-1] == clause


def test_only_the_last_word_goes_on() -> None:
    assert parse("oper tra").clauses == (Word("oper"), Word("tra", prefix=True))
    assert parse("oper OR tra").clauses == (AnyOf((Word("oper"), Word("tra", prefix=True))),)
    assert parse("oper -tra").excluded == (Phrase("tra"),)
    assert whole("oper tra").clauses == (Word("oper"), Word("tra"))


def test_a_phrase_is_found_while_it_is_typed() -> None:
    assert parse('"translator fram').clauses == (Phrase("translator"), Word("fram", prefix=True))
    assert parse('title:"fram').clauses == (Word("fram", field="title", prefix=True, required=True),)
    assert parse('"translator fram ').clauses == (Phrase("translator fram"),)
    assert parse('-"translator fram').excluded == (Phrase("translator fram"),)
    assert parse('"').clauses == ()


def test_typing_on_is_no_mistake() -> None:
    assert parse('"translator fram').notices == ()
    assert parse("gluster tag:").notices == ()
    assert parse("gluster tag:").clauses == (Word("gluster"),)
    for begun in ("2", "20", "2024-", "2024-0", "2024-06-0"):
        text = f"gluster after:{begun}"
        assert parse(text) == Query(text, (Word("gluster"),), wanted="gluster")


@pytest.mark.parametrize("typed", ["2024-13", "2024/06", "20245", "2024-02-30"])
def test_what_can_not_become_a_date_is_words_at_once(typed: str) -> None:
    query = parse(f"gluster after:{typed}")

    assert query.clauses[:2] == (Word("gluster"), Word("after"))
    assert [notice.code for notice in query.notices] == ["no_date"]


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("after:2013-02-30 x", Notice("no_date", {"text": "after:2013-02-30"})),
        ("before:0000 x", Notice("no_date", {"text": "before:0000"})),
        ("after:٢٠١٣ x", Notice("no_date", {"text": "after:٢٠١٣"})),
        ("-after:2013 x", Notice("filter_excluded", {"text": "-after:2013"})),
        ('x "y z', Notice("quote_open", {"text": "y z"})),
        ("x" * 101, Notice("word_cut", {"text": f"{'x' * 39}…", "most": 100})),
        (f'"{"p " * 17}q"', Notice("phrase_cut", {"text": "p q", "most": 16})),
        (" ".join(map(str, range(66))), Notice("clauses_cut", {"text": "64 65", "most": 64})),
        ("word " * 500, Notice("text_cut", {"most": 2000})),
        (" " * 20_000 + "x", Notice("text_cut", {"most": 2000})),
    ],
)
def test_what_is_not_used_is_told(text: str, notice: Notice) -> None:
    assert notice in whole(text).notices


def test_many_warnings_are_summed_up() -> None:
    notices = whole("x " + " ".join(f"after:{n}" for n in range(1, 20))).notices

    assert len(notices) == 10
    assert notices[-1] == Notice("more_notices", {"n": 10})


@pytest.mark.parametrize("text", ["...", "!!! ...", "|", "*", "???", "_"])
def test_what_is_no_word_is_asked_for_as_the_whole(text: str) -> None:
    query = whole(text)

    assert query.clauses == (Phrase(text, required=False),)
    assert query.notices == ()


def test_the_text_is_kept_as_typed_on_one_line() -> None:
    assert parse('  The  "Who"\n(live) ').text == 'The "Who" (live)'
    assert parse("a\0b\x1b\u2028c").text == "a b c"


def test_halves_of_characters_are_made_whole_or_replaced() -> None:
    assert parse("\ud83d\ude00").text == "😀"
    assert parse("x \ud800").text == "x �"


def test_caps_hold_whatever_is_typed() -> None:
    def size(query: Query) -> int:
        return sum(len(c.options) if isinstance(c, AnyOf) else 1 for c in (*query.clauses, *query.excluded))

    assert size(whole(" ".join(map(str, range(200))))) == 64
    assert size(whole(" OR ".join(map(str, range(200))))) == 64
    assert size(whole("/".join(map(str, range(200))))) == 64
    assert size(whole('"' + '" -"'.join(map(str, range(200))) + '"')) == 65
    assert size(whole(" ".join(map(str, range(64))) + " the of THE OF " * 20)) == 66
    assert len(whole("x" * 5_000).text) == 2_000
    assert [len(c.text) for c in whole("x" * 5_000).clauses if isinstance(c, Word)] == [100]
    assert [len(c.text.split()) for c in whole('"' + "p " * 90).clauses if isinstance(c, Phrase)] == [16]


def test_a_long_text_is_cut_between_words_and_its_last_word_is_whole() -> None:
    query = parse("seven77 " * 400)

    assert query.text.endswith("seven77")
    assert len(query.text) <= 2_000
    assert set(query.clauses) == {Word("seven77")}
    assert parse("x" * 5_000).clauses == (Word("x" * 100),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  gluster   Track ", "gluster Track"),
        ("x (y|z)", "x y | z"),
        ("-word «y z» Tags:«web dev»", '"y z" tag:"web dev" -"word"'),
        ("x OR -word z -m", 'x or z -m -"word"'),
        ("before:2015 LANG:pt_BR after:2013-06 x", "x lang:pt-br after:2013-06-01 before:2015-01-01"),
        ('-"--dry-run" x', 'x -"--dry-run"'),
        ("runn*", "runn*"),
        ("...", '"..."'),
        ("-", ""),
    ],
)
def test_the_parsed_form_is_said_in_one_way(text: str, said: str) -> None:
    assert parsed_text(whole(text)) == said


def test_the_word_that_goes_on_is_said_with_a_star() -> None:
    assert parsed_text(parse("gluster tra")) == "gluster tra*"


@UNHURRIED
@example(":»-「:", False)
@example("after:", True)
@given(QUERIES, st.booleans())
def test_what_is_said_means_the_same_again(text: str, prefix: bool) -> None:
    query = parse(text, prefix=prefix, lang_counts=held)
    again = parse(parsed_text(query), prefix=False, lang_counts=held)

    assert meaning(again) == meaning(query)
    assert parsed_text(again) == parsed_text(query)


@UNHURRIED
@given(QUERIES | st.text(st.characters(), max_size=100), st.booleans())
def test_any_text_is_understood(text: str, prefix: bool) -> None:
    query = parse(text, prefix=prefix, lang_counts=held)

    query.text.encode()
    for say in map(wording_of, ("en", "ar")):
        told = [*query.notices, *(other.notice for other in query.instead)]
        "".join([*(notice.text(say) for notice in told), *(other.query for other in query.instead)]).encode()
    assert len(query.notices) <= 10


@pytest.mark.parametrize(
    "piece",
    [
        "a OR ",
        '"',
        "(",
        "((x",
        " ",
        "a ",
        "-",
        "--",
        "\0",
        "tag:",
        "x",
        "\ud800",
        "* ",
        "NOT ",
        "|",
        "«",
        "'",
        '-"',
        "a.",
        "after:1 ",
    ],
)
def test_a_megabyte_is_read_at_once(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    parse(text)
    whole(text)

    assert time.process_time() - started < 5


def test_an_ordinary_query_takes_no_time_to_speak_of() -> None:
    started = time.process_time()
    for _ in range(1_000):
        parse('"translator framework" tag:gluster -draft after:2013 shanghai libgf')

    assert time.process_time() - started < 10


def test_stop_words_are_folded_words() -> None:
    assert all(word == fold(word) for word in STOP_WORDS)
    assert not STOP_WORDS.keys() & {"c", "r", "go", "rust", "net"}


def test_few_words_of_a_query_may_go_on() -> None:
    query = parse(" ".join(f"{letter}*" for letter in "abcdefghij") + " k", prefix=True)

    assert [clause.text for clause in query.clauses if isinstance(clause, Word) and clause.prefix] == list("abcdefgh")
    assert [clause.text for clause in query.clauses if isinstance(clause, Word)] == list("abcdefghijk")
    assert Notice("word_whole", {"text": "i", "most": 8}) in query.notices


def test_a_query_of_plain_words_compiles_no_pattern_of_other_scripts() -> None:
    """Some take milliseconds, of which the start of a command would be made."""
    code = (
        "import sys; from search.query.parser import parse; from index.unicode import LazyPattern as L\n"
        "parse('raised beds')\n"
        "found = {k: v for m in [*sys.modules.values()] for k, v in vars(m).items() if isinstance(v, L)}\n"
        "print(len(found) > 5, *(name for name, pattern in found.items() if len(vars(pattern)) > 1))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout == "True\n"
