"""What stands after the head of a message: who says it, and what it carries."""

import re
from collections.abc import Collection

import msgspec

from filon.model.records import AccountRef, Attachment, Place
from filon.model.time import Stamp, unreadable
from filon.readers.whatsapp_text.phrases import is_deleted, is_edited, is_undecryptable, may_be_ours, omitted

__all__ = ["PLATFORM", "Body", "account", "body_of", "sender_of"]

PLATFORM = "whatsapp"
_MARKS = " \u00a0\u202f\u200e\u200f\u202a\u202b\u202c\u2068\u2069\ufeff"
_SENDER = re.compile(r"([^:\n]{1,100}?) ?:(?:[ \u00a0]|$|\n|(?=[.\u200e]$))")
_NUMBER = re.compile(r"\+[\d\s().\u00a0\u2011-]{6,25}")
_WORD = r"[^\W\d_][\w' ]{2,28}"
_FILE = r"[^<>:\n\"|?*]{1,200}?\.\w{1,6}"
_TAGGED = re.compile(rf"[{_MARKS}]*<[{_MARKS}]*{_WORD} ?:[{_MARKS}]*({_FILE})[{_MARKS}]*>")
_NAMED = re.compile(rf"[{_MARKS}]*({_FILE}) (?:<[{_MARKS}]*attached[{_MARKS}]*>|\({_WORD}\))(?=\n|$)")
_PHRASES = re.compile(
    r"\((?:file attached|fichier joint|Datei angehängt|bestand bijgevoegd|bestand toegevoegd|archivo adjunto|arquivo anexado|"
    r"ficheiro anexado|file allegato|tiedosto liitetty|файл добавлен)\)|attached"
)
_MAP = re.compile(r"(?:\w{3,20} ?: )?https://maps\.google\.com/\?q=(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)")
_POLL = re.compile(r"\u200e?(?:POLL|SONDAGE|UMFRAGE|ENCUESTA|ENQUETE|PEILING):\n")
_KINDS = {
    "image": "jpg jpeg png gif heic bmp tif tiff",
    "video": "mp4 3gp mov mkv avi webm",
    "audio": "mp3 m4a aac ogg amr wav flac",
    "voice": "opus",
    "sticker": "webp",
    "contact": "vcf",
}
_KIND_OF = {ending: kind for kind, endings in _KINDS.items() for ending in endings.split()}


_LOOKED_AT = 400
"""Characters at the beginning and end of a text in which a file can be named."""


class Body(msgspec.Struct, gc=False, kw_only=True):
    """What a message carries. ``text`` is None where it is only a medium, a deletion or something not decrypted."""

    text: str | None
    kind: str = "text"
    state: str | None = None
    edited: Stamp | None = None
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    noted: tuple[str, ...] = ()


def sender_of(rest: str) -> tuple[str, str] | None:
    """``(sender, text)``, or None where nobody in particular says it.

    A name may hold anything but a colon. A quotation that is still open before the colon is the title in a sentence of
    WhatsApp's: ``Ada created group "Harbour: night"``.
    """
    found = _SENDER.match(rest)
    if found is None:
        return None
    name = found[1].strip(_MARKS)
    open_quote = name.count('"') % 2 or any(name.count(a) > name.count(b) for a, b in ("“”", "«»"))
    return None if not name or open_quote else (name, rest[found.end() :])


def account(name: str) -> AccountRef:
    """The account of a sender as exports write them: a contact's name, ``~ a name of their own``, or a number."""
    bare = name.strip(_MARKS).removeprefix("~").strip(_MARKS)
    if _NUMBER.fullmatch(bare):
        digits = "".join(char for char in bare if char.isdecimal())
        return AccountRef(PLATFORM, f"{digits}@s.whatsapp.net", bare)
    return AccountRef(PLATFORM, None, bare)


def body_of(text: str, beside: Collection[str]) -> Body:
    """Takes a message's text apart. ``beside`` names the files of the same folder or archive."""
    edited = is_edited(text)
    body = _plain(edited[0] if edited else text, beside)
    if edited:
        body.edited = unreadable(edited[1])
    return body


def _plain(text: str, beside: Collection[str]) -> Body:
    first, _, caption = text.partition("\n")
    ours = _ours(text, first, caption) if may_be_ours(first) else None
    if ours:
        return ours
    if text == "null":
        return Body(text=text, kind="file", attachments=(Attachment("file", note=text),), noted=("attachment:null",))
    attached = _attached(text, beside) if ">" in text or ")" in text else None
    if attached:
        return attached
    place = _MAP.fullmatch(text.strip(_MARKS)) if "https://maps." in text else None
    if place and abs(float(place[1])) <= 90 and abs(float(place[2])) <= 180:
        return Body(text=text, kind="location", place=Place(float(place[1]), float(place[2])))
    return Body(text=text, kind="poll" if caption and _POLL.match(text) else "text")


def _ours(text: str, first: str, caption: str) -> Body | None:
    """The body where WhatsApp's own sentence stands for the message or its medium."""
    if is_deleted(text):
        return Body(text=None, state="deleted", noted=() if text.startswith("\u200e") else ("deleted:by-words",))
    if is_undecryptable(text):
        return Body(text=None, state="undecryptable")
    left_out = omitted(first)
    if left_out is None:
        return None
    medium = Attachment(left_out[0], left_out[1], note=first.strip(_MARKS))
    return Body(text=caption or None, kind=medium.kind, attachments=(medium,))


def _attached(text: str, beside: Collection[str]) -> Body | None:
    """A file named in the text: ``<attached: f>`` at its beginning or end, or ``f (file attached)`` as its first line."""
    begin = text[:_LOOKED_AT]
    found = _TAGGED.match(begin)
    rest = text[found.end() :] if found else ""
    if found is None and text.endswith(">"):
        at = text.rfind("<", -_LOOKED_AT)
        found = _TAGGED.fullmatch(text, at) if at >= 0 else None
        rest = text[:at]
    if found is None:
        found = _NAMED.match(begin)
        if found and not (_PHRASES.search(found[0]) or found[0].startswith("\u200e") or found[1] in beside):
            found = None
        rest = text[found.end() :] if found else ""
    if found is None:
        return None
    name = found[1].strip(_MARKS)
    kind = _KIND_OF.get(name.rpartition(".")[2].lower(), "file")
    if kind == "audio" and ("-AUDIO-" not in name and "AUD-" not in name) and name.startswith(("PTT-", "0")):
        kind = "voice"
    medium = Attachment(kind, name, member=name if name in beside else None)
    return Body(text=rest.strip(_MARKS + "\r\n") or None, kind=kind, attachments=(medium,))
