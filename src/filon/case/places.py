"""Where cases lie: at a path, or under a bare name in the home of cases."""

from pathlib import Path

from filon.errors import StoreError
from filon.model.layout import Layout
from filon.settings import Settings

__all__ = ["cases_in", "default_case", "is_case", "no_case", "root_of"]

_LISTED = 20


def root_of(name: str, settings: Settings) -> Path:
    """Where a case is: an absolute path. A bare name lies in the home of cases; ``./ops`` is a path."""
    if name.startswith("~"):
        try:
            return Path(name).expanduser().absolute()
        except RuntimeError:  # nobody of that name: then it is a name like any other
            return (settings.home / name).absolute()
    return (Path(name) if "/" in name or name in (".", "..") else settings.home / name).absolute()


def is_case(root: Path) -> bool:
    """Whether a case lies there. Any text may be asked about, also one that no file can be called."""
    try:
        return Layout(root).case.is_file()
    except (OSError, ValueError):
        return False


def cases_in(home: Path) -> list[str]:
    """Names of the cases in a folder, in order; none where the folder is not there."""
    return sorted(entry.name for entry in home.iterdir() if is_case(entry)) if home.is_dir() else []


def default_case(settings: Settings, here: Path) -> Path:
    """The case that is meant where none is named.

    What the settings name; else the only case in the home of cases; else the folder ``here``, where it is a case.
    StoreError where that leaves none, or more than one.
    """
    if settings.case is not None:
        return root_of(settings.case, settings)
    names = cases_in(settings.home)
    at_home = [settings.home / name for name in names]
    if len(at_home) == 1 and (not is_case(here) or here.resolve() == at_home[0].resolve()):
        return at_home[0]
    if len(at_home) != 1 and is_case(here):
        return here
    if not at_home:
        raise StoreError("there is no case in {home} yet", hint="`filon new NAME` makes one", home=str(settings.home))
    meant = names if len(at_home) > 1 else [names[0], str(here)]
    raise StoreError(
        "which case is meant? There are {cases}",
        hint="name one of them, or set FILON_CASE",
        cases=_listed(meant),
    )


def no_case(name: str, settings: Settings) -> StoreError:
    """What to say where a case was named that is not there."""
    names = cases_in(settings.home)
    if not names:
        return StoreError(
            "there is no case {name!r}; there is no case in {home} yet",
            hint="`filon new NAME` makes one; a file is named by its path, a text of several words goes in quotes",
            name=name,
            home=str(settings.home),
        )
    return StoreError(
        "there is no case {name!r}; the cases in {home} are {cases}",
        hint="`filon new NAME` makes one; a file is named by its path, a text of several words goes in quotes",
        name=name,
        home=str(settings.home),
        cases=_listed(names),
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
