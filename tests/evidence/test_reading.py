"""A question can be worded in every language and still reads as plain English by itself."""

from filon.evidence.reading import Question, question
from filon.words import translator


def test_a_question_carries_its_sentence_and_its_values() -> None:
    asked = question("{wall} of the first {looked} messages", name="zone", wall=3, looked=9)
    assert asked.reason == "3 of the first 9 messages"
    assert (asked.template, asked.values) == ("{wall} of the first {looked} messages", {"wall": "3", "looked": "9"})
    assert (asked.name, asked.proposal, asked.choices) == ("zone", None, ())


def test_braces_in_a_value_stay_as_they_are() -> None:
    asked = question("the columns are not clear; taken would be {taken}", name="mapping", taken="'{x}' → text")
    french = translator("fr").filled(asked.template, asked.values)
    assert french == "les colonnes ne sont pas certaines\u202f; seraient prises '{x}' → text"


def test_a_reason_in_words_only_is_a_question_too() -> None:
    assert Question(name="zone", proposal=None, reason="because").template == ""
