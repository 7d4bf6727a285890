"""The process behind `bench.peers.xapian`: run by the system's Python, so it uses nothing of ours.

It reads lines of JSON: documents, `null`, then questions; and answers the `null` and each question with a line that has
the seconds it took.
"""

import json
import sys
import time
from typing import Any

import xapian

__all__: list[str] = []

SNIPPET_BYTES = 200


def main() -> None:
    """Index what comes in, then answer questions until the input ends."""
    folder, weights, hits = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
    lines = (json.loads(line) for line in sys.stdin)
    show({"seconds": build(folder, weights, lines)})
    database = xapian.Database(folder)
    stemmer = xapian.Stem("en")
    parser = make_parser(database, stemmer)
    for question in lines:
        started = time.perf_counter()
        answer = ask(database, parser, stemmer, question["text"], hits)
        show({"seconds": time.perf_counter() - started, "hits": answer})


def show(answer: object) -> None:
    print(json.dumps(answer), flush=True)


def build(folder: str, weights: Any, lines: Any) -> float:
    """Index the documents up to `null`, and give the seconds."""
    started = time.perf_counter()
    database = xapian.WritableDatabase(folder, xapian.DB_CREATE_OR_OPEN)
    generator = xapian.TermGenerator()
    generator.set_stemmer(xapian.Stem("en"))
    seconds = time.perf_counter() - started
    for texts in lines:
        started = time.perf_counter()
        if texts is None:
            database.commit()
            database.close()
            return seconds + time.perf_counter() - started
        database.add_document(make_document(generator, weights, texts))
        seconds += time.perf_counter() - started
    return seconds


def make_document(generator: Any, weights: Any, texts: Any) -> Any:
    """The fields one after the other in one space of terms: a word of the title counts as often as it weighs."""
    document = xapian.Document()
    generator.set_document(document)
    generator.set_termpos(0)
    for name, text in texts.items():
        generator.index_text(text, int(weights[name]))
        generator.increase_termpos()
    document.set_data(json.dumps([texts["title"], texts["body"], texts["tags"], texts["author"]]))
    return document


def make_parser(database: Any, stemmer: Any) -> Any:
    parser = xapian.QueryParser()
    parser.set_database(database)
    parser.set_stemmer(stemmer)
    parser.set_stemming_strategy(xapian.QueryParser.STEM_SOME)
    parser.set_default_op(xapian.Query.OP_AND)
    return parser


def ask(database: Any, parser: Any, stemmer: Any, text: str, hits: int) -> Any:
    """The titles and snippets of the best hits."""
    query = parser.parse_query(text, xapian.QueryParser.FLAG_DEFAULT | xapian.QueryParser.FLAG_WILDCARD)
    enquire = xapian.Enquire(database)
    enquire.set_query(query)
    matches = enquire.get_mset(0, hits)
    answer = []
    for match in matches:
        title, body, _, _ = json.loads(match.document.get_data())
        answer.append([title, matches.snippet(body, SNIPPET_BYTES, stemmer).decode("utf-8", "replace")])
    return answer


main()
