"""A PostgreSQL server of the tests' own: made in a temporary folder, on a socket there, gone at the end.

`postgres` starts one for each test process that asks for it. Where PostgreSQL is not installed, these tests are skipped
with the reason; with CELLTRIAL_TEST_POSTGRES=required, as in CI, that is a failure.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

OWNER, APP = "celltrial_owner", "celltrial_app"
# the port names the socket file only: nothing listens on the network
_PORT = 5432
_LEAST = 15


class Server:
    """A running server; `url` reaches it as a role, `psql` speaks to it as the superuser."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs = programs
        self.folder = folder
        self._numbers = count(1)

    def url(self, role: str = APP, schema: str = "celltrial") -> str:
        return f"postgresql://{role}@/postgres?host={self.folder}&port={_PORT}&schema={schema}"

    def psql(self, statement: str) -> str:
        words = [self.programs / "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]
        return self.run(*words, "-h", self.folder, "-p", str(_PORT), "-d", "postgres", "-c", statement).strip()

    def run(self, *words: object) -> str:
        done = subprocess.run([*_as_postgres(), *map(str, words)], capture_output=True, text=True, cwd=self.folder)
        if done.returncode:
            raise RuntimeError(f"{words[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        options = f"-k {self.folder} -p {_PORT} -c listen_addresses= -c max_connections=60 -c shared_buffers=32MB"
        control = [self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "-s"]
        self.run(*control, "-l", self.folder / "log", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self.run(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "-s", "-m", mode, "stop")

    def new_schema(self) -> str:
        """A new schema for one record, made by the owner; its name."""
        from celltrial.record.store_postgres_setup import create_database

        schema = f"study_{next(self._numbers)}"
        create_database(self.url(OWNER, schema), app_role=APP)
        return schema


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server of this test process."""
    server = _new_server()
    server.start()
    try:
        for role in (OWNER, APP):
            server.psql(f"CREATE ROLE {role} LOGIN")
        server.psql(f"GRANT CREATE ON DATABASE postgres TO {OWNER}")
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def new_database(postgres: Server) -> Callable[[], str]:
    """Makes the place of a new record: the URL of the app role, in a schema of its own."""
    return lambda: postgres.url(APP, postgres.new_schema())


def _new_server() -> Server:
    programs = _programs()
    if isinstance(programs, str):
        if os.environ.get("CELLTRIAL_TEST_POSTGRES") == "required":
            pytest.fail(f"PostgreSQL is required: {programs}")
        pytest.skip(programs)
    # a socket's path may have 107 characters: the tests' own temporary folders are too deep
    folder = Path(tempfile.mkdtemp(prefix="celltrial-pg-"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    server = Server(programs, folder)
    # no sync of the empty cluster, which nobody needs after a power cut; the commits of the tests are synced
    words = ["-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    server.run(programs / "initdb", *words)
    return server


def _programs() -> Path | str:
    """Where the server's programs are, or why they cannot be used."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    places = [*reversed(found), *([Path(on_path).parent] if on_path else [])]
    programs = next((each for each in places if (each / "initdb").exists() and (each / "postgres").exists()), None)
    if programs is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    words = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True).stdout.split()
    if int(words[2].split(".")[0]) < _LEAST:
        return f"PostgreSQL {words[2]} is installed, {_LEAST} or later is needed"
    if os.geteuid() == 0 and not _as_postgres():
        return "PostgreSQL does not run as root, and there is no user postgres or no runuser"
    return programs


def _as_postgres() -> list[str]:
    """The server refuses to run as root."""
    if os.geteuid():
        return []
    has_user = any(user.pw_name == "postgres" for user in pwd.getpwall())
    # where a shell that is no login has not put /sbin on the path
    runuser = shutil.which("runuser", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    return [runuser, "-u", "postgres", "--"] if has_user and runuser else []
