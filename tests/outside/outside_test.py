"""The outside as it may be, through every program: outside_test.py BIN_FOLDER

The same hostile strings (escape sequences, line ends, C1 controls, directional marks, what is no UTF-8) as names in
configurations, states, histories and another host's initiator name: nothing of them may write to a terminal or begin a
line of its own. Files that never end, and outputs that must stay what they are. The last line says how many passed.
"""
import json
import os
import pty
import re
import select
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading

BIN = os.path.abspath(sys.argv[1])
FORGED = "::error file=a,line=1::forged"
HOSTILE = [
    b"esc\x1b[31mred\x07\x7f",
    b"line\n" + FORGED.encode() + b"\r  shstore=1 registered=1 locked=1 blockedbySD=no",
    "mark\u202eturned\u2066\u2028line\u2029\ufeff\u200b".encode(),
    b"log ##[error file=a,line=1]forged ##[group]\v",
    b"c1\xc2\x9b31m\x9b\xff\xc0\xaf",
]
HIDDEN = {"\u202e", "\u2066", "\u2028", "\u2029", "\ufeff", "\u200b"}
DEADLINE = 60

passed, failed = 0, 0


def check(what, ok, detail=""):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}: {detail!r}")


def run(words, **more):
    return subprocess.run([os.path.join(BIN, words[0])] + words[1:], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=DEADLINE, **more)


def is_clean(what, output):
    """No control character but line ends, nothing that turns text, no forged line."""
    try:
        text = output.decode("utf-8")
    except UnicodeDecodeError as e:
        check(what, False, f"no UTF-8: {e}")
        return
    check(f"{what}: no ##[", "##[" not in text, text[:300])
    bad = [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F or c in HIDDEN)]
    lines = [line for line in text.split("\n") if line.strip().startswith(FORGED) or
             line == "  shstore=1 registered=1 locked=1 blockedbySD=no"]
    check(what, not bad and not lines, (bad[:5], lines[:2], text[:300]))


class HostileDevice(threading.Thread):
    """What answers as it likes, at a socket of shstore-target's."""

    def __init__(self, path, name):
        super().__init__(daemon=True)
        self.name_of_initiator = name
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(8)
        self.start()

    def run(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        def receive(n):
            data = b""
            while len(data) < n:
                piece = client.recv(n - len(data))
                if not piece:
                    raise EOFError
                data += piece
            return data

        try:
            while True:
                body = receive(struct.unpack(">I", receive(4))[0])
                room, length = struct.unpack(">IB", body[4:9])
                answer = self.answer(body[9:9 + length])[:room]
                client.sendall(struct.pack(">IBB", 2 + len(answer), 0, 0) + answer)
        except (EOFError, OSError):
            client.close()

    def answer(self, cdb):
        raise NotImplementedError


class HostileDrive(HostileDevice):
    """A drive that another host's initiator, with any name, has reserved."""

    def answer(self, cdb):
        key = struct.pack(">Q", 0xBAC999)
        if cdb[0] == 0x12 and cdb[1] == 0:
            return bytes([1, 0x80, 6, 2, 31, 0, 0, 0]) + b"HP      " + b"Ultri\x1b[31m\n     " + b"H61W"
        if cdb[0] == 0x12 and cdb[2] == 0x83:
            name = self.name_of_initiator
            return bytes([1, 0x83, 0, 4 + len(name), 3, 8, 0, len(name)]) + name
        if cdb[0] == 0x12:
            serial = b"HU\x1b[31m\n1 ##[error]"
            return bytes([1, cdb[2], 0, len(serial)]) + serial
        if cdb[0] == 0x5E and cdb[1] == 0:
            return struct.pack(">II", 7, 8) + key
        if cdb[0] == 0x5E and cdb[1] == 1:
            return struct.pack(">II", 7, 16) + key + bytes([0, 0, 0, 0, 0, 3, 0, 0])
        if cdb[0] == 0x5E and cdb[1] == 3:
            name = self.name_of_initiator + b"\0"
            name += b"\0" * (-len(name) % 4)
            transport_id = bytes([0x05, 0]) + struct.pack(">H", len(name)) + name
            descriptor = key + bytes([0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 1]) + struct.pack(">I", len(transport_id))
            body = descriptor + transport_id
            return struct.pack(">II", 7, len(body)) + body
        return b""


class HostileRobot(HostileDevice):
    """A robot with one drive and two slots, whose every text is what it likes."""

    def answer(self, cdb):
        text = self.name_of_initiator
        if cdb[0] == 0x12 and cdb[1] == 0:
            return bytes([8, 0x80, 6, 2, 31, 0, 0, 0]) + (text + b" " * 28)[:28]
        if cdb[0] == 0x12 and cdb[2] == 0x83:
            return bytes([8, 0x83, 0, 4 + len(text), 2, 1, 0, len(text)]) + text
        if cdb[0] == 0x12:
            return bytes([8, cdb[2], 0, len(text)]) + text
        if cdb[0] == 0x1A:
            return bytes([23, 0, 0, 0, 0x1D, 18]) + struct.pack(">8H", 1, 1, 4, 2, 3, 0, 2, 1) + b"\0\0"
        if cdb[0] == 0xB8:
            pages, count = b"", 0
            for kind, address in ((1, 1), (2, 4), (2, 5), (4, 2)):
                if cdb[1] & 0x0F not in (0, kind):
                    continue
                tag = (text + b" " * 32)[:32] + b"\0\0\0\0"
                name = text[:64]
                descriptor = struct.pack(">H", address) + bytes([9, 0, 0, 0, 0, 0, 0, 0x80]) + struct.pack(">H", 4) + tag
                descriptor += bytes([2, 1, 0, len(name)]) + name
                pages += bytes([kind, 0x80]) + struct.pack(">H", len(descriptor)) + struct.pack(">I", len(descriptor)) + descriptor
                count += 1
            return struct.pack(">HHI", 1, count, len(pages)) + pages
        return b""


def quoted(raw):
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def configuration(folder, raw, sock):
    work = os.path.join(folder, "work")
    os.makedirs(work, exist_ok=True)
    with open(os.path.join(folder, "storage-ctl.conf"), "wb") as f:
        f.write(b"key=bac001\n" + b"odd_setting=1\n")
    name = quoted(raw)
    text = (b"Storage { Name = cibou-sd; Working Directory = " + work.encode() + b"; Pid Directory = /tmp; Plugin Directory = /nowhere }\n"
            b"Director { Name = dir; Password = x }\nMessages { Name = M; Director = dir = all }\n"
            b"Autochanger { Name = " + name + b"; Device = " + name + b"; Changer Command = \"\"; Changer Device = /dev/null }\n"
            b"Device { Name = " + name + b"; Media Type = " + name + b"; Archive Device = /dev/nst9; Device Type = Tape\n"
            b"  Control Device = " + sock.encode() + b"; Lock Command = \"" + folder.encode() + b"/storage-ctl %l %o\"\n"
            b"  Autochanger = yes; Unknown Thing = " + name + b" }\n")
    path = os.path.join(folder, "bacula-sd.conf")
    with open(path, "wb") as f:
        f.write(text)
    return path, work


def state_of(raw):
    text = raw.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
    return {"schema": "shstore-state/1", "sd": "cibou-sd", "plugin_version": text, "bacula_version": text, "pid": 1, "pid_started": 1,
            "running": True, "started": "2026-11-22T10:48:52Z", "updated": "2026-11-22T10:49:52Z", "limits": [text], "drives": []}


def text_of_others(root):
    for number, raw in enumerate(HOSTILE):
        folder = os.path.join(root, f"text{number}")
        os.makedirs(folder)
        sock = os.path.join(folder, "sg0")
        robot = os.path.join(folder, "robot")
        HostileDrive(sock, b"iqn.x:" + raw)
        HostileRobot(robot, raw)
        sd, work = configuration(folder, raw, sock)
        os.symlink(os.path.join(BIN, "storage-ctl"), os.path.join(folder, "storage-ctl"))
        with open(os.path.join(work, "cibou-sd.shstore.json"), "w", encoding="utf-8") as f:
            json.dump(state_of(raw), f)
        with open(os.path.join(work, "cibou-sd.shstore.history"), "wb") as f:
            f.write(b'{"t":"2026-11-22T10:48:52Z","drive":"' + raw.replace(b"\n", b"\\n") + b'"}\n' + raw + b"\n")
        conf = ["--config", os.path.join(folder, "storage-ctl.conf")]
        with open(os.path.join(folder, "status.txt"), "wb") as f:
            f.write(b"cibou-sd Version: 9.6.7 (10 December 2020)\n\nRunning Jobs:\nWriting: Full Backup job " + raw + b" JobId=7 Volume=\"" + raw +
                    b"\"\n    pool=\"" + raw + b"\" device=\"" + raw + b"\" (/dev/nst9)\n====\n\nJobs waiting to reserve a drive:\n   3605 JobId=7 wants free drive but device "
                    + quoted(raw) + b" (/dev/nst9) is busy.\n====\n\nDevice status:\nDevice tape: " + quoted(raw) + b" (/dev/nst9) is mounted with:\n    Volume:      " +
                    raw + b"\n    Pool:        " + raw + b"\n==\n====\n")
        with open(os.path.join(folder, "bconsole"), "wb") as f:
            f.write(b"#!/bin/sh\ncat '" + os.path.join(folder, "status.txt").encode() + b"'\ncat '" + os.path.join(folder, "status.txt").encode() + b"' >&2\nexit 1\n")
        os.chmod(f.name, 0o700)
        for words in (["query"], ["explain"], ["doctor"], ["preempt", "bac999"], ["trylock"], ["register"], ["reclaim"], ["regkeys"],
                      ["wholocked"], ["capabilities"], ["clear"], ["clear", "--if-key", raw.replace(b"\0", b"")], ["unlock"], ["unregister"], ["prove"],
                      ["exec", "--", "/nowhere/" + "x"], ["exec", "--", raw], ["preempt", raw], ["confirm"], ["confirm", "--archive", raw],
                      ["doctor", "--sd", sd], ["doctor", "--changer", os.path.join(folder, "robot")], ["doctor", "--report"], ["doctor", "--archive", raw],
                      [raw], ["query", "--state", raw], ["reclaim", "--state", os.path.join(work, "cibou-sd.shstore.json")]):
            done = run(["storage-ctl"] + conf + [sock] + words)
            is_clean(f"storage-ctl {words} {number}", done.stdout + done.stderr)
        done = run(["storage-ctl", "doctor", "--all", "--sd", sd])
        is_clean(f"storage-ctl doctor --all {number}", done.stdout + done.stderr)
        for words in (["query", "--json"], ["explain", "--json"], ["doctor", "--json"]):
            done = run(["storage-ctl"] + conf + [sock] + words)
            is_clean(f"storage-ctl {words} {number}", done.stdout)
            is_clean(f"storage-ctl {words} {number}, errors", done.stderr)
            json.loads(done.stdout)
        for words in ([], ["--names"], ["--check"], ["--html", "-"], ["--prometheus"], ["--explain-job", "5"], ["--json"],
                      ["--explain-job", "5", "--json"], ["--inventory"], ["--explain"], ["--explain", raw], ["--check-plugin"],
                      ["--check-plugin", raw], ["--check-running", "1"], ["--bacula-status", os.path.join(folder, "status.txt")],
                      ["--bacula-status", os.path.join(folder, "status.txt"), "--json"], ["--explain-job", "7", "--bacula-status", os.path.join(folder, "status.txt")],
                      ["--explain-job", "5", "--device", raw, "--pool", raw, "--media-type", raw, "--volume", raw],
                      ["--bconsole", os.path.join(folder, "none.conf"), "--storage", raw, "--bconsole-program", os.path.join(folder, "bconsole")]):
            done = run(["shstore-status", "--sd", sd, "--deadline", "3"] + words)
            data = "--json" in words or "--inventory" in words
            is_clean(f"shstore-status {words} {number}", done.stdout)
            is_clean(f"shstore-status {words} {number}, errors", done.stderr)
            if data and done.stdout:
                json.loads(done.stdout)
        for words in (["--format", "text"], ["--format", "github"], ["--graph", "text"], ["--graph", "dot"], ["--format", "json"], ["--format", "sarif"],
                      ["--format", raw], ["--explain", raw], ["--select", raw], ["--bacula-version", raw], ["--here"], ["--inventory", raw], ["--dir", sd],
                      ):
            done = run(["shstore-lint", "--sd", sd] + words)
            data = words[-1] in ("json", "sarif")
            is_clean(f"shstore-lint {words} {number}", done.stdout)
            is_clean(f"shstore-lint {words} {number}, errors", done.stderr)
            if data:
                json.loads(done.stdout)
        done = run(["shstore-lint", "--print-config", "sd", sd])
        is_clean(f"shstore-lint --print-config {number}", done.stdout)
        is_clean(f"shstore-lint --print-config {number}, errors", done.stderr)
        for words in (["status"], ["inventory"], ["status", "--json"], ["inventory", "--json"], ["list"], ["listall"], ["slots"], ["report"],
                      ["load", "1", "/dev/nst9", "0"], ["unload", "1", "/dev/nst9", "0"], ["loaded", "1", "/dev/nst9", "0"], ["transfer", "1", "2"],
                      ["clean", "0"], [raw], ["load", raw, raw, raw], ["load", "1", raw, "0"], ["--salt", raw, "report"], ["--via", raw, "list"]):
            for changer in (sock, robot):
                done = run(["shstore-changer", "--sd", sd, changer] + words)
                is_clean(f"shstore-changer {words} {os.path.basename(changer)} {number}", done.stdout + done.stderr)
        # patch(1) needs the bytes as they are; a workflow's log takes none of them for its own.
        done = run(["shstore-lint", "--sd", sd, "--diff"])
        check(f"shstore-lint --diff {number} commands no workflow", done.stdout and b"##[" not in done.stdout and
              not re.search(rb"(^|[\r\n])[ \t\v\f]*::", done.stdout), done.stdout)
        is_clean(f"shstore-lint --diff {number}, errors", done.stderr)
        shutil.copyfile(sd, os.path.join(folder, "fixed.conf"))
        done = run(["shstore-lint", "--sd", os.path.join(folder, "fixed.conf"), "--fix"])
        is_clean(f"shstore-lint --fix {number}", done.stdout + done.stderr)
        with open(os.path.join(folder, "bad.conf"), "wb") as f:
            f.write(b"key=bac001\n" + raw + b"\n")
        done = run(["storage-ctl", "--config", os.path.join(folder, "bad.conf"), sock, "register"])
        is_clean(f"a bad storage-ctl.conf {number}", done.stdout + done.stderr)
        check(f"a bad storage-ctl.conf {number} is refused", done.returncode == 2, done)
        done = run(["storage-ctl"] + conf + [os.fsencode(folder) + b"/" + raw.replace(b"/", b"_"), "query"])
        is_clean(f"a device's name {number}", done.stdout + done.stderr)
        with open(os.path.join(folder, "san.json"), "wb") as f:
            f.write(b'{"drives": [{"name": "' + raw.replace(b"\n", b"\\n") + b'", "odd": 1}]}')
        done = run(["shstore-target", os.path.join(folder, "san.json"), "--directory", os.path.join(folder, "san")])
        is_clean(f"a bad SAN {number}", done.stdout + done.stderr)
        for words in ([raw], ["--config", raw, sock, "query"], [sock, "query", b"--" + raw]):
            done = run(["storage-ctl"] + words)
            is_clean(f"storage-ctl {words} {number}", done.stdout + done.stderr)
        for program in ("shstore-status", "shstore-lint", "shstore-changer", "shstore-target"):
            for words in ([raw], [b"--" + raw], ["--sd", raw], ["--config", raw, "/dev/null", "list"], ["--directory", raw, raw]):
                done = run([program] + words)
                is_clean(f"{program} {words} {number}", done.stdout + done.stderr)


def on_a_terminal(words, until):
    """What a program writes to its terminal until that text is there; then q is typed, and what comes until it ends."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(os.path.join(BIN, words[0]), words)
    out = b""

    def read():
        try:
            ready, _, _ = select.select([terminal], [], [], DEADLINE)
            return os.read(terminal, 65536) if ready else b""
        except OSError:  # the program has ended
            return b""

    piece = read()
    while piece and until not in out + piece:
        out += piece
        piece = read()
    out += piece
    try:
        os.write(terminal, b"q")
    except OSError:
        pass
    while piece:
        piece = read()
        out += piece
    os.close(terminal)
    os.waitpid(pid, 0)
    return out


def table_on_a_terminal(root):
    """--watch and --diff write escape sequences of their own there, and none of others'."""
    for number, raw in enumerate(HOSTILE):
        folder = os.path.join(root, f"text{number}")
        sd = os.path.join(folder, "bacula-sd.conf")
        theirs = [b"\x1b[31mred", FORGED.encode() + b"\r", "\u202e".encode(), b"\x9b31m", b"\x9b\xff"]
        for words, until in ((["shstore-status", "--sd", sd, "--deadline", "3", "--watch"], b"cibou-sd"),
                             (["shstore-lint", "--sd", sd, "--diff"], b"\0nothing")):
            out = on_a_terminal(words, until)
            check(f"{words[0]} on a terminal {number}", (until in out or words[-1] == "--diff") and not any(t in out for t in theirs), out[-300:])


ALL_FORMS = ([], ["--check"], ["--json"], ["--prometheus"], ["--html", "-"], ["--explain-job", "5"])


def files_that_never_end(root):
    folder = os.path.join(root, "endless")
    os.makedirs(folder)
    sd, work = configuration(folder, b"Drive-0", os.path.join(folder, "nothing"))
    for name in ("cibou-sd.shstore.json", "cibou-sd.shstore.history", "cibou-sd.shstore-attentions"):
        path = os.path.join(work, name)
        for kind in ("fifo", "zero", "sparse", "folder", "library's words"):
            if kind == "fifo":
                os.mkfifo(path)
            elif kind == "zero":
                os.symlink("/dev/zero", path)
            elif kind == "sparse":
                with open(path, "wb") as f:
                    f.truncate(3 << 30)
            elif kind == "folder":
                os.mkdir(path)
            else:
                with open(path, "w", encoding="utf-8") as f:
                    f.write('{"schema": "shstore-state/1"}\n')
            for words in ALL_FORMS:
                done = run(["shstore-status", "--sd", sd, "--deadline", "2"] + words)
                said = done.stdout + done.stderr
                what = f"{kind} as {name}, {words}"
                check(what, done.returncode in (0, 1, 2, 3, 4) and b"bad_alloc" not in said and b"json.exception" not in said and
                      b"filebuf" not in said and b"std::" not in said, (done.returncode, said[-300:]))
                if words[:1] == ["--html"]:
                    check(what + ": there is a page", b"</html>" in done.stdout, said[:200])
            if name.endswith(".json") and kind != "library's words":
                done = run(["shstore-status", "--sd", sd, "--deadline", "2"])
                check(f"{kind}: the file is named", path.encode() in done.stdout + done.stderr, done.stdout + done.stderr)
            os.rmdir(path) if kind == "folder" else os.unlink(path)


def outputs(root):
    folder = os.path.join(root, "outputs")
    os.makedirs(folder)
    sd, _ = configuration(folder, b"Drive-0", os.path.join(folder, "nothing"))
    for option in ("--prometheus", "--html"):
        words = ["shstore-status", "--sd", sd, "--deadline", "2", option]
        fifo, link, target = (os.path.join(folder, option + n) for n in ("fifo", "link", "target"))
        os.mkfifo(fifo)
        reader = subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE)
        run(words + [fifo])
        out, _ = reader.communicate(timeout=DEADLINE)
        check(f"{option} into a FIFO", stat.S_ISFIFO(os.lstat(fifo).st_mode) and len(out) > 100, out[:100])
        os.symlink(target, link)
        run(words + [link])
        check(f"{option} through a link", os.path.islink(link) and os.path.getsize(target) > 100)
        before = os.stat("/dev/null")
        run(words + ["/dev/null"])
        check(f"{option} /dev/null", stat.S_ISCHR(os.stat("/dev/null").st_mode) and os.stat("/dev/null").st_ino == before.st_ino)
        done = run(words + ["/dev/stdout"])
        check(f"{option} /dev/stdout", len(done.stdout) > 100, done)
        done = run(words + [folder])
        check(f"{option} onto a folder", b"it is a folder" in done.stderr and done.returncode == 3, done)
        done = run(words + [sd])
        check(f"{option} onto its own configuration", done.returncode != 0 and b"Storage {" in open(sd, "rb").read(), done)


SAN = {"drives": [{"name": "d", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "S"}],
       "initiators": [{"name": "cibou", "wwpn": "2101001b322173ee", "devices": {"sg0": "d"}},
                      {"name": "dir", "wwpn": "2100001b321f4365", "devices": {"sg4": "d"}}]}


def two_exec_of_one_host(root):
    """Their intervals never overlap, whether the drive was free or another host's, and neither loses the lock."""
    folder = os.path.join(root, "exec")
    os.makedirs(folder)
    with open(os.path.join(folder, "san.json"), "w", encoding="utf-8") as f:
        json.dump(SAN, f)
    for host, key in (("cibou", "bac001"), ("dir", "bac999")):
        with open(os.path.join(folder, host + ".conf"), "w", encoding="utf-8") as f:
            f.write(f"key={key}\nmax_lock_wait={DEADLINE}\n")
        os.chmod(f.name, 0o600)
    target = subprocess.Popen([os.path.join(BIN, "shstore-target"), os.path.join(folder, "san.json"), "--directory",
                               os.path.join(folder, "san")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    target.stdout.readline()

    def ctl(host, device, *words):
        return [os.path.join(BIN, "storage-ctl"), "--config", os.path.join(folder, host + ".conf"),
                os.path.join(folder, "san", host, device)] + list(words)

    for number in range(6):
        taken = number % 2 == 0
        if taken:
            subprocess.run(ctl("dir", "sg4", "lock"), check=True, timeout=DEADLINE)
        both = [subprocess.Popen(ctl("cibou", "sg0", "exec", "--", sys.executable, "-c",
                                     "import time; print(time.monotonic()); time.sleep(0.3); print(time.monotonic())"),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        if taken:
            for one in both:  # both wait
                while not one.stderr.readline().startswith("storage-ctl:"):
                    pass
            subprocess.run(ctl("dir", "sg4", "unlock"), check=True, timeout=DEADLINE)
            subprocess.run(ctl("dir", "sg4", "unregister"), check=True, timeout=DEADLINE)
        ended = [one.communicate(timeout=2 * DEADLINE) + (one.returncode,) for one in both]
        times = [[float(t) for t in out.split()] for out, _, status in ended if status == 0]
        what = f"two exec of one host, round {number}"
        check(what + ": one of them ran", times, ended)
        check(what + ": whoever did not run was refused", all(status in (0, 4, 75) for _, _, status in ended), ended)
        check(what + ": no lock was lost", not any("LOST" in err for _, err, _ in ended), ended)
        check(what + ": not at the same time", len(times) < 2 or times[0][1] <= times[1][0] or times[1][1] <= times[0][0], times)
    left = subprocess.run(ctl("dir", "sg4", "regkeys"), capture_output=True, text=True, timeout=DEADLINE)
    check("two exec of one host leave nothing behind", left.returncode == 0 and left.stdout == "", left)
    target.terminate()
    target.wait(timeout=DEADLINE)


with tempfile.TemporaryDirectory() as temporary:
    os.chdir(temporary)  # some of the hostile strings are names of files
    text_of_others(temporary)
    table_on_a_terminal(temporary)
    files_that_never_end(temporary)
    outputs(temporary)
    two_exec_of_one_host(temporary)
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
