"""A disk that loses what was not synced: an SQLite file system in memory, and the store's connection on it.

`Disk` keeps, for each file, what a program would read back (`content`) and what a power cut would leave (`synced`).
A write changes only the first; a sync copies it to the second. At the moments that are asked for, the disk keeps a
picture of what a cut at that moment would leave: either nothing that was not synced, or some of it in any order, as a
disk that reorders its writes may. After apsw's own example of a virtual file system; no shared memory, so the
connection locks the file for itself, which the store's single connection does not notice.
"""

from dataclasses import dataclass, field
from random import Random

import apsw

SECTOR = 512


@dataclass
class Stored:
    """A file: as it reads now, as it is on the disk, and the writes in between."""

    content: bytearray = field(default_factory=bytearray)
    synced: bytearray | None = None
    pending: list[tuple[int, bytes]] = field(default_factory=list)

    def sync(self) -> None:
        self.synced = bytearray(self.content)
        self.pending.clear()

    def after_cut(self, chance: Random | None) -> bytes | None:
        """What is left: all that was synced and, where `chance` is given, any of the sectors written since."""
        if chance is None:
            return None if self.synced is None else bytes(self.synced)
        left = bytearray(self.synced or b"")
        for offset, data in self.pending:
            for start in range(0, len(data), SECTOR):
                if chance.random() < 0.5:
                    _put(left, offset + start, data[start : start + SECTOR])
        return bytes(left)


class Disk(apsw.VFS):
    """The file system. `on_change` is called before each write, sync or cut of a file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.files: dict[str, Stored] = {}
        self.syncs = 0
        self.on_change = lambda: None
        super().__init__(name, "")

    def after_cut(self, chance: Random | None = None) -> dict[str, bytes]:
        """Every file as a power cut now would leave it."""
        left = {name: stored.after_cut(chance) for name, stored in self.files.items()}
        return {name: content for name, content in left.items() if content is not None}

    def xOpen(self, name, flags):
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return File(self, self.files.setdefault(path or f"temporary {len(self.files)}", Stored()))

    def xAccess(self, path, flags):
        return path in self.files

    def xDelete(self, path, sync_folder):
        self.on_change()
        self.files.pop(path, None)

    def xFullPathname(self, name):
        return name


class File:
    """An open file of the disk; locks are granted, since there is one connection."""

    def __init__(self, disk: Disk, stored: Stored) -> None:
        self.disk, self.stored = disk, stored

    def xRead(self, amount, offset):
        return bytes(self.stored.content[offset : offset + amount])

    def xWrite(self, data, offset):
        self.disk.on_change()
        _put(self.stored.content, offset, data)
        self.stored.pending.append((offset, bytes(data)))

    def xTruncate(self, size):
        self.disk.on_change()
        del self.stored.content[size:]

    def xSync(self, flags):
        self.disk.on_change()
        self.disk.syncs += 1
        self.stored.sync()

    def xFileSize(self):
        return len(self.stored.content)

    def xSectorSize(self):
        return SECTOR

    def xDeviceCharacteristics(self):
        return 0

    def xFileControl(self, op, pointer):
        return False

    def xLock(self, level):
        pass

    def xUnlock(self, level):
        pass

    def xCheckReservedLock(self):
        return False

    def xClose(self):
        pass


class Connection:
    """What the store asks of a connection of the standard library, on the disk; `level` is its synchronous level."""

    def __init__(self, disk: Disk, path: str, level: str) -> None:
        self._inner = apsw.Connection(path, vfs=disk.name)
        self._level = level
        self.text_factory = None
        # a checkpoint every few appends, so that cuts fall into checkpoints too
        for pragma in ("locking_mode=EXCLUSIVE", "wal_autocheckpoint=60", "cache_size=-8000"):
            self._inner.execute(f"PRAGMA {pragma}").fetchall()

    def execute(self, statement, values=()):
        if statement == "PRAGMA synchronous=FULL":
            statement = f"PRAGMA synchronous={self._level}"
        return self._inner.execute(statement, values)

    def executemany(self, statement, rows):
        self._inner.executemany(statement, [tuple(row) for row in rows])

    @property
    def in_transaction(self):
        return self._inner.in_transaction

    def close(self):
        self._inner.close()


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data
