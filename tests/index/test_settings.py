"""Options: where they come from, which place counts, how texts become values, and what a mistake says."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index.errors import SettingsError
from index.named_folders import NamedFolder, read_folders
from index.settings import PREFIX, Settings, load_settings, read_toml, settings_from_config, zone_named

DEFAULTS = Settings()


def toml(folder: Path, text: str) -> Path:
    path = folder / "postsearch.toml"
    path.write_text(text, "utf-8")
    return path


def test_nothing_has_to_be_given(tmp_path: Path) -> None:
    assert load_settings(environ={}, toml=tmp_path / "postsearch.toml") == Settings()


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(tmp_path: Path) -> None:
    path = toml(tmp_path, "port = 1\nper_page = 2\nfacet_size = 3")
    environ = {"POSTSEARCH_PORT": "4", "POSTSEARCH_PER_PAGE": "5"}

    settings = load_settings({"port": 6, "per_page": None}, environ=environ, toml=path)

    assert (settings.port, settings.per_page, settings.facet_size) == (6, 5, 3)
    assert settings.max_per_page == DEFAULTS.max_per_page


def test_the_config_of_a_flask_app_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSTSEARCH_PER_PAGE", "5")
    monkeypatch.setenv("POSTSEARCH_LANG", "de")

    settings = settings_from_config({"DEBUG": True, "POSTSEARCH_PER_PAGE": 7, "POSTSEARCH_EXCLUDE": ["a", "b"]})

    assert (settings.per_page, settings.lang, settings.exclude) == (7, "de", ("a", "b"))


def test_a_misspelt_key_of_the_config_is_an_error() -> None:
    message = r"^POSTSEARCH_PERPAGE: there is no such option; did you mean POSTSEARCH_PER_PAGE\?"
    with pytest.raises(SettingsError, match=message):
        settings_from_config({"POSTSEARCH_PERPAGE": 7})


def test_the_real_environment_is_read_unless_another_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTSEARCH_SITE_NAME", "Kettle Lane")

    assert load_settings(toml=None).site_name == "Kettle Lane"
    assert load_settings(environ={}, toml=None).site_name == ""


def test_the_file_is_looked_for_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml(tmp_path, 'lang = "de"')
    monkeypatch.chdir(tmp_path)

    assert load_settings(environ={}).lang == "de"


@pytest.mark.parametrize("option", [f.name for f in fields(Settings)])
def test_every_option_is_read_from_each_place(option: str, tmp_path: Path) -> None:
    """Each value differs from the default, so an option that is not read is seen."""
    value = other_value(option)
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    line = f"{option} = {list(value) if isinstance(value, tuple) else toml_value(value)}"

    from_flag = load_settings({option: value}, environ={}, toml=None)
    from_environment = load_settings(environ={PREFIX + option.upper(): text}, toml=None)
    from_file = load_settings(environ={}, toml=toml(tmp_path, line))

    assert getattr(from_flag, option) == (read_folders(value) if option == "folders" else value)
    assert getattr(from_flag, option) != getattr(DEFAULTS, option)
    assert from_flag == from_environment == from_file


def other_value(option: str) -> object:
    texts = {"url_prefix": "/find", "base_url": "/b", "generator": "hugo", "timezone": "Europe/Berlin"}
    default = getattr(DEFAULTS, option)
    if isinstance(default, bool):
        return not default
    if isinstance(default, int | float):
        return default + 1
    if option == "folders":
        return ("blog=content/posts", "docs=content/docs")
    if isinstance(default, tuple):
        return ("https://one.example", "https://two.example")
    return Path("elsewhere") if isinstance(default, Path) else texts.get(option, "other")


def toml_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int | float) else f'"{value}"'


@pytest.mark.parametrize("option", fields(Settings), ids=lambda f: f.name)
def test_every_option_has_a_sentence_for_the_reference(option: object) -> None:
    sentence = getattr(option, "metadata")["doc"]  # noqa: B009  (a Field is generic in a way pytest can't pass on)

    assert sentence[0].isupper()
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("word", "value"),
    [("true", True), ("Yes", True), ("ON", True), (" 1 ", True), ("false", False), ("no", False), ("off", False)],
)
def test_words_for_yes_and_no(word: str, value: bool) -> None:
    assert load_settings(environ={"POSTSEARCH_WATCH": word}, toml=None).watch is value


@pytest.mark.parametrize(
    ("value", "items"),
    [("", ()), (" a , b,", ("a", "b")), (["a", " b "], ("a", "b")), (("a",), ("a",)), ([], ())],
)
def test_lists_come_as_texts_with_commas_or_as_lists(value: object, items: tuple[str, ...]) -> None:
    assert load_settings({"exclude": value}, environ={}, toml=None).exclude == items


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("port", "eighty", "port: 'eighty' is not a whole number"),
        ("port", True, "port: True is not a whole number"),
        ("port", 80.5, "port: 80.5 is not a whole number"),
        ("port", 70000, "port: 70000 can't be used: it must be from 0 to 65535"),
        ("port", -1, "port: -1 can't be used: it must be from 0 to 65535"),
        ("watch", "maybe", "watch: 'maybe' is not true or false"),
        ("posts", 5, "posts: 5 is not a path"),
        ("lang", ["en"], r"lang: \['en'\] is not a text"),
        ("exclude", 5, "exclude: 5 is not a list of texts"),
        ("quiet_period", "soon", "quiet_period: 'soon' is not a number"),
        ("quiet_period", math.nan, "quiet_period: nan can't be used: it must be at least 0"),
        ("quiet_period", math.inf, "quiet_period: inf can't be used"),
        ("sweep_interval", 0, "sweep_interval: 0.0 can't be used: it must be more than 0"),
        ("lock_timeout", -1, "lock_timeout: -1.0 can't be used: it must be at least 0"),
        ("per_page", 0, "per_page: 0 can't be used: it must be from 1 to max_per_page, 50"),
        ("per_page", 51, "per_page: 51 can't be used: it must be from 1 to max_per_page, 50"),
        ("max_per_page", 0, "max_per_page: 0 can't be used: it must be at least 1"),
        ("max_file_size", 0, "max_file_size: 0 can't be used: it must be at least 1"),
        ("facet_size", -1, "facet_size: -1 can't be used: it must be at least 0"),
        ("generator", "gatsby", "generator: 'gatsby' can't be used: it must be one of auto, jekyll, hugo"),
        ("timezone", "Mars/Olympus", "timezone: 'Mars/Olympus' can't be used: it must be the name of a zone"),
        ("timezone", "../etc/passwd", "timezone: '../etc/passwd' can't be used"),
        ("url_prefix", "find", "url_prefix: 'find' can't be used: it must be empty or a path such as /search"),
        ("url_prefix", "/", "url_prefix: '/' can't be used"),
        ("url_prefix", "/<id>", "url_prefix: '/<id>' can't be used"),
        ("url_prefix", "/a b", "url_prefix: '/a b' can't be used"),
        ("url_prefix", "/a\x7f", "url_prefix: '/a.x7f' can't be used"),
        ("url_prefix", "/x?y", "url_prefix: '/x.y' can't be used"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_option(option: str, value: object, message: str) -> None:
    with pytest.raises(SettingsError, match=f"^{message}"):
        load_settings({option: value}, environ={}, toml=None)


def test_a_misspelt_key_of_the_file_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\.toml: perpage: there is no such option; did you mean per_page\?"):
        load_settings(environ={}, toml=toml(tmp_path, "perpage = 5"))
    with pytest.raises(SettingsError, match=r"\.toml: colour: there is no such option; the options are .*per_page"):
        load_settings(environ={}, toml=toml(tmp_path, "colour = 5"))


def test_a_misspelt_variable_is_told_with_the_option_that_it_is_like(caplog: pytest.LogCaptureFixture) -> None:
    assert load_settings(environ={"POSTSEARCH_POST": "content"}, toml=None) == Settings()
    assert caplog.messages == ["POSTSEARCH_POST in the environment is no option; did you mean POSTSEARCH_POSTS?"]


def test_other_variables_with_our_prefix_are_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    assert load_settings(environ={"POSTSEARCH_TEST_DATA": "/somewhere"}, toml=None) == Settings()
    assert caplog.messages == []


def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path: Path) -> None:
    path = toml(tmp_path, "port = 1\nlang = de")

    with pytest.raises(SettingsError, match=r"postsearch\.toml: .*line 2"):
        read_toml(path)


@pytest.mark.parametrize("text", ["port = 1\n[" + "a." * 50_000 + "b]", "port = " + "[" * 50_000], ids=["key", "list"])
def test_a_file_that_is_nested_too_deep_is_told(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"postsearch\.toml: (a key of more than 64 parts \(at line 2|.* too deep)"):
        read_toml(toml(tmp_path, text))


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "postsearch.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(SettingsError, match=r"postsearch\.toml: .*utf-8"):
        read_toml(path)


def test_settings_made_by_hand_take_texts_too() -> None:
    assert Settings(posts="content", port="80") == Settings(posts=Path("content"), port=80)  # type: ignore[arg-type]


BLOG, DOCS = NamedFolder(name="blog", posts=Path("content/posts")), NamedFolder(name="docs", posts=Path("content/docs"))


@pytest.mark.parametrize(
    "posts",
    [
        "blog=content/posts,docs=content/docs",
        "blog=content/posts, docs=content/docs",
        ("blog=content/posts", "docs=content/docs"),
        {"blog": "content/posts", "docs": {"posts": Path("content/docs")}},
        [BLOG, DOCS],
    ],
    ids=["a text", "a text with blanks", "a list", "a table", "folders"],
)
def test_several_folders_of_posts_have_names(posts: object) -> None:
    settings = Settings(posts=posts)  # type: ignore[arg-type]

    assert settings.folders == (BLOG, DOCS)
    assert settings.posts == Path("content").absolute()
    assert settings.posts_text == "blog=content/posts,docs=content/docs"
    assert [part.posts for part in settings.parts.values()] == [BLOG.posts, DOCS.posts]
    assert settings.path_of("docs/a/b.md") == "content/docs/a/b.md"
    assert settings.path_of("synonyms.yml") == str(Path("content/synonyms.yml").absolute())


@pytest.mark.parametrize("path", ["a,b", "./blog=content", "Blog=content", "content/a=b", "/blog=a,docs=b"])
def test_a_path_is_one_folder_unless_it_begins_with_a_name(path: str) -> None:
    settings = Settings(posts=path)  # type: ignore[arg-type]

    assert (settings.posts, settings.folders, settings.parts) == (Path(path), (), {"": settings})


def test_commas_may_be_part_of_the_path_of_a_folder() -> None:
    assert [f.posts for f in Settings(posts="a=x,y,b=z").folders] == [Path("x,y"), Path("z")]  # type: ignore[arg-type]


def test_a_folder_has_options_of_its_own(tmp_path: Path) -> None:
    tables = """
        lang = "de"
        base_url = "https://example.org"
        [folders.blog]
        posts = "content/posts"
        [folders.docs]
        posts = "content/docs"
        base_url = "https://docs.example.org"
        generator = "mkdocs"
    """
    settings = load_settings(environ={}, toml=toml(tmp_path, tables))
    told = {name: (part.generator, part.lang, part.base_url) for name, part in settings.parts.items()}

    assert told == {
        "blog/": ("auto", "de", "https://example.org"),
        "docs/": ("mkdocs", "de", "https://docs.example.org"),
    }
    # What a command names takes the place of the paths, and leaves a folder the options that the file gives it.
    elsewhere = load_settings({"posts": ("docs=elsewhere",)}, environ={}, toml=tmp_path / "postsearch.toml")
    assert elsewhere.folders == (replace(settings.folders[1], posts=Path("elsewhere")),)
    one = load_settings(environ={"POSTSEARCH_POSTS": "other"}, toml=tmp_path / "postsearch.toml")
    assert (one.posts, one.folders) == (Path("other"), ())


@pytest.mark.parametrize("posts", ["x", "blog=x"])
def test_one_place_names_posts_or_folders_not_both(tmp_path: Path, posts: str) -> None:
    path = toml(tmp_path, f"posts = '{posts}'\n[folders.docs]\nposts = 'content'\n")

    with pytest.raises(SettingsError, match=f"^posts: '{posts}' stands beside `folders`; name it there, or leave it"):
        load_settings(environ={}, toml=path)


@pytest.mark.parametrize(
    ("posts", "message"),
    [
        (["content/posts"], "posts: 'content/posts' has no name; give several folders as NAME=FOLDER"),
        (("blog=a", 5), "posts: 5 has no name"),
        ("blog=a,blog=b", "posts: two folders are called blog; give each a name of its own"),
        ({"Blog": "a"}, "posts: a folder can't be called 'Blog'; use small letters"),
        ({"a/b": "a"}, "posts: a folder can't be called 'a/b'"),
        ({"blog": ""}, "folders.blog.posts: '' is not a path"),
        ({"blog": {"lang": "de"}}, "folders.blog.posts: None is not a path"),
        ({"blog": {"posts": "a", "langs": "de"}}, "folders.blog.langs: there is no such option; these are: base_url"),
        ({"blog": {"posts": "a", "lang": 5}}, "folders.blog.lang: 5 is not a text"),
        ({"blog": {"posts": "a", "generator": "gatsby"}}, "folders.blog.generator: 'gatsby' can't be used"),
    ],
)
def test_a_mistake_in_several_folders_is_told(posts: object, message: str) -> None:
    with pytest.raises(SettingsError, match=f"^{message}"):
        Settings(posts=posts)  # type: ignore[arg-type]


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        DEFAULTS.port = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", ["UTC", "utc", "GMT"])
def test_utc_needs_no_table_of_zones(name: str) -> None:
    assert zone_named(name) is UTC


def test_a_zone_has_its_own_clock() -> None:
    assert zone_named("Europe/Berlin") == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "/etc/passwd", "\0", "Europe", ""])
def test_a_zone_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a time zone"):
        zone_named(name)
