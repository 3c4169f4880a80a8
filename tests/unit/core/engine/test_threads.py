"""Every library keeps to one thread, also one that was loaded before anybody said so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.engine.threads import POOLS, THREADS_SETTING

ROOT = Path(__file__).parents[4]
LATE = """
import json, numpy, torch
from threadpoolctl import threadpool_info
from core.engine import threads
numpy.ones((200, 200)) @ numpy.ones((200, 200))
threads.announce()
threads.bound()
print(json.dumps([torch.get_num_threads(), *(pool["num_threads"] for pool in threadpool_info())]))
"""


@pytest.mark.parametrize("setting", ["", "2"])
def test_torch_and_blas_loaded_before_are_bounded_to_what_the_setting_says(setting):
    bare = {name: value for name, value in os.environ.items() if name not in POOLS}
    environment = {**bare, **({THREADS_SETTING: setting} if setting else {})}
    environment.pop("" if setting else THREADS_SETTING, None)
    said = subprocess.run([sys.executable, "-c", LATE], cwd=ROOT, env=environment, check=True,
                          capture_output=True, text=True, timeout=120).stdout
    counts = json.loads(said)
    assert len(counts) >= 2
    assert set(counts) == {min(int(setting or 1), os.cpu_count() or 1)}
