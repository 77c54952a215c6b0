#!/usr/bin/python3
"""What a program draws on a terminal, as a page.

terminal.py watch PAGE ROWS COLUMNS PROGRAM...        its screen once it has been still for a while; then it is ended with q
terminal.py record CAST PAGE ROWS COLUMNS PROGRAM...  all it draws as an asciinema file, and the last screen as a page
"""
import fcntl
import html
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

import pyte

COLOURS = {"black": "#1c1c1c", "red": "#ff6b5e", "green": "#7bd88f", "brown": "#f5c542", "blue": "#6cb6ff", "magenta": "#d59bf6",
           "cyan": "#5fd7d7", "white": "#e6e6e6", "default": "#e6e6e6"}


def page(screen):
    rows = []
    for y in range(screen.lines):
        row = ""
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            style = f"color:{COLOURS.get(cell.fg, '#' + cell.fg)}"
            background = COLOURS.get(cell.bg, "#" + cell.bg) if cell.bg != "default" else "#1c1c1c"
            if cell.reverse:
                style = f"color:#1c1c1c;background:{COLOURS.get(cell.fg, '#' + cell.fg)}"
            elif cell.bg != "default":
                style += f";background:{background}"
            if cell.bold:
                style += ";font-weight:bold"
            row += f'<span style="{style}">{html.escape(cell.data)}</span>'
        rows.append(row)
    return ('<!DOCTYPE html><meta charset="utf-8"><body style="margin:0;background:#1c1c1c"><pre style="margin:12px;font:14px/1.2 '
            '\'DejaVu Sans Mono\',monospace">' + "\n".join(rows) + "</pre>")


def main():
    what = sys.argv[1]
    count = 1 if what == "watch" else 2
    files = sys.argv[2:2 + count]
    rows, columns, program = int(sys.argv[2 + count]), int(sys.argv[3 + count]), sys.argv[4 + count:]
    screen = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    begin = time.time()
    child = subprocess.Popen(program, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                             env={**os.environ, "TERM": "xterm-256color"})
    os.close(slave)
    events, asked_to_end, picture = [], False, None
    while True:
        ready = select.select([master], [], [], 1)[0]
        if ready:
            try:
                data = os.read(master, 65536)
            except OSError:
                break
            if not data:
                break
            events.append([round(time.time() - begin, 3), "o", data.decode("utf-8", "replace")])
            stream.feed(data)
        if what == "watch" and not asked_to_end and time.time() - begin > 4:
            picture, asked_to_end = page(screen), True
            os.write(master, b"q")
    status = child.wait()
    with open(files[-1], "w", encoding="utf-8") as out:
        out.write(picture or page(screen))
    if what == "record":
        with open(files[0], "w", encoding="utf-8") as out:
            out.write(json.dumps({"version": 2, "width": columns, "height": rows, "title": "samples/demo"}) + "\n")
            for event in events:
                out.write(json.dumps(event) + "\n")
    sys.exit(status)


main()
