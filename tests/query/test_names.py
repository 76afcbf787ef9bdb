import pytest

from filon.query.names import is_code, is_name, wanted

NAMES = [
    ("dylan", "Dylan B.", True),
    ("dylan", "@dylan.b", True),
    ("DYLAN B", "@dylan_b", True),
    ("dylan", "Dylanne", False),
    ("b dylan", "Dylan B.", False),
    ("dylan*", "Dylanne", True),
    ("*lan", "Dylan B.", True),
    ("*lan", "Dylanne", False),
    ("*ylan*", "Dylanne", True),
    ("dylan b*", "dylan brown", True),
    ("dylan b*", "dylan x brown", False),
    ("Łukasz", "lukasz", True),
    ("👑", "King 👑👑", True),
    ("+33 6 12 34 56 78", "+33612345678", True),
    ("+33612345678", "+33 6 12-34-56-78", True),
    ("+33 6 12 34 56 78", "33612345678@s.example", True),
    ("33612345678", "33612345678@s.example", True),
    ("*345678", "+33612345678", True),
    ("*34 56 78", "+33612345678", True),
    ("+33612*", "+33 6 12 34 56 78", True),
    ("33612", "+33612345678", False),
    ("12", "+33 6 12 34 56 78", True),
    ("ab c", "a bc", False),
    ("dylan", "", False),
    ("#7", "7", True),
]


@pytest.mark.parametrize(("value", "name", "meant"), NAMES)
def test_names(value: str, name: str, meant: bool) -> None:
    assert is_name(wanted(value), name) is meant


def test_a_number_is_never_a_name() -> None:
    asked = wanted("#7", numbered=True)
    assert asked.number == 7
    assert not is_name(asked, "7")
    assert not is_name(asked, "#7")


@pytest.mark.parametrize(
    ("value", "code", "meant"),
    [
        ("signal", "Signal", True),
        ("key change", "key-change", True),
        ("key", "key-change", False),
        ("key*", "key-change", True),
        ("*change", "key-change", True),
        ("*y-c*", "key-change", True),
        ("fr", "fro", False),
    ],
)
def test_codes(value: str, code: str, meant: bool) -> None:
    assert is_code(wanted(value), code) is meant
