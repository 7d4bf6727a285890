"""The endpoint over a real Whoosh index: queries and parameters that bring others down are answered, and soon.

`python -m tests.search.web.test_endpoint URL` runs the same table against any server and prints the slowest answers.
"""

from __future__ import annotations

import json
import random
import string
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from index import Document, Settings
from index.storage import open_writer
from search.web.extension import create_app

SEED = 20130619
QUERIES = (
    " ".join(["a ANDNOT"] * 18 + ["a"]),
    " ANDMAYBE ".join("abcdefghijklmnopqr"),
    " REQUIRE ".join("abcdefghijklmnopqr"),
    "*", "*a*", "????", "[a TO z]", "{a TO z]", "title:[a TO", "date:[x TO y]", "date:['1 year ago' to now]",
    " OR ".join(f"{letter}*" for letter in string.ascii_lowercase),
    " ".join(f"{letter}*" for letter in string.ascii_lowercase),
    " OR ".join(f"word{number}" for number in range(1000)),
    " ".join(f"word{number}" for number in range(5000)),
    "(" * 1000, "(" * 1000 + "a" + ")" * 1000, '"' * 1001, '"a b" ' * 200, "-" * 1000, "-a " * 500,
    "word~3", "word~5", "x" * 100 + "~9", 'r"((.*)*)*!"', '"a b"~5', "a^1e309", "a AND (b OR", "NOT", "OR",
    "AND OR NOT",
    "word " * 20000, "x" * 100_000, "\u0000", "\ufffd\u202e", "é" * 5000, "検" * 2000, "🎉" * 500,
    "tag:", "tag:tag:tag:", "author:\"", "after:2013-99", "before:0000", "lang:??", ":", "::", "a:b:c", "http://x/y?z",
    "the of and to in is", '"the of the of the of the of"', "<script>alert(1)</script>", "' OR 1=1 --", "%", "%00",
    "../..",
)  # fmt: skip
PARAMETERS = (
    "page=0", "page=-1", "page=abc", "page=1_0", "page=%D9%A1", "page=1e3", "page=", "page=999999999999999999999",
    "page=1&page=2", "per_page=0", "per_page=-1", "per_page=x", "per_page=100000", "limit=0", "limit=-1", "sort=",
    "sort=score", "from=x", "from=2013-13-01", "from=9999-99", "to=0000", "tag=%00", "tag=&tag=&tag=", "author=%ff%fe",
    "lang=%00", "prefix=2", "prefix=", "unknown=1", "q=%ff", "q=%ed%a0%80", "q=a&q=b", "q[]=a", "=", "&&&", "%",
    "callback=alert", "suggest=8", "suggest=9", "suggest=x", "q=" + "a" * 7000,
)  # fmt: skip


def addresses() -> Iterator[str]:
    """Every row of both tables, for the JSON and for the page."""
    rows = [urllib.parse.urlencode({"q": query})[:30_000] for query in QUERIES] + [f"q=word&{p}" for p in PARAMETERS]
    for row in (*rows, *PARAMETERS):
        yield f"hits?{row}"
        yield f"?{row}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    chance = random.Random(SEED)
    words = [f"word{number}" for number in range(400)] + list("abcdefgh") + ["the", "of", "and"]
    settings = Settings(index=tmp_path_factory.mktemp("site") / "index")
    plain = Document("", "", "", "")
    with open_writer(settings) as writer:
        for number in range(300):
            title, body = (" ".join(chance.choices(words, k=size)) for size in (5, 200))
            writer.put(
                replace(plain, id=f"{number}.md", url=f"/{number}/", title=title, body=body, tags=(words[number],))
            )
        writer.commit()
    return create_app(settings).test_client()


@pytest.mark.parametrize("address", list(addresses()))
def test_no_query_and_no_parameter_is_too_much(client: FlaskClient, address: str) -> None:
    answer = client.get("/search/" + address)

    assert answer.status_code in {200, 400}
    assert b"Traceback" not in answer.data
    if address.startswith("hits"):
        body = answer.get_json()
        assert set(body) >= ({"hits", "warnings"} if answer.status_code == 200 else {"message", "code", "type"})


def test_the_page_completes_the_last_word_only_where_nothing_else_is_found(client: FlaskClient) -> None:
    begun, whole, endpoint = (
        client.get("/search/?q=word3 wor"), client.get("/search/?q=wor"), client.get("/search/hits?q=wor&prefix=0")
    )  # fmt: skip

    assert b"begin with it" not in begun.data
    assert b"begin with it" in whole.data
    assert b"<mark>wor</mark>d" in whole.data
    assert endpoint.get_json()["total"] == 0


def test_the_page_counts_as_the_search_box_does_where_that_leads_to_it(client: FlaskClient) -> None:
    box = client.get("/search/hits?q=word3").get_json()["total"]
    whole = client.get("/search/hits?q=word3&prefix=0").get_json()["total"]

    assert 0 < whole < box
    assert f"{box} posts</b> for" in client.get("/search/?q=word3&prefix=1").text
    assert f"{box} posts</b> for" in client.get("/search/?q=word3&prefix=1&page=2").text
    assert f"{whole} posts</b> for" in client.get("/search/?q=word3").text


def measure(url: str) -> None:
    """Print what a running server makes of the tables."""
    times: list[tuple[float, int, str]] = []
    for address in addresses():
        started = time.perf_counter()
        try:
            with urllib.request.urlopen(url + address.replace("\0", "%00"), timeout=60) as answer:
                answer.read()
                status = answer.status
        except urllib.error.HTTPError as error:
            with error:
                status = error.code
        times.append(((time.perf_counter() - started) * 1000, status, address[:60]))
    statuses = sorted({status for _, status, _ in times})
    print(json.dumps({"requests": len(times), "statuses": statuses, "slowest_ms": round(max(times)[0], 1)}))
    for slow in sorted(times, reverse=True)[:5]:
        print(*slow)


if __name__ == "__main__":
    measure(sys.argv[1])
