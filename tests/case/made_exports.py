"""Small exports made for tests of the whole case: the same bytes every time."""

import io
import random
import tarfile
import zipfile
from datetime import UTC, datetime, timedelta

WORDS = [
    "livraison",
    "demain",
    "container",
    "rotterdam",
    "papa",
    "match",
    "pluie",
    "camion",
    "ok",
    "merci",
    "500",
    "keys",
]


def irc(lines=300, seed=1, channel="#harbour"):
    """An IRC log in the irssi layout."""
    chance = random.Random(seed)
    out = ["--- Log opened Wed Apr 01 08:00:00 2020"]
    for n in range(lines):
        nick = chance.choice(["dylan", "marek", "juno"])
        text = " ".join(chance.choices(WORDS, k=6))
        out.append(f"{8 + n // 60 % 12:02d}:{n % 60:02d} <{nick}> {text}")
    return ("\n".join(out) + "\n").encode()


def whatsapp(messages=200, seed=1):
    """A WhatsApp text export, day first, with one attachment line."""
    chance = random.Random(seed)
    at = datetime(2020, 4, 13, 9, 0, tzinfo=UTC)
    out = []
    for n in range(messages):
        at += timedelta(minutes=chance.randrange(1, 90))
        text = " ".join(chance.choices(WORDS, k=5))
        if n == 5:
            text = "IMG-20200413-WA0001.jpg (file attached)"
        out.append(f"{at:%d/%m/%Y, %H:%M} - {chance.choice(['Marta', 'Joris'])}: {text}")
    return ("\n".join(out) + "\n").encode()


def table(rows=500, seed=1):
    """An operator's table: one row a device, semicolons, stated zone."""
    chance = random.Random(seed)
    out = ["device;direction;contact;nickname;sent (UTC);received (UTC);read (UTC);burn (UTC);text;conversation;message id;"
           "sequence;status;attachment;latitude;longitude"]  # fmt: skip
    at = datetime(2020, 4, 1, tzinfo=UTC)
    for n in range(rows):
        at += timedelta(seconds=chance.randrange(5, 4000))
        way, me, you = chance.choice([("out", "oakheron", "palewren"), ("in", "palewren", "oakheron")])
        text = " ".join(chance.choices(WORDS, k=7))
        out.append(f"{me};{way};{you};boss;{at:%Y-%m-%dT%H:%M:%SZ};;;;{text};;{n:08x};{n};sent;;;")
    return ("\r\n".join(out) + "\r\n").encode()


def zipped(**members):
    """A zip of these members."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/"), (2020, 5, 1, 0, 0, 0)), data)
    return box.getvalue()


def tarred(name, **members):
    """A tar at ``name`` of these members."""
    with tarfile.open(name, "w:gz") as archive:
        for member, data in members.items():
            info = tarfile.TarInfo(member.replace("__", "/"))
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def folder(path, seed=1):
    """A folder of mixed exports; returns it."""
    path.mkdir()
    (path / "a harbour.log").write_bytes(irc(seed=seed))
    (path / "b network.csv").write_bytes(table(seed=seed))
    (path / "WhatsApp Chat with Marta.zip").write_bytes(
        zipped(
            **{
                "WhatsApp Chat with Marta.txt": whatsapp(seed=seed),
                "IMG-20200413-WA0001.jpg": b"\xff\xd8\xff synthetic",
            }
        )
    )
    (path / "photo.jpg").write_bytes(b"\xff\xd8\xff synthetic")
    return path
