"""Cellebrite UFDR: ``report.xml`` of a Physical Analyzer report (root ``project``, namespace ``…/report/2.0``).

A UFDR is a zip with this document at its root and the extracted files beside it. What is known of the layout comes from
public parsers of it (IPED, UFEDLib, UFDR2DIR) and is made, not seen: no real report may be used here.

A ``model`` has fields (``field`` with one ``value``), lists of values, and other models inside. A Chat holds
InstantMessages; an InstantMessage inside another one is a quotation or a forwarded copy and is not counted as new. SMS,
MMS, Call, Contact and UserAccount stand at the top. One phone may have several extractions, and one message may stand in
each of them and as an SMS as well: all are kept.

Unit: models of the types Chat, SMS, MMS, Call, Contact and UserAccount at the top of the decoded data, and InstantMessage
models in the message list of a Chat or at the top. Models of other types are counted as not read.
"""

from filon.readers.ufdr.reader import READER

__all__ = ["READER"]
