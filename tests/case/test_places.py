"""Which case is meant: by path, by bare name, or by what lies around."""

from pathlib import Path

import pytest

from filon.case import create_case
from filon.case.places import cases_in, default_case, is_case, no_case, root_of
from filon.errors import StoreError
from filon.settings import Settings


def make(settings, *names):
    for name in names:
        create_case(name, settings).close()


def test_a_bare_name_lies_at_home_and_a_path_where_it_says(settings, tmp_path):
    assert root_of("ops", settings) == settings.home / "ops"
    assert root_of("./ops", settings) == Path.cwd() / "ops"
    assert root_of("ops/", settings) == Path.cwd() / "ops"
    assert root_of("~/ops", settings) == Path.home() / "ops"
    assert root_of("here/ops", settings) == Path.cwd() / "here" / "ops"
    assert root_of(str(tmp_path), settings) == tmp_path
    assert root_of(".", settings) == Path.cwd()


@pytest.mark.parametrize("text", ["~nobody of this name", "~", "x" * 5_000, "a\0b", "/re/", "", "\udcff"])
def test_any_text_can_be_asked_about(settings, text):
    assert is_case(root_of(text, settings)) is False


def test_the_only_case_is_meant(settings, tmp_path):
    make(settings, "ops")
    assert default_case(settings, tmp_path) == settings.home / "ops"
    assert default_case(settings, settings.home / "ops") == settings.home / "ops"


def test_the_settings_come_first(settings, tmp_path):
    make(settings, "ops", "other")
    told = Settings(home=settings.home, who="ada", case="other")
    assert default_case(told, settings.home / "ops") == settings.home / "other"


def test_the_folder_one_is_in_is_meant_where_home_leaves_it_open(settings, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    make(settings, str(elsewhere))
    assert default_case(settings, elsewhere) == elsewhere
    make(settings, "ops", "other")
    assert default_case(settings, elsewhere) == elsewhere


def test_two_cases_are_never_confused(settings, tmp_path):
    with pytest.raises(StoreError, match=r"there is no case in .* yet"):
        default_case(settings, tmp_path)
    make(settings, "ops")
    elsewhere = tmp_path / "elsewhere"
    make(settings, str(elsewhere))
    with pytest.raises(StoreError, match=r"which case is meant.*ops, .*elsewhere"):
        default_case(settings, elsewhere)
    make(settings, *(f"case-{number:02d}" for number in range(21)))
    with pytest.raises(StoreError, match=r"case-00, .*case-19 and 2 more"):
        default_case(settings, tmp_path)


def test_what_is_said_of_a_case_that_is_not_there(settings):
    assert "there is no case in" in str(no_case("lile", settings))
    make(settings, "lille")
    (settings.home / "not a case").mkdir()
    assert cases_in(settings.home) == ["lille"]
    assert str(no_case("li{l}e", settings)).endswith("are lille")
