"""People's work on a case: tags, notes, saved searches, read marks, with who and when."""

from filon.desk.desk import Action, Anchor, Desk, NoteRow, SearchRow

__all__ = ["Action", "Anchor", "Desk", "NoteRow", "SearchRow"]
