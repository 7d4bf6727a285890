"""Words that find each other in English posts, and words that look alike and do not."""

from __future__ import annotations

import pytest
import Stemmer

from index.analysis.english import BASES, regular_form
from tests.index.analysis.finding import finds

ALIKE = """
bus buses, child children, mouse mice, man men, woman women, foot feet, tooth teeth, goose geese, ox oxen, knife
knives, wife wives, wolf wolves, shelf shelves, half halves, calf calves, thief thieves, loaf loaves, index indices,
matrix matrices, vertex vertices, appendix appendices, criterion criteria, phenomenon phenomena, hypothesis
hypotheses, crisis crises, analysis analyses, parenthesis parentheses, stimulus stimuli, nucleus nuclei, radius radii,
cactus cacti, quiz quizzes, lens lenses, gas gases, alias aliases, alias aliased, canvas canvases, chairman chairmen,
write wrote, write written, writing wrote, rewrite rewrote, run ran, running ran, take took, taken took, give gave,
break broke, broken breaking, choose chosen, drive drove, eat ate, fly flew, forget forgot, grow grew, know knew, see
seen, speak spoken, steal stolen, swim swam, throw threw, wear worn, begin began, drink drank, sing sung, build built,
rebuild rebuilt, buy bought, bring brought, catch caught, teach taught, sell sold, tell told, send sent, spend spent,
keep kept, sleep slept, lose lost, meet met, feed fed, hold held, stand stood, understand understood, win won, sit
sat, stick stuck, strike struck, dig dug, make made, become became, come came, say said, pay paid, hear heard, hide
hidden, override overrode, overwrite overwritten, undo undone, learn learnt, burn burnt, panic panicked, traffic
trafficking, color colour, colors colours, colored coloured, favorite favourite, behavior behaviour, neighbor
neighbours, honor honour, labor labour, organize organise, organization organisation, organizing organising,
optimization optimisations, realize realised, customizable customisable, initialize initialised, analyze analyse,
analyzer analyser, center centre, centered centred, meters metres, kilometer kilometres, theater theatre, fiber fibre,
catalog catalogue, dialog dialogues, analog analogue, cataloged catalogued, defense defence, license licence, offense
offence, practice practise, gray grey, program programme, mold mould, plow plough, skeptic sceptic, aluminum
aluminium, artifact artefact, judgment judgement, acknowledgment acknowledgement, jewelry jewellery, pediatric
paediatric, anesthesia anaesthesia, archeology archaeology, encyclopedia encyclopaedia, maneuver manoeuvre, fetus
foetus, traveled travelled, modeling modelling, canceled cancelled, fulfill fulfil, skillful skilful, promise
promised, exercise exercises, precise precisely, advertise advertisement, advise adviser, revise revision, surprise
surprised, premise premises, chose choosing, thought thoughts, leave leaves, base bases, found founded, müller
mueller, köln koeln, straße strasse, größe groesse, ärzte aerzte, nodejs node.js, aspnet asp.net, usa u.s.a., uk u.k.,
eg e.g., gtx1080 gtx-1080, sha256 sha-256, utf8 utf-8, i18n I18N, h2o H2O, email e-mail, dont don't
"""
APART = """
st 1st, nd 2nd, th 20th,
us u.s., it i.t., is i.s., am a.m., in i.n., or o.r., as a.s., we w.e., no n.o., so s.o., prise prize, noise nose,
promise prominent, exercise exorcise, precise price, advise advice, devise device, revise review, paradise parade,
expertise export, advertise advert, treatise treat, merchandise merchant, concise council, demise demo, enterprise
enter, hour hor, pour por, four for, tour tor, sour sore, your yore, detour deter, courage corage, resource resort,
course corse, fourth forth, genre gener, acre acer, ogre oger, mediocre medicare, cadre cader, here her, more moer,
core coer, tyre tire, rogue rog, vogue vog, league leag, argue arg, tongue tong, plague plag, fatigue fatig, intrigue
intrig, vague vag, fence fense, silence sense, sentence sentinel, audience audio, influence influenza, sequence
sequel, presence present, absence absent, patience patient, blue blu, true tru, queue que, due du, fuel ful, clue clu,
poet pot, does dos, shoe sho, toe to, goes gos, hoe ho, doe do, phoenix phonix, coed cod, maestro mastro, israel
isral, aero aro, caesar casar, neue neu, mueller muller, goethe gothe, joel jol, noel nol, samuel samul, mass mas,
class clas, boss bos, miss mis, less les, loss los, mouse moose, mice micro, goose goo, geese gee, ox on, feet feed,
foot food, tooth too, teeth tee, child chill, children chilled, man main, men me, woman womb, bus but, buses buss,
index indicate, vertex vortex, matrix mattress, axes axis, axe axis, leaves leaf, leave leaf, lives life, live life,
bases basis, base basis, data date, datum date, media median, criteria critic, phenomena phenomenal, people personal,
people person, die dice, dice dicey, write writ, wrote rote, written writhe, run rum, ran range, saw see, found find,
left leave, felt feel, bit bite, bore bear, ground grind, rose rise, wound wind, lay lie, led lead, lead lad, lit
light, shot shoot, bound bind, drew draw, spoke spook, broke broker, woke work, ate at, eat east, flew flow, flow fly,
fell fill, fall fail, fed federal, met metal, sent scent, lent lend, held help, told toll, sold solid, stood stool,
won wonder, lost list, hung hungry, took tool, taken token, gave gavel, came camera, become beckon, made maid, make
mark, said sail, paid pain, laid lad, heard herd, brought bright, bought boat, caught cat, taught tight, fought fog,
sought south, built bulk, knew new, known knot, grown groan, threw through, thrown throne, worn warn, tore tor, torn
town, swore sword, stole stone, drove dove, rode road, went go, gone go, got get, better good, best good, worse bad,
thought think, thought tough, though thought, nodejs node, nodejs js, aspnet net, usa us, u.s.a. us, uk u, e.g. ego,
4.7.1 4.7.2, 4.7.1 47.1, v4 v5, v4.7 v4.8, 3.11 311, 3.1 3.11, 1.2 12, 10.5 105, 2.0 20, gtx1080 gtx108, sha256
sha512, mp3 mp4, h2o ho, b2b bb, k8s ks, k8s k9s, i18n in, utf8 utf16, x86 x64, 50gb 50mb, ipv4 ipv6, es6 es5, c3 c4,
mp3 pm3, a1 1a, -m -n, -la -al, c++ c, c# c, f# f, java javascript, script javascript, git github, hub github, tube
youtube, my mysql, sql mysql, lite sqlite, phone iphone, color collar, center cent, meter met, gray gravy, program
progress, catalog catalyst, dialog dial, analyze analog, license lice, defense defend, skeptic sceptre, aluminum
alumni, artifact artist, honor hone, labor lab, humor human, rumor rum, tumor tum, vapor vape, savor save, favor fav,
flavor flav, armor arm, harbor harb, neighbor neigh, behavior behave, color colo, organ origin, organize origin, size
sise, seize seise, prize price, capsize caps, resume resumption, cafe cave, naive native, uber upper, nation notation,
new now, news knews, the then, than then, affect effect, accept except, desert dessert, loose lose, quiet quite,
complement compliment, stationary stationery, weather whether, their there, were where, wear ware, brake break, bare
bear, bear beer, plain plane, peace piece, site sight, cite site, hole whole, hear here, by buy, buy boy, sea see, sun
son, week weak, write right, road rode, sale sail, mail male, meet meat, dear deer, fair fare, flour flower, hair
hare, knight night, pair pear, role roll, root route, sell cell, steal steel, tail tale, wait weight, waste waist, one
won, two too, to two, form from, trail trial, angel angle, diary dairy, casual causal, costume custom, lightning
lighting, كتب كتاب, كاتب كتاب, بيت بنت, ولد والد, سلام سلم, שלום של, ספר סופר,
ビル ビール, か が, は ば, は ぱ, ハ バ, おばさん おばあさん,
कल कला, बल बाल, 全文 全体, 東京 京都, ড় ড, 한국 한글
"""
NARROWER = """
v4 4, v18 18, gtx1080 1080, gtx1080 gtx, sha256 256, sha256 sha, mp3 mp, mp3 3, h2o h2, utf8 utf, x86 86, x86 x,
rfc7231 rfc, rfc7231 7231, 50gb 50, 50gb gb, python3 python, python3 3, http2 http, es6 es, s3 s, ec2 ec, v8 8, 1080p
1080, 4k 4, 3d d, 5g g
"""
"""Pairs whose first word does not find the second, but may be found by it."""


def pairs(text: str) -> list[tuple[str, str]]:
    return [(first, second) for first, second in map(str.split, text.split(","))]


@pytest.mark.parametrize(("first", "second"), pairs(ALIKE))
def test_forms_and_spellings_of_a_word_find_each_other(first: str, second: str) -> None:
    assert finds(first, f"({second})")
    assert finds(second, f"({first})")


@pytest.mark.parametrize(("first", "second"), pairs(APART))
def test_other_words_do_not_find_each_other(first: str, second: str) -> None:
    assert not finds(first, f"({second})")
    assert not finds(second, f"({first})")


@pytest.mark.parametrize(("asked", "held"), pairs(NARROWER))
def test_a_whole_does_not_find_its_parts(asked: str, held: str) -> None:
    assert not finds(asked, f"({held})")


def test_the_table_holds_nothing_that_the_stemmer_joins() -> None:
    stem = Stemmer.Stemmer("english").stemWord

    assert [form for form, base in BASES.items() if stem(form) == stem(base)] == []


def test_what_is_regular_and_american_stays() -> None:
    words = "exercise promise otherwise noise wise four hour fence silence genre acre vogue queue poet shoe"

    assert [regular_form(word) for word in words.split()] == words.split()
