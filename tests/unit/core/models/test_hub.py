"""Hub models come from this machine's cache; without it and the hub, one clear sentence.

Each test asks in a process of its own: the hub library reads its settings when imported.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
REVISION = "86b5e0934494bd15c9632b12f734a8a67f723594"
OFFLINE = (
    "The model bert-base-uncased cannot be loaded: "
    "it is not on this machine and the model hub cannot be reached."
)
ASK = """
import json, sys
from core.errors import InsideBertError
from core.models import files
try:
    info = files.info(sys.argv[1])
    print(json.dumps({"id": info.id, "layers": info.layers, "torch": "torch" in sys.modules}))
except InsideBertError as error:
    print(json.dumps({"error": type(error).__name__, "sentence": str(error)}))
"""


def asked(home: Path, model: str = "bert-base-uncased", **settings: str) -> dict[str, object]:
    """What `files.info` says in a process whose hub cache is `home`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGINGFACE_"))}
    done = subprocess.run(
        [sys.executable, "-c", ASK, model], cwd=ROOT, env=kept | {"HF_HOME": str(home)} | settings,
        capture_output=True, text=True, timeout=60, check=True,
    )
    return json.loads(done.stdout)


def cached(home: Path, source: Path, without: str = "") -> None:
    """The files of `source` as the hub library caches them: blobs, snapshot links, a ref."""
    root = home / "hub" / "models--google-bert--bert-base-uncased"
    snapshot = root / "snapshots" / REVISION
    for folder in (snapshot, root / "blobs", root / "refs"):
        folder.mkdir(parents=True)
    (root / "refs" / "main").write_text(REVISION, encoding="utf-8")
    for path in source.iterdir():
        if path.name != without:
            blob = root / "blobs" / hashlib.sha256(path.read_bytes()).hexdigest()
            blob.write_bytes(path.read_bytes())
            (snapshot / path.name).symlink_to(Path("../../blobs") / blob.name)


@pytest.mark.parametrize("model", ["bert-base-uncased", "google-bert/bert-base-uncased"])
def test_a_cached_model_is_found_offline_under_both_its_names(tmp_path, tiny, model):
    cached(tmp_path, tiny)
    found = asked(tmp_path, model, HF_HUB_OFFLINE="1")
    assert found == {"id": "google-bert/bert-base-uncased", "layers": 2, "torch": False}


def test_a_cached_model_needs_no_hub_to_be_reached(tmp_path, tiny):
    cached(tmp_path, tiny)
    assert asked(tmp_path, HF_ENDPOINT="http://127.0.0.1:9")["layers"] == 2


def test_offline_with_an_empty_cache_is_one_clear_sentence(tmp_path):
    assert asked(tmp_path, HF_HUB_OFFLINE="1") == {"error": "ModelOffline", "sentence": OFFLINE}


def test_a_half_cached_model_is_not_taken_for_a_whole_one(tmp_path, tiny):
    cached(tmp_path, tiny, without="model.safetensors")
    assert asked(tmp_path, HF_HUB_OFFLINE="1")["error"] == "ModelOffline"


def test_a_damaged_cache_is_told_by_the_models_name(tmp_path, tiny):
    cached(tmp_path, tiny)
    snapshot = tmp_path / "hub" / "models--google-bert--bert-base-uncased" / "snapshots" / REVISION
    (snapshot / "config.json").resolve().write_text("{", encoding="utf-8")
    answer = asked(tmp_path, HF_HUB_OFFLINE="1")
    assert answer["sentence"] == (
        "The model bert-base-uncased cannot be loaded: its config.json is damaged."
    )


def test_a_hub_that_refuses_the_connection_is_the_same_sentence(tmp_path):
    """Nothing listens on the discard port of this machine."""
    answer = asked(tmp_path, HF_ENDPOINT="http://127.0.0.1:9")
    assert answer == {"error": "ModelOffline", "sentence": OFFLINE}
