"""A study folder of one's own, copied from one that is shipped with the package."""

from importlib import resources
from pathlib import Path

from celltrial.errors import Finding, InputError
from celltrial.study.files import STUDY_FILES
from celltrial.study.seal import SEAL_FILE

__all__ = ["discard_study", "new_study", "shipped_study"]


def shipped_study(name: str = "ct1192") -> Path:
    """The folder of a shipped study. Raises InputError where there is none of that name."""
    shipped = Path(str(resources.files("celltrial").joinpath("studies")))
    names = sorted(each.name for each in shipped.iterdir() if (each / "study.yaml").is_file())
    if name not in names:
        raise InputError(
            Finding(
                message="no such study is shipped",
                found=repr(name),
                expected=", ".join(names),
                next_step=f"use --from {names[0]}" if names else "reinstall celltrial",
            )
        )
    return shipped / name


def new_study(target: Path, template: str = "ct1192") -> Path:
    """Copy a shipped study's files into a new or empty folder. Raises InputError: nothing is ever overwritten."""
    source = shipped_study(template)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(
            Finding(
                message="the folder for the new study is not empty",
                where=str(target),
                expected="a folder that does not exist yet, or an empty one",
                next_step="choose another folder",
            )
        )
    target.mkdir(parents=True, exist_ok=True)
    for name in (*STUDY_FILES, SEAL_FILE):
        (target / name).write_bytes((source / name).read_bytes())
    return target


def discard_study(folder: Path) -> None:
    """Take a folder that `new_study` has just made away again; what else lies in it stays."""
    for name in (*STUDY_FILES, SEAL_FILE):
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()
