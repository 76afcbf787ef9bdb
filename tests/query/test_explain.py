from hypothesis import HealthCheck, given, settings

from filon.query.bind import bind, leaves
from filon.query.explain import explain
from filon.query.fields import IS
from filon.query.parse import parse
from filon.query.tree import And, Date, Field, Node, Not, Or, Rows, Word
from filon.words import translator
from filon.words.collect import collect
from query.trees import trees

KNOWN = {message.id for message in collect()}


def test_a_search_in_plain_words() -> None:
    text = 'cash ("green bag"~2 OR NOT don\'t) -from:dylan* date:2020-04..2020-05 in:#7'
    assert explain(parse(text)).splitlines() == [
        "Messages for which this holds:",
        "  - all of these:",
        "    - the text has the word “cash”",
        "    - at least one of these:",
        "      - the text has the words “green bag” in this order, with at most 2 other words between them",
        "      - not: the text has the words “don't” (looked for as don t) one after the other",
        "    - not: the sender is known by a name that holds “dylan…” (… stands for any letters)",
        "    - the time lies from 2020-04 to 2020-05, both included, in the time zone of the view; "
        "messages without a time are left out",
        "    - the conversation is conversation number 7 of the case",
    ]
    assert explain(parse("")) == "Every message."


def test_a_search_in_french_words() -> None:
    text = 'cash -from:dylan* date:2020-04 is:reply has:voice "green bag"~1'
    assert explain(parse(text), translator("fr").gettext).splitlines() == [
        "Les messages pour lesquels ceci est vrai\u00a0:",
        "  - toutes ces conditions\u00a0:",
        "    - le texte contient le mot «\u00a0cash\u00a0»",
        "    - non\u00a0: l’expéditeur porte un nom qui contient «\u00a0dylan…\u00a0» (… tient lieu de lettres quelconques)",
        "    - l’heure est dans 2020-04, dans le fuseau de la vue\u202f; les messages sans heure sont laissés de côté",
        "    - le message est une réponse à un autre message",
        "    - il a un message vocal",
        "    - le texte contient les mots «\u00a0green bag\u00a0» dans cet ordre, avec au plus 1 autre mot entre eux",
    ]


@given(trees)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_sentence_is_looked_up(tree: Node) -> None:
    """With every sentence that the catalogues know taken away, nothing is left."""

    def without(sentence: str) -> str:
        return "" if sentence in KNOWN else sentence

    assert set(explain(tree, without)) <= set(" -\n")


def test_what_the_case_resolved_is_named() -> None:
    assert "meant by tag:seen" in explain(Rows(b"", "tag:seen"))


@given(trees)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_leaf_has_its_words(tree: Node) -> None:
    lines = explain(tree).splitlines()
    words = " ".join(lines)
    for leaf in leaves(tree):
        if isinstance(leaf, Date):
            assert (leaf.since or "") in words
            assert (leaf.until or "") in words
        if isinstance(leaf, Field) and leaf.name == "is":
            assert IS[leaf.value] in words


@given(trees)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_walking_keeps_the_shape(tree: Node) -> None:
    seen: list[Node] = []

    def note(leaf: Node) -> Node:
        seen.append(leaf)
        return leaf

    assert bind(tree, note) == tree
    assert seen == list(leaves(tree))


def test_leaves_are_put_in_place_of_others() -> None:
    tree = And((Word("a"), Not(Or((Field("tag", "x"), Word("b"))))))
    rows = Rows(b"", "tag:x")
    bound = bind(tree, lambda leaf: rows if isinstance(leaf, Field) else leaf)
    assert bound == And((Word("a"), Not(Or((rows, Word("b"))))))
