#!/usr/bin/env python3
"""shstore-status --watch on a terminal of its own: watch_test.py BIN-FOLDER

One drive of shstore-target answers, the other never does. What the program draws is looked at as bytes; what must be true in
the end is that the terminal is as it was, however the program ended.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../.."))
from beside_target import check, sd_conf, silent_device, storage_ctl_conf, target

PATIENCE = 60  # seconds; only a failure takes as long
LEAVES = b"\x1b[?1049l"


class Screen:
    """The program on a pty; it is gone at the end of the block."""

    def __init__(self, arguments, rows=24, columns=100, env=None):
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        self.drawn = b""
        environment = {**os.environ, "TERM": "xterm", **(env or {})}
        if not (env or {}).get("NO_COLOR"):
            environment.pop("NO_COLOR", None)

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.program = subprocess.Popen(arguments, stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                        preexec_fn=own_terminal, env=environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        os.close(self.master)
        os.close(self.slave)

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        if select.select([self.master], [], [], 0.2)[0]:
            self.drawn += os.read(self.master, 65536)

    def expect(self, wanted, what):
        """Reads until `wanted` (a regular expression) has been drawn; what was drawn before it is forgotten."""
        end = time.monotonic() + PATIENCE
        while not (found := re.search(wanted, self.drawn, re.S)):
            if time.monotonic() > end:
                sys.exit(f"FAILED: {what}: no {wanted!r} in {self.drawn[-3000:]!r}")
            self.read()
        self.drawn = self.drawn[found.end():]

    def press(self, keys):
        os.write(self.master, keys)

    def ended(self, status, what):
        end = time.monotonic() + PATIENCE
        while self.program.poll() is None and time.monotonic() < end:
            self.read()
        while select.select([self.master], [], [], 0)[0]:
            self.read()
        check(self.program.returncode == status, f"{what}: status {self.program.returncode}, not {status}: {self.drawn!r}")
        check(self.drawn.endswith(LEAVES), f"{what}: the other screen was not left: {self.drawn[-200:]!r}")
        check(b"\x1b[?25h" in self.drawn and b"\x1b[?7h" in self.drawn, f"{what}: cursor or wrapping not restored")
        check(termios.tcgetattr(self.slave) == self.before, f"{what}: the terminal's settings are not what they were")


def tests(program, folder, live):
    silent = silent_device(f"{folder}/silent")
    storage_ctl_conf(f"{folder}/storage-ctl.conf", "key=bac001\n")
    conf = sd_conf(folder, "cibou-sd", {"Drive-0": live, "Drive-1": f"{folder}/silent"})
    watch = [program, "--sd", conf, "--deadline", "1", "--watch", "1"]

    with Screen(watch) as s:
        s.expect(rb"\x1b\[\?1049h", "the other screen")
        s.expect(rb"Nothing has been read yet.*q quit", "a screen before the first answer")
        s.expect(rb"2 drives: 1 free, 1 no-answer", "the summary, with a drive that hangs")
        s.expect(rb"DRIVEv.*   Drive-0.*\x1b\[35m\?  Drive-1", "the table")
        s.press(b"s")
        s.expect(rb"SDv", "sorted by the next column")
        s.press(b"s")
        s.expect(rb"LOCKv.*Drive-1.*Drive-0", "worst first")
        s.press(b"r")
        s.expect(rb"LOCK\^.*Drive-0.*Drive-1", "the other way round")
        s.press(b"h")
        s.expect(rb"Page Up, Page Down", "help")
        s.press(b"?")
        s.expect(rb"2 drives", "back from help")
        s.resize(5, 30)
        s.expect(rb"\x1b\[H[^\n]{0,60}\r\n[^\n]*\r\n[^\n]*\r\n[^\n]*\r\n[^\n]*1-1 of 2", "a frame of five lines")
        s.press(b"\x1b[B")
        s.expect(rb"2-2 of 2", "the next row")
        s.program.send_signal(signal.SIGTSTP)
        s.expect(re.escape(LEAVES), "the terminal given back while stopped")
        os.waitpid(s.program.pid, os.WUNTRACED)
        check(termios.tcgetattr(s.slave) == s.before, "stopped: the terminal's settings are not what they were")
        s.program.send_signal(signal.SIGCONT)
        s.expect(rb"\x1b\[\?1049h.*2-2 of 2", "drawn again when it goes on")
        s.press(b"q")
        s.ended(0, "q")

    with Screen(watch, env={"NO_COLOR": "1"}) as s:
        s.expect(rb"\r\n\?  Drive-1", "a row without colour")
        s.press(b"\x03")
        s.ended(0, "^C")

    for number in signal.SIGTERM, signal.SIGHUP:
        with Screen(watch[:-1]) as s:
            s.expect(rb"every 5 s", "the interval without a number")
            s.program.send_signal(number)
            s.ended(-number, number.name)

    done = subprocess.run(watch, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    check(done.returncode == 1 and "--watch needs a terminal" in done.stderr and not done.stdout, f"no terminal: {done}")
    with Screen(watch, env={"TERM": "dumb"}) as s:
        s.expect(rb"TERM says", "a dumb terminal")
        check(s.program.wait(PATIENCE) == 1, "a dumb terminal: status")
    silent.close()


def main():
    programs = os.path.realpath(sys.argv[1])
    with target(programs) as folder:
        tests(f"{programs}/shstore-status", folder, f"{folder}/san/cibou/sg0")
    print("passed")


main()
