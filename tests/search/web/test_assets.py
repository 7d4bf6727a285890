"""Static files over HTTP: their types, how long they last, and who may load them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index.settings import Settings
from search.web import assets
from tests.fake_search import FakeSearch, app_with

LISTED = "https://example.org"
READ_SO_FAR = Path("/proc/self/io")
FILES = sorted(path.relative_to(assets.STATIC).as_posix() for path in assets.STATIC.rglob("*") if path.is_file())


@pytest.fixture
def client() -> FlaskClient:
    return app_with(FakeSearch(), Settings(cors_origins=(LISTED,))).test_client()


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_of_a_type_that_browsers_take(client: FlaskClient, name: str) -> None:
    with client.get(f"/search/static/{name}") as answer:
        assert answer.status_code == 200
        assert answer.mimetype != "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.data == (assets.STATIC / name).read_bytes()


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module among the static files of a copy of theirs."""
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    monkeypatch.setattr("search.web.views.STATIC", tmp_path)
    path = tmp_path / "module.js"
    path.write_text("export default 1;\n", "utf-8")
    return path


def test_a_module_is_one_whatever_the_machine_thinks(client: FlaskClient, script: Path) -> None:
    with client.get("/search/static/module.js") as answer:
        assert answer.content_type == "text/javascript; charset=utf-8"


def test_a_file_asked_for_by_its_version_is_kept_for_good(client: FlaskClient) -> None:
    page = client.get("/search/").text
    address = re.search(r'href="(/search/static/postsearch\.css\?v=\w+)"', page)
    assert address

    with client.get(address[1]) as lasting, client.get("/search/static/postsearch.css") as plain:
        assert lasting.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert plain.headers["Cache-Control"] == "no-cache"
        tag = plain.headers["ETag"]
    with client.get("/search/static/postsearch.css?v=outdated") as other:
        assert other.headers["Cache-Control"] == "no-cache"
    with client.get("/search/static/postsearch.css", headers={"If-None-Match": tag}) as again:
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == "no-cache"


@pytest.mark.skipif(not READ_SO_FAR.exists(), reason="only Linux tells what a process reads")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_that_need_not_be_sent_is_not_read(client: FlaskClient, script: Path, method: str) -> None:
    script.write_bytes(b"/" * (size := 4 << 20))
    with client.get("/search/static/module.js") as answer:
        held = {"If-None-Match": answer.headers["ETag"]} if method == "GET" else {}

    before = bytes_read()
    with client.open("/search/static/module.js", method=method, headers=held) as answer:
        assert (answer.status_code, answer.data) == (304 if held else 200, b"")
        assert answer.headers.get("Content-Length", str(size)) == str(size)

    assert bytes_read() - before < size


def bytes_read() -> int:
    """How many bytes this process has read from anywhere."""
    return int(READ_SO_FAR.read_text("ascii").split()[1])


def test_a_changed_file_has_another_version(client: FlaskClient, script: Path) -> None:
    before = assets.version_of("module.js")
    script.write_text("export default 22;\n", "utf-8")

    assert before
    assert assets.version_of("module.js") not in {"", before}
    assert assets.version_of("none.js") == assets.version_of("") == assets.version_of("\0") == ""


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("origin", [LISTED, "https://other.org", "null", ""])
@pytest.mark.parametrize("listed", [(), (LISTED,)])
def test_files_can_be_used_by_pages_of_any_origin(method: str, origin: str, listed: tuple[str, ...]) -> None:
    client = app_with(FakeSearch(), Settings(cors_origins=listed)).test_client()
    headers = {"Origin": origin} if origin else {}

    with client.open("/search/static/postsearch.css", method=method, headers=headers) as answer:
        tag = answer.headers.get("ETag", "")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Vary" not in answer.headers
    with client.get("/search/static/postsearch.css", headers={**headers, "If-None-Match": tag}) as again:
        assert again.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "name", ["none.js", "", "../views.py", "..%2fviews.py", "%00", "box", "a/../../views.py", "x" * 5000]
)
def test_what_is_no_static_file_is_not_found(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/search/static/{name}")

    assert answer.status_code == 404
    assert answer.get_json()["code"] == "not_found"


def test_a_static_file_can_only_be_read(client: FlaskClient) -> None:
    assert client.post("/search/static/postsearch.css").status_code == 405
