"""Stored answers: whole or not at all, with their age."""

from core.stocks import disk
from core.stocks.disk import Shelf, cache_folder


def test_a_value_comes_back_with_its_age(tmp_path):
    now = [1000.0]
    shelf = Shelf(tmp_path / "deep" / "folder", lambda: now[0])
    shelf.put("a key / with: signs", {"x": [1.5, None, "é"]})
    now[0] = 1060.0
    assert shelf.get("a key / with: signs") == ({"x": [1.5, None, "é"]}, 60.0)
    assert shelf.get("another") is None


def test_a_damaged_file_is_no_value(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("k", 1)
    path = next(tmp_path.glob("*.json"))
    for text in ("", "{", "[]", '{"key": "k"}', '{"key": "other", "at": 0, "value": 1}'):
        path.write_text(text)
        assert shelf.get("k") is None


def test_no_half_written_file_stays_behind(tmp_path, monkeypatch):
    shelf = Shelf(tmp_path)
    shelf.put("k", "old")

    def fail(source: str, target: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(disk.os, "replace", fail)
    shelf.put("k", "new")
    assert shelf.get("k")[0] == "old"
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_a_folder_that_cannot_be_made_keeps_nothing_and_harms_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    shelf = Shelf(tmp_path / "file" / "folder")
    shelf.put("k", 1)
    assert shelf.get("k") is None


def test_the_oldest_files_go_when_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "MOST_FILES", 3)
    shelf = Shelf(tmp_path)
    for number in range(6):
        shelf.put(str(number), number)
        for path in tmp_path.glob("*.json"):
            stat = path.stat()
            disk.os.utime(path, (stat.st_atime, stat.st_mtime - 10))
    assert len(list(tmp_path.glob("*.json"))) == 3 and shelf.get("5") is not None


def test_the_cache_lies_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("INSIDE_BERT_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("INSIDE_BERT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "inside-bert"
