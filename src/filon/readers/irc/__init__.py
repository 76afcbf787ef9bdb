"""IRC logs as clients and bots write them, one line per thing said or done.

Layouts: irssi, WeeChat, XChat/HexChat, mIRC, energymech and ZNC, eggdrop, and the public logs of Ubuntu
(``[12:18] <nick> text``, ``=== nick [user@host] has joined #ubuntu`` without a time), which are the ones seen as real
exports: 2004 to 2018. The others are made from the logs' documentation in the clients and in
https://github.com/energymech, https://weechat.org/files/doc/, https://irssi.org/documentation/, https://docs.eggheads.org/.
"""

from filon.readers.irc.reader import READER

__all__ = ["READER"]
