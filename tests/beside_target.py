"""shstore-target for tests in Python, and what a host beside it needs."""
import contextlib
import os
import socket
import subprocess
import sys
import tempfile

SAMPLES = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../samples")


def check(true, what):
    if not true:
        sys.exit("FAILED: " + what)


@contextlib.contextmanager
def target(programs):
    """The SAN of the samples in a folder of its own, which has the name FOLDER/san; gives FOLDER."""
    with tempfile.TemporaryDirectory() as folder:
        served = subprocess.Popen([f"{programs}/shstore-target", f"{SAMPLES}/san.json", "--directory", f"{folder}/san"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            check(any(line == "ready\n" for line in served.stdout), "shstore-target did not start")
            yield folder
        finally:
            served.terminate()
            served.wait()


def silent_device(path):
    """A device that takes connections, and says nothing, for as long as what is returned lives."""
    silent = socket.socket(socket.AF_UNIX)
    silent.bind(path)
    silent.listen(64)
    return silent


def storage_ctl_conf(path, text):
    with open(path, "w") as out:
        out.write(text)
    os.chmod(path, 0o640)


def sd_conf(folder, name, drives):
    """FOLDER/NAME.conf, bacula-sd's, with these drives: {Device: Control Device}; its path."""
    text = f"Storage {{ Name = {name}; Working Directory = {folder}; Pid Directory = {folder}; }}\n"
    text += "Director { Name = d; Password = x; }\nMessages { Name = m; director = d = all; }\n"
    for device, control in drives.items():
        text += f"Device {{ Name = {device}; Media Type = L; Archive Device = /dev/null; Control Device = {control}\n"
        text += f'  Lock Command = "{folder}/storage-ctl %l %o"\n}}\n'
    path = f"{folder}/{name}.conf"
    with open(path, "w") as out:
        out.write(text)
    return path
