"""What a machine can run out of, memory and disk, told from all other failures."""

import errno
import re

from core.errors import DiskFull, InsideBertError, OutOfMemory

# what torch's allocators say on a CPU, where they raise a plain RuntimeError
_NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # full, over the quota, over the file limit
_NUMBER = re.compile(r"\(os error (\d+)\)")  # how the Rust libraries, as safetensors, tell it


def of_memory(error: BaseException) -> bool:
    """Whether an error means that memory was not enough."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(saying in said for saying in _NO_MEMORY)


def of_disk(error: BaseException) -> bool:
    """Whether an error means that a file could not grow."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return True
    told = _NUMBER.search(str(error))
    return bool(told and int(told[1]) in _NO_ROOM)


def named(error: BaseException) -> InsideBertError | None:
    """The error with a sentence for what ran out; None where it was something else."""
    if of_memory(error):
        return OutOfMemory()
    return DiskFull() if of_disk(error) else None
