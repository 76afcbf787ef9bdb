"""French: from the English sentence to its own, one table for each part of the phone."""

from filon_net.words.french_alarms import ALARMS, PICTURES
from filon_net.words.french_errors import ERRORS
from filon_net.words.french_lines import LINES
from filon_net.words.french_screens import SCREENS
from filon_net.words.french_teams import TEAMS

__all__ = ["FRENCH"]

FRENCH: dict[str, str] = {**SCREENS, **LINES, **ALARMS, **PICTURES, **ERRORS, **TEAMS}
