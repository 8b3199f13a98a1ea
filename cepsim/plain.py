"""Files read as what they are: plain files of a bounded size; no link, no device, no pipe that never ends."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

#: More than any file that the program writes for itself to read again.
MOST_BYTES: Final = 1 << 33


def opened(path: Path, *, follow: bool = False, most: int = MOST_BYTES) -> BufferedReader:
    """A plain file of at most `most` bytes, open to be read; a link to one too, with `follow`.

    Raises OSError where it is anything else: links lead out of the folder that was named, and what is no
    file may never end.
    """
    refused = 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    # a pipe that nobody writes to would be waited for
    waits_not = getattr(os, "O_NONBLOCK", 0)
    if not follow and path.is_symlink():
        raise OSError(errno.ELOOP, "A link", str(path))
    number = os.open(path, os.O_RDONLY | refused | waits_not | getattr(os, "O_BINARY", 0))
    try:
        found = os.fstat(number)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "Not a plain file", str(path))
        if found.st_size > most:
            raise OSError(errno.EFBIG, f"More than {most:,} bytes", str(path))
        return os.fdopen(number, "rb")
    except OSError:
        os.close(number)
        raise


def content(path: Path, *, follow: bool = False, most: int = MOST_BYTES) -> bytes:
    """The bytes of a plain file; see `opened`."""
    with opened(path, follow=follow, most=most) as file:
        return file.read()


def checksum(path: Path) -> str:
    """SHA-256 of a plain file, read piece by piece; see `opened`."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
