"""Whether a file is opened, by anybody: Linux' inotify."""

import ctypes
import os
import select

IN_OPEN = 0x20
LIBRARY = ctypes.CDLL(None, use_errno=True)


class Opened:
    """Watches one file from now on."""

    def __init__(self, file):
        self.queue = LIBRARY.inotify_init1(os.O_NONBLOCK)
        if self.queue < 0 or LIBRARY.inotify_add_watch(self.queue, os.fsencode(file), IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), f"{file} cannot be watched")

    def close(self):
        """The watch ends; whether the file was opened meanwhile."""
        opened = bool(select.select([self.queue], [], [], 0)[0])
        os.close(self.queue)
        return opened
