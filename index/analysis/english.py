"""English forms and spellings that the stemmer leaves apart: `mice` is written as `mouse`, `colour` as `color`.

Forms that are other words as well (`found`, `left`, `lives`, `saw`) are not here.
"""

from __future__ import annotations

import re

__all__ = ["regular_form"]

IRREGULAR = """
aliases alias, alumnus alumni, appendix appendices, bacterium bacteria, bus buses, businessman businessmen, cactus
cacti, calf calves, canvases canvas, chairman chairmen, child children, corpus corpora, crises crisis, criterion
criteria, curriculum curricula, elf elves, emphases emphasis, fireman firemen, fisherman fishermen, foot feet, fungus
fungi, gas gases, gentleman gentlemen, goose geese, half halves, hypotheses hypothesis, index indices, knife knives,
lenses lens, loaf loaves, louse lice, man men, matrix matrices, memorandum memoranda, mouse mice, nucleus nuclei,
oases oasis, ox oxen, parentheses parenthesis, phenomenon phenomena, policeman policemen, quiz quizzes, radius radii,
salesman salesmen, schema schemata, scarf scarves, shelf shelves, spokesman spokesmen, stimulus stimuli, syntheses
synthesis, analyses analysis, synopses synopsis, thief thieves, tooth teeth, vertex vertices, wife wives, wolf wolves,
woman women,

arise arose arisen, awake awoke awoken, become became, begin began begun, bend bent, bite bitten, blow blew blown,
break broke broken, breed bred, bring brought, build built, burn burnt, buy bought, catch caught, choose chose chosen,
cling clung, come came, creep crept, deal dealt, dig dug, draw drawn, dream dreamt, drink drank, drive drove driven,
eat ate eaten, fall fallen, feed fed, fight fought, flee fled, fly flew flown, forbid forbade forbidden, forget forgot
forgotten, forgive forgave forgiven, freeze froze frozen, give gave given, grow grew grown, hang hung, hear heard,
hide hid hidden, hold held, keep kept, know knew known, lay laid, lean leant, leap leapt, learn learnt, lose lost,
make made, mean meant, meet met, mistake mistook, overcome overcame, override overrode overridden, overwrite overwrote
overwritten, pay paid, rebuild rebuilt, redo redid redone, rewrite rewrote rewritten, ride rode ridden, rise risen,
run ran, say said, see seen, seek sought, sell sold, send sent, shake shook shaken, show shown, shrink shrank shrunk,
sing sang sung, sink sank sunk, sit sat, sleep slept, slide slid, speak spoke spoken, speed sped, spell spelt, spend
spent, spill spilt, spin spun, spoil spoilt, stand stood, steal stole stolen, stick stuck, sting stung, strike struck,
swear swore sworn, sweep swept, swim swam swum, swing swung, take took taken, teach taught, tear tore torn, tell told,
throw threw thrown, understand understood, undo undid undone, wake woke woken, wear wore worn, weave wove woven, weep
wept, win won, withdraw withdrew withdrawn, write wrote written,

mimic mimicked mimicking, panic panicked panicking, traffic trafficked trafficking,

gray grey greys, grayscale greyscale, jewelry jewellery, program programme programmes, skillful skilful
"""
"""Regular forms with irregular ones: nouns, verbs, and words that change their letters or are spelt in two ways.

Regular is what gives the stem of most other forms: `aliases`, as of `aliased`.
"""

BASES = {form: base for entry in IRREGULAR.split(",") for base, *forms in [entry.split()] for form in forms}

PREFIXES = """
aluminium aluminum, anaem anem, anaesth anesth, archaeo archeo, artefact artifact, diarrhoea diarrhea, encyclopaed
encycloped, foet fet, gynaeco gyneco, haemo hemo, leukaem leukem, manoeuvre maneuver, manoeuvr maneuver, mediaev
mediev, moulding molding, mould mold, moustache mustache, oestro estro, orthopaed orthoped, paediat pediat, plough
plow, practise practice, practising practicing, pyjama pajama, sceptic skeptic
"""
AMERICAN_PREFIXES = dict(pair.split() for pair in PREFIXES.split(","))
BRITISH_PREFIX = re.compile(f"^(?:{'|'.join(AMERICAN_PREFIXES)})")
NOT_IZE = """
[aeiouvw] pr nr exc exerc prec conc circumc prom prem dem surm parad chand franch expert advert chast mort pract treat
"""
"""What stands before -ise in `noise`, `advise`, `otherwise`, `surprise`, `exercise`, `promise` and their like."""

OUR = """
arb arm behavi cand clam col demean endeav fav ferv flav glam harb hon hum lab neighb od parl rig rum sav splend tum val
vap vig
"""
BRITISH_SPELLINGS = (
    (
        "is",
        rf"^(?!.*(?:{'|'.join(NOT_IZE.split())})is[aei])([a-z]{{3,}})is(?=(?:e[drs]?|ers|ing|able|ations?|ational)$)",
        r"\1iz",
    ),
    ("ys", r"(anal|paral|catal|electrol)ys(?=e[dr]?$|ers$|ing$)", r"\1yz"),
    ("our", rf"({'|'.join(OUR.split())})our", r"\1or"),
    ("r", r"(calib|cent|fib|lit|lust|meag|met|sab|somb|spect|theat)r(?:e(?=s?$)|(?=ed$|ing$))", r"\1er"),
    ("ogu", r"(anal|catal|dial|epil|monol)ogu(?:e(?=s?$)|(?=e[dr]|ing))", r"\1og"),
    ("ence", r"(def|off|lic|pret)ence", r"\1ense"),
    ("dgement", r"(ju|owle)dgement", r"\1dgment"),
)
"""Letters that a word must hold, a British spelling, and the American one."""


def regular_form(word: str) -> str:
    """The regular form of an English word in its American spelling, to be stemmed; most words are that already."""
    if base := BASES.get(word):
        return base
    for letters, british, american in BRITISH_SPELLINGS:
        if letters in word:
            word = re.sub(british, american, word, count=1)
    return BRITISH_PREFIX.sub(lambda prefix: AMERICAN_PREFIXES[prefix.group()], word)
