"""Whether a folder lies on a disk of another machine: nobody tells this one what changes there."""

from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_REMOTE = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "glusterfs", "afs", "ncpfs", "davfs", "lustre"),
)
_FUSE = ("fuse", "fuseblk")
_PLACE_FIELD = 4
_ESCAPES = {b"\\040": b" ", b"\\011": b"\t", b"\\012": b"\n", b"\\134": b"\\"}


def is_remote(mounts: bytes, path: bytes) -> bool:
    """Whether the file system at an absolute `path` is a network's, by the text of `/proc/self/mountinfo`.

    File systems in programs (`fuse.sshfs`, `fuse.rclone`, `fuse.mergerfs`) count too: what changes beneath them is not
    told either; those on a disk (`fuseblk`) do not. Source: proc_pid_mountinfo(5).
    """
    kind, longest = "", -1
    for line in mounts.splitlines():
        head, _, tail = line.partition(b" - ")
        fields = head.split(b" ")
        if len(fields) <= _PLACE_FIELD or not tail:
            continue
        place = _plain(fields[_PLACE_FIELD]).rstrip(b"/")
        if (path == place or path.startswith(place + b"/")) and len(place) >= longest:  # a later one lies on top
            kind, longest = tail.split(b" ", 1)[0].decode("ascii", "replace"), len(place)
    return kind in _REMOTE or (kind.startswith(_FUSE[0]) and kind != _FUSE[1])


def lies_remote(path: Path) -> bool:
    """Whether a folder lies on a disk of another machine; false where the system does not say. Blocking."""
    try:
        return is_remote(_MOUNTS.read_bytes(), bytes(path.resolve()))
    except OSError:
        return False


def _plain(place: bytes) -> bytes:
    for escape, letter in _ESCAPES.items():
        place = place.replace(escape, letter)
    return place
