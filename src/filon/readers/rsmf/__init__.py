"""Relativity Short Message Format, versions 1 and 2: an e-mail (``.rsmf``) with one ``rsmf.zip`` holding a manifest.

After Relativity's public description and its JSON schema 2.0.0; seen: the four deliberately invalid samples of Relativity's
validator. A bare ``rsmf_manifest.json`` and a bare ``rsmf.zip`` are read as well. Whatever breaks a rule of the format is
read as far as it goes, and every broken rule is a defect: ``rsmf-schema`` (a property is missing or of another type),
``rsmf-undefined-property``, ``rsmf-unknown-participant``, ``rsmf-unknown-conversation``,
``rsmf-participant-outside-conversation``, ``rsmf-missing-file``, ``rsmf-extra-attachment``, ``rsmf-no-manifest``,
``rsmf-event-count``, ``rsmf-no-version``, ``rsmf-unreadable``, ``rsmf-too-large``.

Long chats come as several files, cut by day or number of events; ``eventcollectionid`` says which belong together.

Unit: elements of the ``events`` array; a stretch that cannot be read is one unit.
"""

from filon.readers.rsmf.reader import READER

__all__ = ["READER"]
