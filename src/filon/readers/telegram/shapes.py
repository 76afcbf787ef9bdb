"""The shapes of the values that are read of a Telegram export, by where they stand. What has another shape is counted."""

from filon.evidence.unread import (
    ANY,
    HANDLE,
    INSTANT,
    TEXT,
    WHOLE,
    WORD,
    Keys,
    Shape,
    between,
    listed_of,
    object_of,
    one_of,
)

__all__ = ["HEAD", "MESSAGE", "PERSON", "SERVICE"]

_PIECES = listed_of(object_of({"type": TEXT, "text": WORD, "href": TEXT}, WORD))
_RICH = listed_of(_PIECES.each or WORD, WORD)
_TIMES: Keys = {"date": TEXT, "date_unixtime": INSTANT}
_EDITED: Keys = {"edited": TEXT, "edited_unixtime": INSTANT}
_ANSWERS = listed_of({"text": _RICH})
_REACTIONS = listed_of(
    {
        "type": TEXT,
        "emoji": WORD,
        "document_id": WORD,
        "count": WHOLE,
        "recent": listed_of({"from": TEXT, "from_id": HANDLE, **_TIMES}),
    }
)
PERSON: Keys = {
    "user_id": WHOLE,
    "first_name": WORD,
    "last_name": WORD,
    "phone_number": WORD,
    "username": WORD,
}
HEAD: Keys = {"name": TEXT, "type": TEXT, "id": WORD, "personal_information": object_of(PERSON)}
MESSAGE: Keys = {
    **_TIMES,
    **_EDITED,
    "id": WORD,
    "type": one_of("message"),
    "from": TEXT,
    "from_id": HANDLE,
    "text": _RICH,
    "text_entities": _PIECES,
    "reply_to_message_id": WORD,
    "reply_to_peer_id": WORD,
    "forwarded_from": WORD,
    "forwarded_from_id": WORD,
    "saved_from": WORD,
    "media_type": TEXT,
    "file": TEXT,
    "file_name": TEXT,
    "file_size": WHOLE,
    "photo": TEXT,
    "photo_file_size": WHOLE,
    "mime_type": TEXT,
    "contact_information": object_of({"first_name": WORD, "last_name": WORD, "phone_number": WORD}),
    "contact_vcard": TEXT,
    "location_information": object_of({"latitude": between(-90, 90), "longitude": between(-180, 180)}),
    "place_name": TEXT,
    "address": TEXT,
    "poll": object_of({"question": _RICH, "answers": _ANSWERS, "options": _ANSWERS}),
    "invoice_information": object_of({"*": WORD}),
    "reactions": _REACTIONS,
}
_MEMBER = object_of({"id": HANDLE, "name": TEXT}, WORD)
SERVICE: Keys = {
    **_TIMES,
    **_EDITED,
    "id": Shape(types=frozenset({int, type(None)})),
    "type": TEXT,
    "actor": TEXT,
    "actor_id": HANDLE,
    "action": WORD,
    "members": listed_of(_MEMBER),
    "text_entities": _PIECES,
    "message_id": WORD,
    "reactions": _REACTIONS,
    "*": ANY,
}
"""Every other key of a service message stands in the event's text as it is."""
