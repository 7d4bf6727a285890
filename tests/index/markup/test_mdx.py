"""MDX as sites of Docusaurus, Astro and Next.js have it: the program goes, and what readers see stays."""

from __future__ import annotations

import pytest

from index.markup.dialect import Dialect
from index.markup.text import read_markup


def text(source: str) -> str:
    return read_markup(source, html=False, mdx=True).text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        pytest.param("<div>**bold** text</div>", "bold text", id="one line"),
        pytest.param("<div className={a.b}>\n  *a* and `b`\n</div>", "a and b", id="block"),
        pytest.param("<details><summary>A *b*</summary>**c**</details>", "A b\nc", id="details"),
        pytest.param("<table><tr><td>`a`</td><td>**b**</td></tr></table>", "a\fb", id="cells of a table"),
        pytest.param("- a\n- b\n\n<ul>\n  <li>**c**</li>\n</ul>", "a\nb\nc", id="list"),
        pytest.param("<a\n  href='x'\n  style={{ b: 'c' }}\n>\n  **d**\n</a>", "d", id="tag of several lines"),
        pytest.param('<img\n  alt="A b"\n  src={c}\n/>', "\fA b", id="image"),
        pytest.param("a <b>c</b> <br/> d", "a c\nd", id="within a line"),
        pytest.param("A <H2>b</H2> <FAQ /> c", "A b c", id="capitals"),
        pytest.param("<Code code={`const a = 1;`} title='a.js' />", "a.js", id="component named like an element"),
        pytest.param('<Card title="A b" icon="c">**d**</Card>', "A b d", id="title"),
        pytest.param("<Video title={\"A\"} caption={'B'} className='c' href='/d' id='e' />", "A B", id="braces"),
        pytest.param('<More summary="A" description="B" label="C" alt="D" />', "A B C D", id="other attributes"),
        pytest.param('<Badge :title="a.b c" />d', "d", id="bound attribute of Vue"),
        pytest.param("{/* a\n\nb */}c", "c", id="comment"),
        pytest.param("a {props.b} c {1 + {d: 2}.d} e", "a c e", id="expressions"),
        pytest.param("{'a'} {\"b\"} {`c`}{' '}d", "a b c d", id="texts"),
        pytest.param("{'{'}a{'}'} {'<div>'}", "{a} <div>", id="texts of signs"),
        pytest.param("{a && <p>b</p>}\n\nc", "b\nc", id="condition"),
        pytest.param("{a.map((b) => (\n  <li key={b}>c {b.d}</li>\n))}\n\ne", "c\ne", id="loop"),
        pytest.param("<A>\n  {({ b }) => (\n    <>\n      <p>c</p>\n    </>\n  )}\n</A>\n\nd", "c\nd", id="function"),
        pytest.param("{a ? <B>c</B> : null}", "c", id="nothing else"),
        pytest.param("# A {#b}\n\nc {d\n", "A\nc {d", id="id of a heading, and a brace that is not closed"),
        pytest.param("```jsx\nimport a from 'b'\n<A b={c}/>{d}\n```", "import a from 'b'\n<A b={c}/>{d}", id="fence"),
        pytest.param("<A>\n\n    ```js\n    b {\n      c\n    ```\n\n</A>", "b {\n  c", id="fence with a margin"),
        pytest.param("`<A>` and `{b}`", "<A> and {b}", id="inline code"),
        pytest.param("The $x_{n}^{2}$ of {'$5'}", "The $x_{n}^{2}$ of $5", id="formula"),
        pytest.param("export const a = {\n  b: 1,\n\n  c: [],\n}\n\nd", "d", id="export of an object"),
        pytest.param(
            "export default function A({ b }) {\n  c()\n\n  return <p>{b}</p>\n}\n\nd", "d", id="function of lines"
        ),
        pytest.param("export const a = 1\n\n   b", "b", id="export of one line"),
        pytest.param("export const a = {\n\n# B\n\n}", "B\n}", id="export that is not closed"),
        pytest.param("import {\n  A,\n} from 'b';\nexport * from './c';\n\nd", "d", id="import"),
        pytest.param(
            "<Tabs values={[{label: 'A', value: 'b'}]}>\n  <TabItem label='C'>\n    ## D\n  </TabItem>\n</Tabs>",
            "A C\nD",
            id="tabs",
        ),
    ],
)
def test_mdx_reads_as_its_page(source: str, words: str) -> None:
    assert text(source) == words


def test_markdown_of_a_site_in_mdx_is_mdx() -> None:
    mdx = Dialect(templates=("directives", "components", "mdx"))
    source = ":::note[A *b*]\n\n{c.d} <Tabs>e</Tabs>\n\n:::"
    assert read_markup(source, html=False, dialect=mdx).text == "A b\ne"
    assert read_markup(source, html=False, dialect=Dialect(templates=())).text.startswith(":::note[A b]\n{c.d}")
