"""Literals in configurations in JavaScript and TypeScript are read as their program would make them."""

from __future__ import annotations

import pytest

from index.sites.generators.javascript import PROGRAM, read_object

CONFIG = """
import type {Config} from '@docusaurus/types';
const {themes} = require('prism-react-renderer');
/* const config = {title: 'no', url: 'no', base: 'no'}; */
const options = {title: 'Options'};

const config: Config = {
  title: "It's", // "a" comment
  'tag-line': `one
two`,
  url: 'https://example.org/\\'', "base": '/' as const,
  ...options,
  yes: true, no: false, nothing: null, number: -1.5,
  list: ['a', /** @type {x} */ ({b: ['c', 'd',], } satisfies Options), require('e'), require.resolve("f"), , g],
  template: `a ${title}`, sum: 'a' + 'b', choice: dev ? 'a' : 'b', call: f('a', 'b'), items: ['a'].concat(more),
  arrow: (a) => { return {title: 'x', url: 'y'}; }, shorthand, method(a, b) { return 1; },
};

export default config;
"""


def test_the_object_with_most_of_the_keys_is_read() -> None:
    assert read_object(CONFIG, "title", "url", "base") == {
        "title": "It's",
        "tag-line": "one\ntwo",
        "url": "https://example.org/'",
        "base": "/",
        "...": PROGRAM,
        "yes": True,
        "no": False,
        "nothing": None,
        "number": "-1.5",
        "list": ["a", {"b": ["c", "d"]}, "e", "f", PROGRAM, PROGRAM],
        "template": PROGRAM,
        "sum": PROGRAM,
        "choice": PROGRAM,
        "call": PROGRAM,
        "items": PROGRAM,
        "arrow": PROGRAM,
        "shorthand": PROGRAM,
        "method": PROGRAM,
    }


@pytest.mark.parametrize(
    "source",
    [
        "export default {a: 'b'}",
        "export default defineConfig({a: 'b'})",
        "export default withPlugins(defineConfig<Theme>({a: 'b', plugins: [x()]}))",
        "module.exports = {a: 'b'};",
        "module.exports = async () => { const c = 1; return {a: 'b'}; }",
        "export default (): Config => ({a: 'b'}) satisfies Config",
        "const config = {a: 'b'}\n\nexport default config\n",
        "export default {c: [\n  f(1),\n  g()\n],\n  a: 'b'}",
        "const other = {c: 'd'}\n\nexport default f({a: 'b'})\n\nfunction f(x) { return x }\n",
    ],
)
def test_the_object_is_found_wherever_it_stands(source: str) -> None:
    assert read_object(source, "a")["a"] == "b"


@pytest.mark.parametrize("source", ["", "export default config", "if (x) {a: 1}", "module.exports = {", "= {a: 'b"])
def test_without_an_object_there_is_none(source: str) -> None:
    assert read_object(source, "a") in ({}, {"a": PROGRAM})


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "part", ["({", "= {a:[", "= {a:{b:", "= {a,", "= {a: 1},", '"', "= {a: (", "`${", "return {", "a,"]
)
def test_endless_configurations_are_read_in_little_time(part: str) -> None:
    read_object("= {" + part * 100_000, "a")
