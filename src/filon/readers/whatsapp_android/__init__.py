"""WhatsApp's message database on Android: ``msgstore.db``, with the names of ``wa.db`` beside it.

Two generations of tables: ``messages`` and ``chat_list`` (to about 2021), and ``message``, ``chat``, ``jid`` and their
kin (since). A telephone that was updated can have both; a message that is in both is taken from the newer ones.
Seen: the database of frozenspider/chat-history-manager (2023-10, newer tables). The older tables are made from
descriptions: they and the meaning of types and actions are listed by that project, by IPED
(https://github.com/sepinf-inc/IPED) and by https://github.com/KnugiHK/WhatsApp-Chat-Exporter.

Times are milliseconds in UTC. Free pages are not examined: deleted rows that SQLite has let go of are not searched for.
An encrypted backup (``msgstore.db.crypt14``) is recognised and told, not read.
"""

from filon.readers.whatsapp_android.reader import READER

__all__ = ["READER"]
