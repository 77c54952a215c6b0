#!/usr/bin/env python3
"""shstore-status --serve in a browser: browser_test.py BIN-FOLDER [PICTURES-FOLDER]

A drive's lock goes from this host to another and back while the page is open: the page must show it without being loaded again, what
has the focus must keep it, and times must be in the reader's zone with UTC beside. Skipped (77) where there is no chromium.
With PICTURES-FOLDER the page is left there as it looked, to be looked at.
"""
import base64
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 120  # seconds; only a failure takes as long
ZONE = "Asia/Kolkata"  # five and a half hours before UTC: nobody's hours by chance


def check(true, what):
    if not true:
        sys.exit("FAILED: " + what)


class Browser:
    """Chromium by its debugging pipe: file descriptors 3 and 4, a JSON object and a zero byte each."""

    def __init__(self, program, folder):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()

        def pipes():
            # Beside 3 and 4 first: either may be one of these numbers.
            a, b = os.dup(theirs_in), os.dup(theirs_out)
            while a in (3, 4):
                a = os.dup(a)
            while b in (3, 4):
                b = os.dup(b)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.log = open(f"{folder}/chromium.log", "wb")
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
             "--no-first-run", f"--user-data-dir={folder}/chrome", "about:blank"],
            preexec_fn=pipes, close_fds=False, stdout=self.log, stderr=self.log, start_new_session=True,
            env={**os.environ, "HOME": folder, "TZ": ZONE})
        os.close(theirs_in)
        os.close(theirs_out)
        self.ours_in, self.ours_out, self.buffer, self.number, self.session = ours_in, ours_out, b"", 0, None

    def __enter__(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.log.close()

    def message(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.ours_in, 65536)
            check(piece, "the browser has ended")
            self.buffer += piece
        text, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.ours_out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                check("result" in answer, f"{method}: {answer}")
                return answer["result"]

    def value(self, expression):
        """Of an expression, or of what it promises."""
        done = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        check("exceptionDetails" not in done, f"{expression}: {done.get('exceptionDetails')}")
        return done["result"].get("value")

    def until(self, condition, what):
        """Waits for a change of the page after which the condition is true; looks at once, too."""
        expression = f"""new Promise(done => {{
            const look = () => {{ if ({condition}) {{ watch.disconnect(); clearTimeout(end); done(true); }} }};
            const watch = new MutationObserver(look);
            const end = setTimeout(() => {{ watch.disconnect(); done(false); }}, {PATIENCE * 1000});
            watch.observe(document, {{subtree: true, childList: true, characterData: true, attributes: true}});
            look(); }})"""
        if not self.value(expression):
            sys.exit(f"FAILED: {what}: the page is\n" + self.value("document.body.innerText"))

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && document.querySelector('main')", "the page is loaded")

    def picture(self, path, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


class Daemon:
    """What the plugin of a daemon that runs (this process) has written down."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "cibou-sd.shstore.json"
        started = int(pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
        self.begun = time.time() - 3600
        self.state = {"schema": "shstore-state/1", "sd": "cibou-sd", "plugin_version": "0.1.0", "bacula_version": "9.6.7",
                      "pid": os.getpid(), "pid_started": started, "running": True, "started": self.text(self.begun), "limits": [],
                      "pid_namespace": os.readlink("/proc/self/ns/pid"), "drives": []}
        self.blocked, self.locked = "", True

    @staticmethod
    def text(moment):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))

    def write(self, locked, blocked=""):
        drive = {"name": "Drive-0", "archive_device": "/dev/nst0", "control_device": "/dev/sg0", "media_type": "LTO", "autochanger": "",
                 "drive_index": 0, "key": "0xbac001", "problem": "", "registered": locked, "locked": locked, "kept_for_open_device": False,
                 "locked_since": self.text(self.begun) if locked else None, "blocked_by": blocked, "error": "", "lost": False,
                 "claims": [{"job": 7, "since": self.text(self.begun)}] if locked else [], "waiting": []}
        text = json.dumps({**self.state, "updated": self.text(time.time()), "drives": [drive]})
        beside = self.path.with_suffix(".new")
        beside.write_text(text)
        beside.chmod(0o640)
        beside.rename(self.path)


def tests(program, browser_program, folder, pictures):
    daemon = Daemon(folder)
    daemon.write(True)
    server = subprocess.Popen([program, "--serve", "127.0.0.1:0", "--state", folder], stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        check(url.startswith("http://127.0.0.1:"), f"the address is told: {url!r}")
        with Browser(browser_program, folder) as browser:
            browser.open(url)
            drive = "document.querySelector('article.drive .who').textContent"
            browser.until(f"{drive} === 'cibou-sd'", "this host has the drive")
            browser.value("window.loadedOnce = true; document.querySelector('details.words summary').focus(); "
                          "document.querySelector('details.words').open = true; true")
            daemon.write(False, "0xbac999")
            browser.until(f"{drive} === '0xbac999'", "the lock is the other host's, and nobody loaded the page")
            daemon.write(True)
            browser.until(f"{drive} === 'cibou-sd'", "and this host's again")
            check(browser.value("window.loadedOnce === true"), "the page was loaded again")
            check(browser.value("document.activeElement.tagName") == "SUMMARY", "what had the focus has lost it")
            check(browser.value("document.querySelector('details.words').open"), "what was folded out is folded in")
            since = browser.value("document.querySelector('article.drive time').textContent")
            local = time.strftime("%H:%M", time.gmtime(daemon.begun + 5.5 * 3600))
            utc = time.strftime("%H:%M", time.gmtime(daemon.begun))
            check(local in since and f"{utc} UTC)" in since, f"a time in the reader's zone with UTC beside: {since!r}")
            words = browser.value("document.querySelector('details.words li').textContent")
            check(f"{utc} to now" in words and f"{local} to now in " in words, f"so has the day in words: {words!r}")
            names = browser.value("[...document.querySelectorAll('svg[role=img]')].map(x => x.getAttribute('aria-label')).join()")
            check("who held Drive-0" in names, f"the picture has a name for a screen reader: {names!r}")
            check(browser.value("document.querySelector('.verdict').getAttribute('role')") == "status", "what is wrong is announced")
            check(browser.value("document.querySelector('#pause').tabIndex") == 0, "Pause can be reached by keyboard")
            if pictures:
                for name, width, height in ("live", 1000, 900), ("live-phone", 360, 1500):
                    browser.picture(pathlib.Path(pictures) / f"{name}.png", width, height)
            check(browser.value("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than its window")
            server.terminate()
            check(server.wait(PATIENCE) == 0, "SIGTERM is the orderly end")
            browser.until("document.querySelector('#alarm').textContent.includes('does not answer')", "a page that is old says so")
            check(browser.value(drive) == "cibou-sd", "and shows what was")
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def main():
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        print("there is no chromium")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="shstore-browser-", ignore_cleanup_errors=True) as folder:
        tests(os.path.join(sys.argv[1], "shstore-status"), browser, folder, sys.argv[2] if len(sys.argv) > 2 else None)
    print("the page shows what changes, without being loaded again")


main()
