"""A hub model's files: from this machine's cache, else fetched, and given up when nothing comes.

The hub's own client waits for ever where it sets no time limit, and retries for minutes where
it does. So it gets limits, and is watched: a download that brings nothing for a while has failed.
"""

import os
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path

from core import shortage
from core.errors import DiskFull, ModelOffline
from core.models.registry import RegistryEntry
from core.models.whole import WEIGHTS

NEEDED = ("config.json", WEIGHTS)
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "tokenizer_config.json")
TIMEOUT = 10  # seconds a request, where HF_HUB_ETAG_TIMEOUT or HF_HUB_DOWNLOAD_TIMEOUT says none
SILENCE = 20.0  # seconds without one new byte until a download is given up
LOOK = 0.2  # seconds between two looks at what has come
_PATTERNS = [*NEEDED, *TOKENIZER_FILES]


def cached_folder(entry: RegistryEntry) -> Path | None:
    """Where the hub's cache on this machine holds the model, None when it does not."""
    from huggingface_hub import snapshot_download

    try:
        found = Path(
            snapshot_download(entry.id, allow_patterns=_PATTERNS, local_files_only=True)
        )
    except Exception:  # the library raises many kinds for "not in the cache"
        return None
    return found if all((found / name).is_file() for name in NEEDED) else None


def folder(entry: RegistryEntry) -> Path:
    """The model's files. Raises `ModelOffline`, `DiskFull`."""
    for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT"):
        os.environ.setdefault(name, str(TIMEOUT))  # read when the library is first imported
    if found := cached_folder(entry):
        return found
    if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0"):
        raise ModelOffline(entry.label)
    try:
        return _fetched(entry)
    except Exception as error:  # network, proxy: all mean the same to the learner
        if shortage.of_disk(error):
            raise DiskFull from error
        raise ModelOffline(entry.label) from error


def _fetched(entry: RegistryEntry) -> Path:
    """Raises TimeoutError after a long silence; the thread that waits is left to itself then."""
    from huggingface_hub import constants

    future: Future[Path] = Future()
    threading.Thread(
        target=_fetch, args=(entry, future), name=f"fetch {entry.label}", daemon=True
    ).start()
    kept = Path(constants.HF_HUB_CACHE) / f"models--{entry.id.replace('/', '--')}"
    here, since = _size(kept), time.monotonic()
    while True:
        try:
            return future.result(LOOK)
        except FutureTimeout:
            if future.done():
                raise  # the library's own
        now = _size(kept)
        if now != here:
            here, since = now, time.monotonic()
        elif time.monotonic() - since > SILENCE:
            raise TimeoutError("the hub is silent")


def _fetch(entry: RegistryEntry, future: "Future[Path]") -> None:
    from huggingface_hub import constants, get_session, snapshot_download

    try:
        get_session().timeout = constants.HF_HUB_ETAG_TIMEOUT  # it has none of its own
        future.set_result(Path(snapshot_download(
            entry.id, allow_patterns=_PATTERNS, etag_timeout=constants.HF_HUB_ETAG_TIMEOUT
        )))
    except BaseException as error:  # raised again where it is waited for
        future.set_exception(error)


def _size(folder: Path) -> int:
    """Bytes of all files in a folder, those that are still coming among them."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(root, name)).st_size
            except OSError:
                continue  # renamed meanwhile
    return total
