"""Errors of the wire are part of the one tree, and say what they say whatever it holds."""

import pytest

from filon_net.errors import FilonNetError
from filon_net.wire import errors
from filon_net.wire.errors import CryptoError, Malformed, WireError


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_below_the_root(name):
    kind = getattr(errors, name)
    assert issubclass(kind, FilonNetError)
    assert issubclass(kind, WireError) != issubclass(kind, CryptoError)


@pytest.mark.parametrize("text", ["{", "}", "{0}", "{name}", "{name!r:>10}", "{{}}"])
def test_a_finished_sentence_may_hold_braces(text):
    error = Malformed(f"not a frame: {text}", hint=f"send {text} again")
    assert str(error) == f"not a frame: {text}"
    assert error.hint == f"send {text} again"


def test_values_are_filled_in_and_shown_safely():
    error = Malformed("{count} items of {name}", hint="at most {count}", count=3, name="{count}\x1b[31m")
    assert str(error) == "3 items of '{count}\\x1b[31m'"
    assert error.hint == "at most 3"
