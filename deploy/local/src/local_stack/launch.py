"""Become a part of the stack: die with the supervisor, step down from root if told to, then exec.

Run by path, not imported: `python -I -S launch.py <supervisor pid> <signal> <user or -> command…`.
It needs nothing but the standard library, so it costs a few milliseconds.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


class _Capabilities(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def step_down_to(user: str) -> None:
    """Stop being root: PostgreSQL refuses to run as root.

    On Linux the new user keeps the right to read past file modes, so that a checkout inside a
    closed home folder needs no `chmod` of its parents.
    """
    import pwd  # noqa: PLC0415 - Unix alone has it, and only root comes here

    entry = pwd.getpwnam(user)
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if libc:
        libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    if libc:
        bit = 1 << _CAP_DAC_OVERRIDE
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        sets = (_Capabilities * 2)(_Capabilities(bit, bit, bit), _Capabilities(0, 0, 0))
        libc.capset(header, sets)
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def die_with_parent(parent: int, signal_number: int) -> None:
    """Ask the kernel for a signal when the supervisor ends, however it ends (Linux alone can)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    _, _parent, _signal, _user, *_command = sys.argv
    if _user != "-":
        step_down_to(_user)
    die_with_parent(int(_parent), int(_signal))
    os.execv(_command[0], _command)  # noqa: S606 - a command of ours, no shell wanted
