from pathlib import Path

import pytest

from tests.golden.wordpiece import EMBEDDED, cased_folder


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The shipped vocabulary read with and without lower-casing."""
    return {"uncased": EMBEDDED, "cased": cased_folder(tmp_path_factory.mktemp("cased"))}


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder with vocab.txt alone: ids are line numbers."""
    folder = tmp_path_factory.mktemp("toy")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "ab", "##c", "##d", "##cd"]
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    return folder
