"""What people do through the pages: tags, notes, searches, marks, exports, additions."""

import time
from urllib.parse import quote

import pytest

from filon.case import open_case
from filon.evidence.hashing import hash_file
from web.synthetic import write_telegram


def finished(visitor, job):
    for _ in range(400):
        at = visitor.json(f"/jobs/{job}")
        if at["state"] != "running":
            return at
        time.sleep(0.05)
    raise AssertionError("the job never ended")


def begin(visitor, method, path, **rest):
    visitor.headers["accept"] = "application/json"
    answer = visitor.change(method, path, **rest)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_message_is_tagged_and_untagged(visitor, case):
    path = f"/messages/1:50/tags/{quote('à lire')}"
    shown = visitor.change("POST", "/messages/1:50/tags", data={"tag": "à lire"}).text
    assert "à lire" in shown
    assert not shown.lstrip().startswith("<!doctype")
    assert [tag for tag, _, _ in case.message(case.view(), "1:50").tags] == ["à lire"]
    assert visitor.change("DELETE", path).status_code == 200
    assert case.message(case.view(), "1:50").tags == ()


def test_every_hit_is_tagged(visitor, case):
    count = case.count(case.view(), "lorry")
    assert count > 10
    assert begin(visitor, "POST", "/tags", data={"tag": "lorry", "q": "lorry"}) == {"messages": count}
    assert case.count(case.view(), "tag:lorry") == count


def test_a_note_is_kept_with_its_author(visitor, case):
    visitor.change("POST", "/messages/1:51/notes", data={"text": "<script>alert(1)</script>"})
    (note,) = case.message(case.view(), "1:51").notes
    assert (note.text, note.who) == ("<script>alert(1)</script>", "a.tester")
    assert "<script>alert" not in visitor.get("/desk").text
    assert visitor.change("DELETE", f"/notes/{note.note}").status_code == 200
    assert case.message(case.view(), "1:51").notes == ()


def test_undo_takes_the_last_action_back(visitor, case):
    visitor.change("POST", "/messages/1:52/tags", data={"tag": "mistake"})
    page = begin(visitor, "POST", "/undo")
    assert (page["undone"]["kind"], page["undone"]["subject"]) == ("tag", "mistake")
    assert case.message(case.view(), "1:52").tags == ()


def test_a_search_is_saved_with_the_zone_it_was_written_in(visitor, case):
    saved = begin(visitor, "POST", "/searches?zone=Asia/Tokyo", data={"name": "vans", "q": "van date:2020-03"})
    assert (saved["name"], saved["zone"]) == ("vans", "Asia/Tokyo")
    assert "zone=Asia%2FTokyo" in visitor.get("/desk?zone=Europe/Paris").text
    assert visitor.change("DELETE", "/searches/vans").status_code == 200
    assert case.saved_searches(case.view()) == []


def test_the_mark_of_what_was_read_is_where_reading_begins(visitor):
    visitor.change("POST", "/conversations/0/read", data={"number": "1:700"})
    page = visitor.json("/conversations/0")
    assert page["head"]["read_to"] == "1:700"
    assert page["place"] == visitor.json("/conversations/0/place?at=1:700")["place"]


@pytest.mark.parametrize(("data", "status"), [({}, 400), ({"tag": ""}, 400), ({"tag": 'a"b'}, 400)])
def test_a_bad_tag_is_refused_in_words(visitor, data, status):
    visitor.headers["accept"] = "application/json"
    answer = visitor.change("POST", "/messages/1:50/tags", data=data)
    assert answer.status_code == status
    assert answer.json()["problem"]


def test_word_lists_are_tried_line_by_line(visitor, case):
    page = begin(visitor, "POST", "/words", data={"lines": 'van\n"open\n\nlorry\n'})
    assert [row["term"] for row in page["found"]] == ["van", '"open', "lorry"]
    assert page["found"][0]["total"] == case.count(case.view(), "van")
    assert page["found"][1]["error"]


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl", "parquet"])
def test_hits_are_exported_and_downloaded_with_their_hash(visitor, case, form, tmp_path):
    job = begin(visitor, "POST", "/exports", data={"format": form, "q": "lorry"})["id"]
    done = finished(visitor, job)
    assert done["state"] == "done", done
    assert done["exported"]["rows"] == case.count(case.view(), "lorry")
    answer = visitor.get(f"/exports/{job}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"].startswith("application/octet-stream")
    out = tmp_path / "out"
    out.write_bytes(answer.content)
    assert hash_file(out)[0] == done["exported"]["sha256"]


def test_an_original_is_only_ever_a_download(visitor, case):
    row = case.items(case.view())[0]
    answer = visitor.get(f"/items/{row.item.number}/original")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"].startswith("application/octet-stream")
    assert row.item.sha256 in answer.headers["digest"]
    assert len(answer.content) == row.item.size


def test_a_path_is_proposed_and_added(visitor, case, tmp_path):
    path = write_telegram(tmp_path / "more.json", 30, small=1, every=91)
    before = case.counts(case.view()).messages
    key = begin(visitor, "POST", "/add", data={"paths": f"{path}\n"})["key"]
    draft = visitor.json(f"/add/{key}")
    assert [p["format"] for p in draft["proposals"]] == ["telegram"]
    assert "Telegram" in visitor.get(f"/add/{key}").text
    job = begin(visitor, "POST", f"/add/{key}/begin", data={"zone": "Europe/Paris"})["id"]
    done = finished(visitor, job)
    assert done["state"] == "done", done
    assert case.counts(case.view()).messages == before + done["added"]["tally"]["messages"]
    assert done["added"]["tally"]["messages"] > 0
    assert "records" in visitor.get(f"/jobs/{job}").text


def test_an_upload_is_taken_into_the_case_and_leaves_nothing_beside_it(visitor, case, tmp_path):
    data = write_telegram(tmp_path / "x.json", 25, small=1, every=57).read_bytes()
    key = begin(visitor, "POST", "/add", data={"paths": ""})["key"]
    named = begin(visitor, "PUT", f"/add/{key}/files?name={quote('../../r€sult.json')}", content=data)
    assert named == {"name": "r€sult.json"}
    job = begin(visitor, "POST", f"/add/{key}/begin", data={})["id"]
    done = finished(visitor, job)
    assert done["state"] == "done", done
    (row,) = done["added"]["items"]
    assert row["item"]["copied"]
    assert row["item"]["name"] == "r€sult.json"
    assert not (case.root / "exchange" / key).exists()
    assert visitor.get(f"/items/{row['item']['number']}/original").content == data


def test_what_is_stated_about_files_is_kept_in_the_draft(visitor, exports):
    path = exports / "WhatsApp Chat with ironhare.txt"
    key = begin(visitor, "POST", "/add", data={"paths": str(path)})["key"]
    assert visitor.json(f"/add/{key}")["proposals"][0]["already"]
    page = begin(
        visitor, "POST", f"/add/{key}/answers", data={"zone": "Europe/Paris", "date_order": "dmy", "owner": "phone 7"}
    )
    assert page["given"] == {"zone": "Europe/Paris", "date_order": "dmy", "owner": "phone 7", "mapping": ""}
    assert visitor.change("POST", f"/add/{key}/answers", data={"zone": "Nowhere"}).status_code == 400
    assert visitor.change("POST", f"/add/{key}/answers", data={"mapping": "= x"}).status_code == 400
    assert visitor.change("DELETE", f"/add/{key}").status_code == 200
    assert visitor.get(f"/add/{key}").status_code == 400


def test_a_path_that_is_not_there_is_told(visitor):
    visitor.headers["accept"] = "application/json"
    answer = visitor.change("POST", "/add", data={"paths": "/nowhere/at/all"})
    assert answer.status_code == 400
    assert "/nowhere/at/all" in answer.json()["problem"]


def test_what_another_process_adds_is_seen_without_a_restart(visitor, case, settings, tmp_path):
    before = visitor.json("/")["overview"]["counts"]["messages"]
    with open_case(str(case.root), settings) as other:
        added = other.add(other.view(), [write_telegram(tmp_path / "late.json", 15, small=1, every=83)])
    assert visitor.json("/")["overview"]["counts"]["messages"] == before + added.tally.messages
