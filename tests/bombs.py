"""Bombs: texts made of one token many times over, in every place of a post where a pattern or a parser may meet it."""

from __future__ import annotations

__all__ = ["FRAMES", "TOKENS", "filled"]

PLAIN_TOKENS = (
    "a", "a ", "aB", "a1", "1", "1 ", "a_", "a.", "a-", "-a ", ".a", "a+", "a'", "C++ ", "1st", "v1", "é", "ß", "ä",
    "漢", "漢字 ", "カ", "カー", "ー", "한", "กำ", "\u0e33", "٣", "ⅷ", "🙂", "a\u0301", "\u0301", "\u0301\u0316",
    "&#x301;&#x316;", "\\u0301\\u0316", "\u0345", "\u093c", "\u200b", "\u200d", "\u0640", "\u202e", "\ufdfa", "ﷺ ",
    "\u3000", "\ue000", "\x00", "\x01", "\f", "\r", "\t", " ", "\n", " \n", "\n\n", "\t\n", "\u2028", "\x85", "\\",
    "\\\n", "a\n", "a:", "a@b.", "http://a.", "www.a", "/", "://",
)  # fmt: skip
"""Letters of all scripts, marks, blanks, and what joins words."""

HEADER_TOKENS = (
    "a: b\n", "a:b\n", "title: a\n", "title:a\n", "draft: ", "a:\n", "a: ", "a : ", "- ", "- a\n", " - a\n",
    "  - a: b: c\n", "? ", "? a\n: b\n", "? a\n", "<<: ", "<<", "<<: {}\n", "&a ", "*a ", "!a ", "!", "&", "| ",
    "|\n", ">\n", "'", "''", '"', "\\u0041", '\\"', "[", "[ ", "{", "{ ", "{[", "]", "}", "a: [", "[a, ", '["a"],',
    "{a: ", "{a,", "#", "# a\n", " #", "---", "---\n", "--- ", "----", "...", "...\n", "+++", "+++\n", "+", "a = 1\n",
    "a = [", "a = ", "a.b", '"a".', "[a]\n", "[[a]]\n", "[a.b]\n", "[[", "'''", '"""', "a = {", '"a",', '{"a":',
    '"a": 1,', "}\n", ";;;", "-->", "<!--", "<!-- -->", "=======\n", "<<<<<<< ", ">>>>>>> a\n", "|||||||", "：",
    "a：b\n", "a:a:", "2013-01-01 ", "12:30 ", "(", "1,", ",", ";", "a;", "a,b ", "#+A: b\n", "export const a = {",
    "<meta name=a>", "<meta name=a content=b>", "<title>", "<!doctype ", "<html ", "a <b@c> ",
)  # fmt: skip
"""What has a meaning in headers of some kind."""

BODY_TOKENS = (
    "*", "**", "_", "__", "*a ", "**a* ", "*a _b ", "a*b", "~", "~~", "~~a", "`", "``", "` `` ", "`a", "`a` ", "[",
    "![", "[a](", "[a](b)", "[a][b]", "[a]: b\n", "[a", "](", "]", "[]", "[^a]", "[^a]: ", "[^a]: b\n\n", "(", ")",
    "<", ">", "> ", ">>", "> a\n", "- a\n", "- ", "* ", "1. ", "1) a\n", "  - ", "  ", "    a\n", "#", "# ", "# a\n",
    "# a {#b}\n", "{#a}", "a\n===\n", "=", "===\n", "a\n---\n", "---", "***\n", "|", "| ", "|a", "|a|\n|-|\n", "|-",
    "|a|a|\n", "|\n", ": ", "a\n: b\n", ":a\n", "```\n", "~~~\n", "```a\n", "````", "&", "&a", "&amp;", "&amp", "&#",
    "&#x", "&#1114112;", "&#0;", "&lt;", "&NotEqualTilde", "<a", "<a ", "<a>", "</a>", "<a b=", "<a b='", '<a b="',
    '<a b="c">', "<a/", "</", "<!", "<!--", "<!-->", "<!---", "--!>", "-->", "<![CDATA[", "]]>", "<?", "?>", "<p>",
    "</p>", "<p>a", "<div>", "</div>", "<b>", "<b><p>", "<i>", "<a href=b><div>", "<table>", "<table><td>", "<td>",
    "<tr>", "<li>", "<ul><li>", "<br>", "<br/>", "<img alt=a>", "<img alt='", "<h1>", "<h1 id=a>b</h1>",
    "<h1><a name=b>", "<script>", "</script>", "<script", "<style>", "<title>", "<svg>", "<svg><p>", "<math>",
    "<template>", "<iframe>", "<textarea>", "<pre>", "<pre>\n", "<code>", "<plaintext>", "<xmp>", "<noscript>",
    "<select>", "<option>", "<form>", "<button>", "<nobr>", "<font>", "<frameset>", "<body>", "<body a=b>",
    "<html a=b>", "<head>", "<ruby><rt>", "<dd>", "<object>", "<marquee>", "<caption>", "{{", "}}", "{{ a", "{{ a }}",
    '{{ "a b" }}', "{{<", "{{< a", '{{< a "b c" >}}', "{{% a %}}", "{{</* ", "{{Glossary(", '{{A("b', "{{raw `",
    "{{ raw \"", '{{raw "a"}}', "{%", "%}", "{% a %}", "{% raw %}", "{% endraw %}", "{% highlight a %}",
    "{% comment %}", "{% a 'b c' %}", "{% a b='", "{%- a", "{#", "{# a #}", "#}", "{:", "{: .a}", "{:a", "{:/}",
    "{::comment}", "{::", "{:toc}", "- a\n{:toc}\n", "# a\n{: #b}\n", "[a b=", "[a b='c", "[a b=c]", "[a]", "[/a]",
    "[a][/a]", "[gallery", "[caption a=b]", "[code]", "[!code", "[!code a", "[!include [a](b)]", "[!", "[!div ",
    "[!NOTE]", "[!video", ":::", "::: ", "\n:::", "\n:::a b", "{/*", "*/}", "import a", "\nimport a", "\nimport {",
    "\nimport a from 'b'", "\nexport ", "\nexport const a", "\nexport default", "READMORE", "\nREADMORE",
    "\nREADMORE\n", '{" "}', "{'", "<A", "<Ab", "<Ab ", "<Ab c={", "<Ab {", "<Ab c='", "<Ab c=d>", "</Ab>", "<Ab/>",
    "<Ab c={{", "className=", " className=", "{", "}", "{}", "{{}", '="', "a='", 'a="b" ', "a = 'b", "a=`",
    "<!--more-->", "<Tab>", "[[a", "[[a]]", "[[a|b]]", "[[|", "![[", "![[a|", "[[a#", "%%", "%% a\n", "==", "==a",
    "==a ", "==a==", "^^a", " ^a\n", " ^", "#a", " #a", "#a/", "\t#a ", "    #a ", "#[[a", "((", "((0", "a:: b\n",
    "\n  a:: b", "\n- a:: ", "a::", ":LOGBOOK:", "\n:LOGBOOK:\n", ":END:", "\n#+BEGIN_QUERY\n", "\n#+BEGIN_A\n",
    "#+END_", "{{cloze a", "(a)=\n", "\n(a", "\n% a", "\n+++ ", "```{a}\n", "````{a} b\n", "```{code}\n",
    "```{toctree}\n", ":::{a}\n", ":::{math}\n", "\n:::\n", "\n:a: b", "```{a}\n---\n", "\n---\na", "{a}`", "{a}`b`",
    "{a}`b <c>`", "{a}``b", "{ref}`", "> [!a] ", "> [!a|", "\n> [!a]- b", "# Text Elements\n", "# Excalidraw Data\n",
    "\n## Drawing\n", "==⚠", "$", "$a", "$$", "$a\\", "\\(", "\\[", "\\(](", "{a", "{a}", "{<a>", "{ {}", "{'a'}", "<>",
    "\n<div ", "\n<div a={", "\n<p>a", "\n\nexport const a = {\n", "{{#include a}}", "{{ #",
    "\n!!! a", '\n!!! a "b"\n', '!!! a "', "\n???+ a b", '\n=== "a"\n    ', '=== "a" "',
    "===! ", '\n    === "a"', ":material-a:", ":octicons-a", "{ .a }", "{ .a", " .a", "{ a='b'", '{ a="', "`#!a b`",
    "`#!", "++a++", "++a+b", "++a", '++"a', "+a", "==a b", "^^a^^", "^^a", "{==", "==}", "{++a++}", "{--", "{>>a",
    "<<}", "~>", "{~~a~>", '\n--8<-- "a"\n', "\n--8<--\n", "-8<-", "\n[TOC]\n", "\n*[a]: b", "*[a", "\n<a markdown>\n",
    " markdown=", "<a markdown", "\n</a>\n", "$a$", "https://",
)  # fmt: skip
"""What has a meaning in Markdown, HTML, the template syntax of some generator or the notes of some program."""

TOKENS = tuple(dict.fromkeys((*PLAIN_TOKENS, *HEADER_TOKENS, *BODY_TOKENS)))

Frame = tuple[str, str, str, str]
"""The name of a place in a post, what stands before it and after it, and the suffix of the file."""

OPENINGS: tuple[Frame, ...] = (
    ("file", "", "", "md"),
    ("yaml", "---\ntitle: a\n", "\n---\nbody\n", "md"),
    ("yaml unclosed", "---\ntitle: a\n", "", "md"),
    ("yaml value", "---\ntitle: ", "\n---\nbody\n", "md"),
    ("yaml broken", "---\ntitle: a: b\nx: ", "\n---\nbody\n", "md"),
    ("yaml broken below", "---\ntitle: a: b\nx:\n", "\n---\nbody\n", "md"),
    ("yaml broken list", "---\ntitle: a: b\ntags:\n- ", "\n---\nbody\n", "md"),
    ("yaml line", "---\n", "", "md"),
    ("yaml twice", "---\n---\n", "\n---\nbody\n", "md"),
    ("yaml pair", "---\ntitle: a: b: c", "d\n---\nbody\n", "md"),
    ("fence", "---", "\ntitle: a\n---\n", "md"),
    ("before fence", "title: a\n", "\n---\ntitle: b\n---\nbody\n", "md"),
    ("toml", "+++\n", "\n+++\nbody\n", "md"),
    ("toml value", '+++\ntitle = "', '"\n+++\nbody\n', "md"),
    ("toml unclosed", "+++\ntitle = 1\n", "", "md"),
    ("toml named", "---toml\n", "\n---\nbody\n", "md"),
    ("json", "{", "}\nbody\n", "md"),
    ("json value", '{"title": "', '"}\nbody\n', "md"),
    ("json list", '{"title": [', "]}\nbody\n", "md"),
    ("json comment", '<!--{"title": "a"', "}-->\nbody\n", "md"),
    ("json named", "---json\n{", "}\n---\nbody\n", "md"),
    ("json end", '{"title": "a"}', "\nbody\n", "md"),
    ("js named", "---js\n{", "}\n---\nbody\n", "md"),
    ("bare", "Title: a\n", "\n\nbody\n", "md"),
    ("bare value", "Title: ", "\n\nbody\n", "md"),
    ("org", "#+TITLE: a\n", "\n\nbody\n", "md"),
    ("page head", "<html><head><title>a</title>", "</head><body>b</body></html>", "html"),
    ("page doctype", "<!doctype ", "><html><head></head><body>b</body></html>", "html"),
    ("page comment", "<!-- ", "--><html><head></head><body>b</body></html>", "html"),
    ("page meta", '<html><head><meta name="tags" content="', '"></head><body>b</body></html>', "html"),
)
KEYS = (
    "date",
    "tags",
    "author",
    "authors",
    "slug",
    "permalink",
    "lang",
    "description",
    "category",
    "status",
    "search",
    "layout",
)
VALUES: tuple[Frame, ...] = tuple((f"value of {key}", f"---\n{key}: '", "'\n---\nbody\n", "md") for key in KEYS)
BODIES: tuple[Frame, ...] = (
    ("markdown", "a\n\n", "\n\nz\n", "md"),
    ("paragraph", "a ", " z\n", "md"),
    ("html", "<p>a</p>", "<p>z</p>", "html"),
    ("mdx", "import a from 'b'\n\n", "\n\nz\n", "mdx"),
    ("templates", "{{ a }} ", " z\n", "md"),
    ("heading", "a\n\n# b ", "\n\nz\n", "md"),
    ("quote", "> a ", "\n\nz\n", "md"),
    ("list", "- a\n- ", "\n\nz\n", "md"),
    ("table", "| a | b |\n|---|---|\n| c ", " | d |\n", "md"),
    ("code", "```\n", "\n```\nz\n", "md"),
    ("ticks", "a `b ", "` z\n", "md"),
    ("link", "a [b](", ") z\n", "md"),
    ("image", "a ![b", "](c) z\n", "md"),
    ("tag", "a <b ", "> z\n", "md"),
    ("attribute", '<p>a <b id="', '"> z</p>\n', "html"),
    ("comment", "a\n\n<!-- ", " --> z\n", "md"),
    ("component", "a\n\n<Ab ", "/> z\n", "mdx"),
    ("liquid", "a {% b ", " %} z\n", "md"),
    ("shortcode", "a {{< b ", " >}} z\n", "md"),
    ("output", "a {{ ", " }} z\n", "md"),
    ("remarks", "a {{ b }} ", f"{' ' * 4000}#}} */}} z\n", "mdx"),
    ("brackets", "a [b c=", "] z\n", "md"),
    ("highlight", "a {% highlight b %}", "{% endhighlight %} z\n", "md"),
    ("properties", "title:: a\n", "\n- z\n", "md"),
    ("drawing", "# Excalidraw Data\n## Text Elements\n", "\n%%\n# Drawing\n", "excalidraw.md"),
)
OPENERS = (
    "import a", "export ", "~~~", "```", "<a ", "<Ab ", "<Ab c={", "{{raw ", "{{ a", "{{< a", "{% a", "{: ", "[a b=c",
    "[a", "[!code", "[a]: ", "[^a]", "- ", "a\n: ", "<!--", "</script", "<a href=", "&#", "\\", "_a", "*a",
    "| a |\n|-", "C+", ":::", "[[", "[[a|", "%%", "==a", "#a", "{a}`", "```{a}\n:a:", "\n%", "a:: ",
)  # fmt: skip
"""What a run of one token may follow in a body, to be the middle of something that never ends."""
RUNS: tuple[Frame, ...] = tuple((f"after {opener}", f"a {{{{ b }}}}\n\n{opener}", "`'\"x", "md") for opener in OPENERS)
FRAMES = {frame[0]: frame for frame in (*OPENINGS, *VALUES, *BODIES, *RUNS)}


def filled(token: str, frame: str, chars: int) -> tuple[bytes, str]:
    """The frame with about so many characters of the token in it, and the id of such a post."""
    _, before, after, suffix = FRAMES[frame]
    return (before + token * (chars // len(token)) + after).encode(), f"2013-06-19-a.{suffix}"
