"""WhatsApp's "Export chat": a text file, alone or with the media beside it in a zip.

Layouts of Android (``30/06/2023, 16:15 - Ada: text``) and iOS (``[30/06/2023, 16:15:00] Ada: text``), in the date
layouts, digits and calendars of many locales. Seen: the test cases of Pustur/whatsapp-chat-parser and
joweich/chat-miner, which their authors took from real exports of 2017 to 2024. The format is not documented by its
maker; what is known of it is at https://faq.whatsapp.com/1180414079177245 and in those two projects.

The file never says the zone, the order of day and month, or which of the people in it made the export.
"""

from filon.readers.whatsapp_text.reader import READER

__all__ = ["READER"]
