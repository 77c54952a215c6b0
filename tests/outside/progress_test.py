#!/usr/bin/env python3
"""Long work tells how far it is: on a terminal, and never in a pipe. progress_test.py BIN-FOLDER

What is drawn on the terminal is on standard error alone, is written over and is gone at the end; standard output is the same with
and without it.
"""
import os
import pty
import signal
import socket
import subprocess
import sys
import tempfile

PATIENCE = 300  # seconds; only a failure takes as long
CLEARED = b"\r\x1b[K"


def check(true, what):
    if not true:
        sys.exit("FAILED: " + what)


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


def configuration(folder, name, control, words=""):
    path = f"{folder}/{name}.conf"
    with open(path, "w") as out:
        out.write(f"Storage {{ Name = {name}; Working Directory = {folder}; Pid Directory = {folder}; }}\n"
                  "Director { Name = d; Password = x; }\nMessages { Name = m; director = d = all; }\n"
                  f"Device {{ Name = Drive-0; Media Type = L; Archive Device = /dev/null; Control Device = {control}\n"
                  f'  Lock Command = "{folder}/storage-ctl %l %o"\n}}\n')
    return path


def tests(programs, folder, drive):
    with open(f"{folder}/storage-ctl.conf", "w") as out:
        out.write("key=bac001\nmax_lock_wait=1\n")
    os.chmod(f"{folder}/storage-ctl.conf", 0o640)
    with open(f"{folder}/other.conf", "w") as out:
        out.write("key=bac002\nmax_lock_wait=3600\n")
    os.chmod(f"{folder}/other.conf", 0o640)
    silent = socket.socket(socket.AF_UNIX)  # takes connections, and says nothing
    silent.bind(f"{folder}/silent")
    silent.listen(64)
    one, two = configuration(folder, "one", drive), configuration(folder, "two", f"{folder}/silent")

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
    with open(f"{folder}/other.conf", "w") as out:
        out.write("key=bac002\nmax_lock_wait=1\n")
    piped = in_pipe(wait)
    check(piped.returncode != 0 and b"\r" not in piped.stderr and b"waited" not in piped.stderr, f"lock: nothing of it in a pipe: {piped}")
    # Last, because it wipes whatever is registered.
    told("pr_trial", [f"{programs}/pr_trial", "--seed", "1", "--commands", "200", drive, drive.replace("/cibou/sg0", "/dir/sg4")],
         b"0 of 200 commands, 0 differences", b"100 of 200 commands, 0 differences")


def main():
    programs = os.path.realpath(sys.argv[1])
    samples = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../samples")
    with tempfile.TemporaryDirectory() as folder:
        target = subprocess.Popen([f"{programs}/shstore-target", f"{samples}/san.json", "--directory", f"{folder}/san"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            for line in target.stdout:
                if line == "ready\n":
                    break
            tests(programs, folder, f"{folder}/san/cibou/sg0")
        finally:
            target.terminate()
            target.wait()
    print("a terminal is told, a pipe is not")


main()
