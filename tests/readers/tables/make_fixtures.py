"""Writes the fixtures of this folder anew: ``python -m readers.tables.make_fixtures`` with ``tests`` on the path.

Everything in them is invented. Workbooks and Parquet are made here because they cannot be written by hand.
"""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

HERE = Path(__file__).parent
NETWORK = (
    "device;direction;contact;nickname;sent (UTC);received (UTC);read (UTC);burn (UTC);text;conversation;message id;"
    "sequence;status;attachment;latitude;longitude"
)


def write_text() -> None:
    (HERE / "operator.csv").write_bytes(
        (
            "\ufeffEXTRACTION 2020-17;;;;;;;;\r\nPage 1;;;;;;;;\r\n;;;;;;;;\r\n"
            "IMEI;Handle;Direction;Contact;Nickname;Sent;Burn time;Message;Status\r\n"
            "356938035643809;oakheron;OUT;redfox;Foxy;03/04/2020 18:03:22;10/04/2020 18:03:22;"
            '"on est là\r\ndans 5 min; ok ?";read\r\n'
            "356938035643809;oakheron;IN;redfox;Foxy;03/04/2020 18:04;;ça marche 👍;delivered\r\n"
            "IMEI;Handle;Direction;Contact;Nickname;Sent;Burn time;Message;Status\r\n"
            "356938035643809;oakheron;IN;4,9E+11;Oncle;23/04/2020 07:59:01;;appelle moi;read\r\n"
            "356938035643809;oakheron;IN;redfox;Foxy;99.99.9999 99:99;;=1+1;vu par le tribunal\r\n"
            "356938035643809;oakheron;sideways;redfox;Foxy;24/04/2020 07:59:01;;'cite;read\r\n"
            "Total;;;;;;;5;\r\n"
        ).encode("utf-16-le")
    )
    (HERE / "filon-network.csv").write_text(
        f"{NETWORK}\n"
        "oakheron;out;redfox;Foxy;2020-04-01T18:03:22Z;2020-04-01T18:03:23Z;2020-04-01T18:09:00Z;2020-04-08T18:03:22Z;"
        '"he said ""hi""";;m-1;1;read;;51.2194;4.4025\n'
        "oakheron;in;blueowl;Owl;2020-04-02T18:04:22Z;2020-04-02T18:04:29Z;;;;g-12;m-2;2;delivered;IMG-0001.jpg;;\n"
        "oakheron;out;;;2020-04-02T18:05:00Z;;;;in the group;g-12;m-3;3;sent;;;\n"
        "oakheron;in;redfox;Foxy;2020-04-02T18:06:00Z;2020-04-02T18:06:01Z;;;;;m-4;4;undecryptable;;;\n",
        encoding="utf-8",
    )
    (HERE / "nachrichten.csv").write_bytes(
        (
            "Gerät;Absender;Empfänger;Gesendet am;Nachricht\n"
            "A;Wölfin;Bär;31.12.2020 23:59:59;Grüße\n"
            "A;Bär;Wölfin;01.01.2021 00:01:00;danke; für alles\n"
            'A;Bär;Wölfin;01.01.2021 00:02:00;"nie zu\n'
            "A;Wölfin;Bär;1. Januar 2021, 00:03;doch\n"
            "A;Bär\n"
            "\n"
            "A;;;;\n"
        ).encode("cp1252")
    )
    (HERE / "axiom.csv").write_text(
        'Sender,Sender Name,Recipient,Message,"Message Sent Date/Time - UTC+02:00 (M/d/yyyy)",Direction,Chat ID,Message Status,'
        "Type,Item ID,Recovery method\r\n"
        '32470000001@s.whatsapp.net,Ann,32470000002@s.whatsapp.net,"hi, you",'
        "4/5/2020 10:00:00 PM,Outgoing,c-1,Read,Text,1,Parsing\r\n",
        encoding="utf-8",
    )
    (HERE / "list.json").write_text(
        '[{"from":{"id":"a1","name":"Ann"},"to":["b2","c3"],"timestamp":1585764202123,"body":"hey","extra":{"x":1}},\n'
        '{"from":{"id":"b2"},"to":["a1"],"timestamp":1585764203000,"body":"\\ud83d half"},\n7]\n',
        encoding="utf-8",
    )
    (HERE / "concatenated.json").write_text(
        '{\n "from": "a1",\n "to": "b2",\n "timestamp": 1585764202,\n "body": "hey"\n}\n'
        '{\n "from": bad\n}\n'
        '{\n "from": "b2",\n "to": "a1",\n "timestamp": 1585764203,\n "body": "yo"\n}\n',
        encoding="utf-8",
    )


def write_lines() -> None:
    (HERE / "filon-network.jsonl").write_text(
        '{"device":"oakheron","direction":"out","contact":"redfox","nickname":"Foxy","sent_utc":"2020-04-01T18:03:22Z",'
        '"text":"hello","message_id":"m-1","sequence":1,"status":"read","latitude":51.2194,"longitude":4.4025}\n'
        "not json\n\n"
        '{"device":"oakheron","direction":"in","contact":"blueowl","sent_utc":"2020-04-01T18:03:22Z",'
        '"received_utc":"2020-04-01T18:03:25Z","burn_utc":"2020-04-08T18:03:22Z","conversation":"g-12","text":"group",'
        '"message_id":"m-2","sequence":2,"status":"lost","weather":"rain"}\n'
        "[1]\n",
        encoding="utf-8",
    )


def write_workbooks() -> None:
    with _book("cellebrite.xlsx") as book:
        stamp = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("Chats")
        sheet.merge_range(0, 0, 0, 5, "Chats (2)")
        _row(
            sheet,
            1,
            [
                *("Chat #", "Instant Message #", "Participants", "Name", "From", "Body", "Source", "Status"),
                *("Starred Message", "Deleted - Instant Message", "Timestamp: Time", "Attachment #1", "Attachment #2"),
            ],
        )
        people = "32470000001@s.whatsapp.net Ann (owner)\n32470000002@s.whatsapp.net Bob"
        ann, bob = people.split("\n")
        _row(
            sheet,
            2,
            [1, 1, people, "", ann, "=HYPERLINK(1)", "WhatsApp", "Sent", "", "", "05/04/2020 10:00:00(UTC+2)", "", ""],
        )
        _row(
            sheet,
            3,
            [
                1,
                2,
                people,
                "",
                bob,
                "ok",
                "WhatsApp",
                "Read",
                "",
                "Yes",
                "25/04/2020 10:00:00(UTC+2)",
                "a.jpg",
                "b.opus",
            ],
        )
        sheet.write_string(4, 4, "System Message", stamp)
        sheet.write_string(4, 5, "Bob left", stamp)
        book.add_worksheet("Empty")
        other = book.add_worksheet("Contacts")
        _row(other, 0, ["name", "phone"])
        _row(other, 1, ["Bob", 32470000002])
    for name, old in (("dates-1900.xlsx", False), ("dates-1904.xlsx", True)):
        with _book(name, date_1904=old) as book:
            day, clock = (book.add_format({"num_format": layout}) for layout in ("dd/mm/yyyy", "hh:mm:ss"))
            sheet = book.add_worksheet("Tel 1")
            _row(sheet, 0, ["Expéditeur", "Destinataire", "Date", "Heure", "Message", "Reçu le (UTC)"])
            _row(sheet, 1, [32470000001, "Renard", None, None, "salut", 43922.752338])
            sheet.write_datetime(1, 2, date(2020, 4, 1), day)
            sheet.write_datetime(1, 3, time(18, 3, 22), clock)


def _book(name: str, **options: Any) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(HERE / name, options)
    book.set_properties({"created": datetime(2020, 1, 1)})  # noqa: DTZ001 - the library takes a clock without zone
    return book


def _row(sheet: Any, number: int, values: list[Any]) -> None:
    for column, value in enumerate(values):
        if isinstance(value, str) and value:
            sheet.write_string(number, column, value)
        elif isinstance(value, int | float):
            sheet.write_number(number, column, value)


def write_parquet() -> None:
    table = pa.table(
        {
            "sender": ["a1", "b2", None],
            "to": [["b2"], ["a1", "c3"], None],
            "sent_at": pa.array([datetime(2020, 4, 1, 18, 3, 22, 123456, UTC), None, None], pa.timestamp("ns", "UTC")),
            "message": pa.array([{"text": "hey"}, {"text": "yo"}, None]),
        }
    )
    pq.write_table(table, HERE / "rows.parquet", row_group_size=2, compression="snappy")


if __name__ == "__main__":
    write_text()
    write_lines()
    write_workbooks()
    write_parquet()
