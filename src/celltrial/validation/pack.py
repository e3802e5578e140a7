"""Where the requirements and the tests stand: shipped inside the package, or in the checkout it is installed from."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from celltrial.errors import Finding, UsageError

__all__ = ["Pack", "find_pack"]

_URS = Path("validation", "urs.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The validation pack: `root` holds validation/ and tests/ as the repository does; `is_shipped`: in a wheel."""

    root: Path
    is_shipped: bool

    @property
    def requirements(self) -> Path:
        """The numbered requirements."""
        return self.root / _URS

    @property
    def settings(self) -> Path:
        """The settings that the tests run under."""
        return self.root / "validation" / "pytest.ini"

    @property
    def lock(self) -> Path:
        """The versions that the tests of the release ran with."""
        return self.root / "requirements.lock"


def find_pack() -> Pack:
    """The pack of this installation. Raises UsageError where neither a shipped one nor a checkout is there."""
    package = Path(str(resources.files("celltrial")))
    shipped = package / "validation" / "pack"
    if (shipped / _URS).is_file():
        return Pack(root=shipped, is_shipped=True)
    checkout = package.parents[1]
    if (checkout / _URS).is_file() and (checkout / "tests").is_dir():
        return Pack(root=checkout, is_shipped=False)
    raise UsageError(
        Finding(
            message="the validation pack is not part of this installation",
            found=f"neither {shipped / _URS} nor {checkout / _URS}",
            expected="requirements and tests beside the package",
            next_step="install celltrial from its wheel: pip install 'celltrial[validation]'",
        )
    )
