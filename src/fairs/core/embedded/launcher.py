"""Becomes another program, which the kernel signals when our parent ends. Run as a script, not imported.

`launcher.py PARENT SIGNAL UID GID PROGRAM ARGUMENT…`; a UID of -1 means: stay who we are. As a program of its
own it spares a process with threads from running Python code between fork and exec, where a lock that another
thread holds never opens. It begins as root with root's Python, which the server's user may not reach.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, number, uid, gid = (int(argument) for argument in arguments[:4])
    command = arguments[4:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, which cancels it.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() == parent:  # else it ended before the kernel knew our wish
        os.execv(command[0], command)  # noqa: S606 - replacing ourselves is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
