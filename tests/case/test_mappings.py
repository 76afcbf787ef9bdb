"""Table mappings kept in a case."""

import pytest

from filon.errors import ReadingError

MAPPING = {
    "name": "proposed",
    "columns": {"sender": "from", "text": 'body \x7f "é"'},
    "times": {"sent": {"column": "at"}},
}


def test_what_is_kept_comes_back(case):
    kept = case.save_mapping("month-1", MAPPING)
    assert kept == MAPPING | {"name": "month-1"}
    assert case.mapping("month-1") == kept
    assert case.mappings() == ("month-1",)
    assert case.save_mapping("month-1", kept) == kept
    assert (case.root / "mappings" / "month-1.toml").stat().st_mode & 0o777 == 0o600


def test_a_name_that_was_given_stays(case):
    named = MAPPING | {"name": "of the operator"}
    assert case.save_mapping("month-1", named)["name"] == "of the operator"


def test_shipped_mappings_have_names_too(case):
    assert case.mapping("operator")["columns"]
    with pytest.raises(ReadingError, match="no mapping called 'oprator'") as caught:
        case.mapping("oprator")
    assert "operator" in caught.value.hint


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 65, "a b", "\x1b[31m"])
def test_names_that_could_lead_elsewhere_are_refused(case, name):
    with pytest.raises(ReadingError, match="cannot be called"):
        case.save_mapping(name, MAPPING)
    assert case.mappings() == ()


def test_nothing_kept_is_overwritten(case):
    case.save_mapping("month-1", MAPPING)
    with pytest.raises(ReadingError, match="another mapping"):
        case.save_mapping("month-1", MAPPING | {"platform": "p"})
    assert "platform" not in case.mapping("month-1")


def test_what_is_no_mapping_is_refused(case):
    with pytest.raises(ReadingError, match="cannot be used"):
        case.save_mapping("month-1", {"name": "x", "colums": {}})
