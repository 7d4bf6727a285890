"""Searches in the languages of the posts: which words tell nothing, and where words end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from index import Document, Settings
from index.storage import open_writer
from search import Search

Find = Callable[..., list[str]]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Find]]:
    """Makes a site of posts, each named and given as language and text, and gives what searches it."""
    with ExitStack() as stack:

        def make(**posts: str) -> Find:
            settings = Settings(index=tmp_path / "index")
            with open_writer(settings) as writer:
                for id, post in posts.items():
                    lang, text = post.split(": ", 1)
                    writer.put(Document(id, f"/{id}/", id, text, lang=lang))
                writer.commit()
            service = stack.enter_context(closing(Search(settings)))
            return lambda text: sorted(hit.id for hit in service.run(text, prefix=False).hits)

        yield make


def test_stop_words_are_those_of_the_posts_that_hold_them(site: Callable[..., Find]) -> None:
    find = site(
        compost="de-at: Wie der Kompost im Garten reift, und die Würmer",
        beds="de: Wie die Beete wachsen, und der Salat",
        soup="de: Die Suppe, und wie sie schmeckt",
        film="en: Hard to die, said the actor",
    )

    assert find("wie reift der Kompost und die Würmer") == ["compost"]
    assert find("wie und") == ["beds", "compost", "soup"]
    assert find('"wie nichts und der Kompost"') == ["compost"]


def test_a_word_that_other_languages_use_as_one_is_none(site: Callable[..., Find]) -> None:
    find = site(
        film="en: Old habits die hard",
        war="en: The war on drugs",
        car="en: A car, and how to drive it",
        beds="de: Die Beete",
        drugs="en: Other drugs, to die for",
    )

    assert find("die beete") == ["beds", "drugs", "film"]
    assert find("war on drugs") == ["drugs", "war"]
    assert find("car race") == ["car"]


def test_long_chinese_and_japanese_texts_are_found_by_parts(site: Callable[..., Find]) -> None:
    find = site(
        manager="ja: パッケージマネージャーを利用したNode.jsのインストール",
        install="zh-cn: 使用 PyTorch 进行训练，安装数据库环境",
        other="ja: 全文を読む、検索する",
    )

    assert find("パッケージマネージャ利用したNode.jsのインストール") == ["manager"]
    assert find("怎么安装数据库的环境") == ["install"]
    assert find("使用PyTorch训练") == ["install"]
    assert find("全文検索") == []


def test_elided_articles_fall_off(site: Callable[..., Find]) -> None:
    find = site(apps="fr: Des applications pour Noël", tree="ca: Un arbre", brand="fr: L’Oréal", oreal="fr: Un oreal")

    assert find("l'application") == ["apps"]
    assert find("l’arbre") == ["tree"]
    assert find("L'Oréal") == ["brand"]
