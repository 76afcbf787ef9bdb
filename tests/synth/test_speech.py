"""What is said: all languages, mostly small talk, dialogues, days and nights."""

import json
import re
from collections import Counter, defaultdict

import pytest

from filon.model.words import cut
from filon.synth import write
from filon.synth.chance import chance
from filon.synth.talk.lexicon import LANGUAGES, Slots, load
from filon.synth.talk.plays import SMALL_TALK, mix, perform, topics


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    out = tmp_path_factory.mktemp("speech") / "a.jsonl"
    made = write(out, messages=40_000, format="jsonl", seed=1, both_sides=False, faults=False, processes=1)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    told = [json.loads(line) for line in made.truth.read_text(encoding="utf-8").splitlines()]
    return rows, [entry for entry in told if entry["truth"] == "message"], told


def test_every_language_has_every_topic_and_every_slot_can_be_filled():
    wanted = set(SMALL_TALK) | {"newhandle"}
    for kind in ("trade", "road", "family", "friends", "law", "group"):
        wanted |= set(mix(kind)[0])
    for language in LANGUAGES:
        assert set(topics(language)) == wanted
        for plays in topics(language).values():
            for turn in (turn for play in plays for turn in play):
                for line in turn.lines:
                    slots = Slots(language, chance(1), {"newhandle": "a", "oldhandle": "b"})
                    text = line.form.format_map(slots)
                    assert text or line.attachment
                    assert "{" not in text
                    assert not line.place or "town" in slots or slots["town"]


def test_all_languages_are_spoken(network):
    _, messages, _ = network
    shares = Counter(message["language"] for message in messages)
    assert set(shares) == set(LANGUAGES)
    assert min(shares.values()) > 0.04 * len(messages)


def test_the_great_majority_is_small_talk_and_threats_are_few(network):
    _, messages, _ = network
    topics_seen = Counter(message["topic"] for message in messages)
    small = sum(count for topic, count in topics_seen.items() if topic in SMALL_TALK)
    assert 0.7 < small / len(messages) < 0.92
    assert 0 < topics_seen["threat"] < 0.01 * len(messages)
    assert topics_seen["law"] > 0
    assert topics_seen["deal"] > 0.02 * len(messages)


def test_only_conversations_with_the_lawyer_are_privileged_talk(network):
    _, messages, told = network
    lawyers = {entry["number"] for entry in told if entry["truth"] == "person" and entry["role"] == "lawyer"}
    members = {entry["key"]: set(entry["members"]) for entry in told if entry["truth"] == "conversation"}
    assert all(members[m["conversation"]] & lawyers for m in messages if m["topic"] == "law")


def test_words_are_many_and_unevenly_used(network):
    words = Counter(word for row in network[0] for word in cut(row.get("text", "")))
    ranked = [count for _, count in words.most_common()]
    assert len(ranked) > 4_000
    assert sum(ranked[:100]) > 0.35 * sum(ranked)
    assert sum(count == 1 for count in ranked) > 0.2 * len(ranked)


def test_texts_repeat_no_more_than_chats_do(network):
    texts = Counter(row["text"] for row in network[0] if len(row.get("text", "")) > 25)
    assert len(texts) > 0.5 * sum(texts.values())


def test_telephone_numbers_are_from_ranges_for_fiction(network):
    found = [n for row in network[0] for n in re.findall(r"\+\d[\d ]{8,}\d|\b07\d{3} ?\d{6}\b", row.get("text", ""))]
    assert found
    for number in found:
        assert re.fullmatch(r"\+3363998\d{4}|\+447700900\d{3}|07700900\d{3}", number.replace(" ", ""))


def test_answers_come_in_bursts_and_nights_are_quiet(network):
    rows, messages, _ = network
    times = defaultdict(list)
    for message in messages:
        times[message["conversation"]].append(message["sent_utc"])
    assert all(list(sent) == sorted(sent) for sent in times.values())
    hours = Counter(int(row["sent_utc"][11:13]) for row in rows)
    assert sum(hours[h] for h in (1, 2, 3, 4)) < 0.4 * sum(hours[h] for h in (16, 17, 18, 19))


def test_activity_is_heavy_tailed(network):
    counts = sorted(Counter(message["conversation"] for message in network[1]).values(), reverse=True)
    assert sum(counts[: len(counts) // 10 + 1]) > 0.35 * sum(counts)


def test_the_long_conversation_is_long(network):
    assert Counter(message["conversation"] for message in network[1])[0] == 4_800


def test_attachments_and_places_belong_to_what_is_said(network):
    photos = [row for row in network[0] if "attachment" in row]
    places = [row for row in network[0] if "latitude" in row]
    assert len(photos) > 200
    assert len(places) > 50
    assert all(-90 <= row["latitude"] <= 90 and -180 <= row["longitude"] <= 180 for row in places)


def test_a_play_is_broken_off(network):
    said = perform("en", "deal", Slots("en", chance(2)), chance(3), 2)
    assert len(said) == 2
    assert [speaker for speaker, _, _ in said] == [0, 1]


def test_what_is_offered_is_less_than_what_is_asked():
    for number in range(50):
        slots = Slots("es", chance(number))
        asked, offered = (float(re.sub(r"[.,]", "", slots[place]).ljust(5, "0")) for place in ("price", "price2"))
        assert offered < asked


def test_short_forms_are_of_known_languages():
    assert all(load(language)["short"] for language in LANGUAGES)
