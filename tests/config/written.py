"""Write a configuration into a folder and read it, or tell its findings."""

from pathlib import Path
from textwrap import dedent

from osmose_addon.config import ConfigFindingsError, Loaded, load_config
from osmose_addon.model.config import Finding


def written(folder: Path, **files: str) -> Path:
    """Write each text as `<name>.yaml`, without its common indentation, and return the path of `osmose.yaml`."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
    return folder / "osmose.yaml"


def loaded(folder: Path, **files: str) -> Loaded:
    """Write the files and load the configuration, with `<folder>/data` as the data folder."""
    return load_config(written(folder, **files), folder / "data")


def findings(folder: Path, **files: str) -> tuple[Finding, ...]:
    """Write the files and return the findings; none if all is well."""
    try:
        loaded(folder, **files)
    except ConfigFindingsError as error:
        return error.findings
    return ()


def only(folder: Path, **files: str) -> Finding:
    """Write the files and return the one finding there must be."""
    (finding,) = findings(folder, **files)
    return finding
