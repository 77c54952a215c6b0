#!/usr/bin/env python3
"""Long work tells how far it is: on a terminal, and never in a pipe. progress_test.py BIN-FOLDER

What is drawn on the terminal is on standard error alone, is written over and is gone at the end; standard output is the same with
and without it.
"""
import os
import pty
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from beside_target import check, sd_conf, silent_device, storage_ctl_conf, target

PATIENCE = 300  # seconds; only a failure takes as long
CLEARED = b"\r\x1b[K"


def on_terminal(arguments, end_after=None):
    """Standard error as a terminal shows it, and standard output. SIGINT once end_after has been drawn."""
    master, slave = pty.openpty()
    program = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    drawn = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # EIO: nobody has the terminal any more
            break
        if not piece:
            break
        drawn += piece
        if end_after and end_after in drawn:
            program.send_signal(signal.SIGINT)
            end_after = None
    out = program.communicate(timeout=PATIENCE)[0]
    os.close(master)
    return drawn, out


def in_pipe(arguments):
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)


def told(name, arguments, *texts, same_output=True):
    drawn, out = on_terminal(arguments)
    for text in texts:
        check(text in drawn, f"{name}: a terminal is told {text!r}, and not {drawn!r}")
    check(drawn.rfind(CLEARED) > drawn.rfind(texts[-1]), f"{name}: it is gone at the end: {drawn!r}")
    piped = in_pipe(arguments)
    check(b"\r" not in piped.stderr and b"\x1b" not in piped.stderr, f"{name}: nothing of it in a pipe: {piped.stderr!r}")
    for text in texts:
        check(text not in piped.stderr + piped.stdout, f"{name}: nothing of it in a pipe: {piped}")
    if same_output:
        check(piped.stdout == out, f"{name}: the output is the same: {piped.stdout!r} {out!r}")


def tests(programs, folder, drive):
    storage_ctl_conf(f"{folder}/storage-ctl.conf", "key=bac001\nmax_lock_wait=1\n")
    storage_ctl_conf(f"{folder}/other.conf", "key=bac002\nmax_lock_wait=3600\n")
    silent = silent_device(f"{folder}/silent")
    one, two = (sd_conf(folder, name, {"Drive-0": control}) for name, control in (("one", drive), ("two", f"{folder}/silent")))

    told("shstore-lint", [f"{programs}/shstore-lint", "--sd", one, "--sd", two], b"reading 1 of 2: ", b"reading 2 of 2: ")
    told("inventory", [f"{programs}/shstore-status", "--inventory", "--deadline", "1", "--sd", two], b"0 of 1 devices have answered",
         same_output=False)  # it has the time in it
    told("doctor --all", [f"{programs}/storage-ctl", "doctor", "--all", "--sd", one], b'asking drive 1 of 1: "Drive-0"')

    ctl = f"{programs}/storage-ctl"
    held = in_pipe([ctl, "--config", f"{folder}/storage-ctl.conf", drive, "lock"])
    check(held.returncode == 0, f"the drive is locked: {held}")
    # Of the other host of this SAN, which waits until it is told to stop.
    wait = [ctl, "--config", f"{folder}/other.conf", drive.replace("/cibou/sg0", "/dir/sg4"), "lock"]
    drawn, _ = on_terminal(wait, end_after=b" s of at most 3600 s (^C gives up)")
    check(b"\rwaited " in drawn and b" s of at most 3600 s (^C gives up)" in drawn, f"lock: a terminal is told how long it has waited: {drawn!r}")
    storage_ctl_conf(f"{folder}/other.conf", "key=bac002\nmax_lock_wait=1\n")
    piped = in_pipe(wait)
    check(piped.returncode != 0 and b"\r" not in piped.stderr and b"waited" not in piped.stderr, f"lock: nothing of it in a pipe: {piped}")
    # Last, because it wipes whatever is registered.
    told("pr_trial", [f"{programs}/pr_trial", "--seed", "1", "--commands", "200", drive, drive.replace("/cibou/sg0", "/dir/sg4")],
         b"0 of 200 commands, 0 differences", b"100 of 200 commands, 0 differences")
    silent.close()


def main():
    programs = os.path.realpath(sys.argv[1])
    with target(programs) as folder:
        tests(programs, folder, f"{folder}/san/cibou/sg0")
    print("a terminal is told, a pipe is not")


main()
