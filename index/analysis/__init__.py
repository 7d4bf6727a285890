"""Analysis: cuts a text into the terms that are indexed and asked for, the same ones for posts and for queries.

`vectorized.BatchTokenizer` (for one text, in tests, `tokenize`) turns texts into tokens: terms with their position and
where in the text they stand. `patterns` turns what a person typed into the sequences of terms that match it in a post.
Both cut a text into the same pieces:

- words, folded: case, accents (`café` is `cafe`), width, composed or decomposed letters, vowel marks of Arabic and
  Hebrew, kinds of kana and digits make no difference;
- the stem beside a word that has one, by the Snowball stemmer of the post's language, in English of its regular form
  and American spelling; a word with umlauts also with `ae`, `oe` and `ue` (`Müller` is `muller` and `mueller`);
- compounds whole and in parts: `foo_bar.baz`, `well-known` (as `wellknown`), `camelCase`, `don't` (as `dont`),
  `Node.js` (as `nodejs`), `GTX1080`, `v4.7`, but hashes and encoded data only whole;
- `C++`, `C#`, `.NET`, `--dry-run`, `-m` as they are;
- scripts written without spaces as overlapping pairs of characters, with the last character of a run by itself,
  so that a single character is found as the beginning of a pair.
"""

from index.analysis.folding import fold
from index.analysis.patterns import Pattern, Slot, patterns
from index.analysis.pieces import CHUNK, CLUSTER, UNSPACED_START, is_plain_word
from index.analysis.stems import language_of, stemmer_for
from index.analysis.stop_words import STOP_WORDS
from index.analysis.tokens import Token, tokenize

__all__ = [
    "CHUNK",
    "CLUSTER",
    "STOP_WORDS",
    "UNSPACED_START",
    "Pattern",
    "Slot",
    "Token",
    "fold",
    "is_plain_word",
    "language_of",
    "patterns",
    "stemmer_for",
    "tokenize",
]
