"""Known items by language: what people remember of a post in its own language, in whole and with a misspelling."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from itertools import product

from bench.questions import SEED
from bench.relevance.cases import Case, words
from bench.relevance.known_items import same_titles
from index import Document

__all__ = ["language_cases"]

SENTENCE_END = re.compile(r"(?<=[.!?؟।])\s+|(?<=[。！？])")
SENTENCE_WORDS, SENTENCE_CHARS = range(8, 16), range(16, 50)
"""How long a sentence is, in scripts with blanks between words and in those without."""

UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})
LETTERS = re.compile(r"[^\W\d_]{5,}")
"""A word that may be misspelt."""

FRAMES = {
    "ar": "كيف يمكن لي أن {} في هذا", "bg": "как мога да {} и какво е това", "cs": "jak můžu {} a co to je",
    "da": "hvordan kan jeg {} og hvad er det", "de": "wie kann ich das mit {} und was ist es",
    "el": "πώς μπορώ να {} και τι είναι αυτό", "en": "how can I do this with {} and what is it",
    "es": "cómo puedo hacer {} y qué es lo que", "fa": "چگونه می توانم {} را و این چیست",
    "fi": "miten voin {} ja mikä se on", "fr": "comment est-ce que je peux {} et qu'est-ce que c'est",
    "he": "איך אני יכול {} ומה זה", "hi": "मैं {} कैसे कर सकता हूँ और यह क्या है",
    "hu": "hogyan lehet {} és mi ez", "id": "bagaimana saya bisa {} dan apa itu",
    "it": "come posso fare {} e che cosa è", "ja": "{}はどうすればいいですか",
    "ko": "{} 어떻게 하나요 그리고 무엇인가요",
    "nl": "hoe kan ik {} en wat is het", "no": "hvordan kan jeg {} og hva er det",
    "pl": "jak mogę {} i co to jest", "pt": "como é que eu posso {} e o que é", "ro": "cum pot să {} și ce este",
    "ru": "как я могу {} и что это такое", "sv": "hur kan jag {} och vad är det", "ta": "எப்படி {} மற்றும் இது என்ன",
    "th": "จะ{}ได้อย่างไร", "tr": "nasıl {} ve bu ne için", "uk": "як я можу {} і що це таке",
    "vi": "làm thế nào để {} và nó là gì", "zh": "怎么{}是什么",
}  # fmt: skip
"""Around what is remembered: the words of a question in each language."""


def language_cases(documents: Sequence[Document], count: int, seed: int = SEED) -> list[Case]:
    """At most `count` cases of each kind in each language, each from another post.

    Where what is left of a title fits the title of another post as well, the post is passed over.
    """
    twins = same_titles(documents)
    titles = {document.id: frozenset(words(document.title)) for document in documents}
    cases: list[Case] = []
    for lang, (kind, draw) in product(sorted({document.lang for document in documents}), KINDS.items()):
        chance = random.Random(f"{seed} {kind} {lang}")
        own = [document for document in documents if document.lang == lang]
        drawn: list[Case] = []
        for document in chance.sample(own, len(own)):
            text = draw(chance, document)
            right = twins[document.id]
            held = titles[document.id] if draw is misspelt_title else titles[document.id] & set(words(text))
            fits = bool(held) and any(held <= titles[id] for id in titles.keys() - right)
            if text and len(drawn) < count and (draw is sentence_less_a_word or not fits):
                drawn.append(Case(f"{lang}: {kind}", text, words(text), dict.fromkeys(right, 1)))
        cases += drawn
    return cases


def units(document: Document, text: str) -> tuple[list[str], str]:
    """The words of the text, or pairs of characters where the language has no blanks, and what joins them."""
    if document.lang.split("-")[0] not in UNSPACED:
        return text.split(), " "
    return re.findall(r"[\w.\-]*[A-Za-z0-9][\w.\-]*|\s*\S{1,2}", text, re.ASCII), ""


def title_less_a_word(chance: random.Random, document: Document) -> str:
    """A title of three words or more without one of them."""
    kept, joint = units(document, document.title)
    if len(kept) < 3:
        return ""
    kept.pop(chance.randrange(len(kept)))
    return joint.join(kept)


def question(chance: random.Random, document: Document) -> str:
    """What is left of a title, in a question."""
    left = title_less_a_word(chance, document)
    frame = FRAMES.get(document.lang.split("-")[0])
    return frame.format(left) if left and frame else ""


def sentence_less_a_word(chance: random.Random, document: Document) -> str:
    """A sentence of the body without one of its words."""
    parts = [part.strip() for line in document.body.split("\n") for part in SENTENCE_END.split(line)]
    unspaced = document.lang.split("-")[0] in UNSPACED
    whole = [
        part
        for part in parts
        if part[-1:] in set(".!?؟।。！？")
        and (len(part) in SENTENCE_CHARS if unspaced else len(part.split()) in SENTENCE_WORDS)
    ]
    if not whole:
        return ""
    kept, joint = units(document, chance.choice(whole))
    kept.pop(chance.randrange(len(kept)))
    return joint.join(kept)


def misspelt_title(chance: random.Random, document: Document) -> str:
    """The title with one letter of one of its longer words changed, doubled, left out or put before the one ahead."""
    found = [word.span() for word in LETTERS.finditer(document.title)]
    if not found or document.lang.split("-")[0] in UNSPACED:
        return ""
    start, end = chance.choice(found)
    at = chance.randrange(start + 1, end - 1)
    a, b = document.title[at], document.title[at + 1]
    edit = chance.choice([b, a + a + b, b + a, chance.choice(document.title[start:end]) + b])
    return document.title[:at] + edit + document.title[at + 2 :]


KINDS: dict[str, Callable[[random.Random, Document], str]] = {
    "title less a word": title_less_a_word,
    "question": question,
    "sentence less a word": sentence_less_a_word,
    "misspelt title": misspelt_title,
}
