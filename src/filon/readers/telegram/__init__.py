"""Telegram Desktop's JSON export: ``result.json`` of one chat or of the whole account.

Format and its history: the export code of Telegram Desktop (``export_output_json.cpp``) and its user interface
"Export Telegram data" (2018 to today). Seen: exports of January 2020, July 2021, January 2023 and January 2024. What
changed on the way: ``from_id`` was a bare number until May 2021, then ``user1``, ``channel1``; ``date_unixtime`` exists since
2022, before that the only time is the wall clock of the exporting computer, whose zone is not written.

Unit: elements of ``messages`` arrays and of the contact list; a stretch that cannot be read is one unit.
"""

from filon.readers.telegram.reader import READER

__all__ = ["READER"]
