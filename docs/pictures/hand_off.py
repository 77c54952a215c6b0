#!/usr/bin/python3
"""hand_off.py HOLDER.history WAITER.history FIRST-JOB SECOND-JOB: the drive's way from one host to the other, as SVG, out of what the two
plugins wrote down."""
import datetime
import json
import sys

NAMES = ("dir", "cibou")
WIDTH, LEFT, RIGHT = 900, 90, 40


def events(path):
    out = []
    for line in open(path, encoding="utf-8"):
        event = json.loads(line)
        at = datetime.datetime.strptime(event["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()
        out.append((at, event["event"], event.get("job")))
    return out


def spans(all_events, begin, end, job=None):
    """[(from, until)]"""
    found, since = [], None
    for at, what, whose in all_events:
        if job is not None and whose != job:
            continue
        if what == begin and since is None:
            since = at
        elif what == end and since is not None:
            found.append((since, at))
            since = None
    return found


def main():
    histories = [events(p) for p in sys.argv[1:3]]
    jobs = [int(j) for j in sys.argv[3:5]]
    locks = [spans(h, "lock-taken", "lock-released") for h in histories]
    uses = [spans(h, "use-begins", "use-ends", j)[0] for h, j in zip(histories, jobs)]
    wait = spans(histories[1], "wait-begins", "wait-ends", jobs[1])[0]
    first, last = min(uses[0][0], wait[0]), uses[1][1]
    scale = (WIDTH - LEFT - RIGHT) / max(1, last - first)

    def x(at):
        return round(LEFT + (max(first, min(last, at)) - first) * scale, 1)

    def bar(span, y, fill, text, ink="#fff"):
        outline = ' stroke="#fff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if fill.startswith("url") else ""
        width = max(3, round(x(span[1]) - x(span[0]), 1))
        return (f'<rect x="{x(span[0])}" y="{y}" width="{width}" height="30" rx="3" fill="{fill}"/>'
                f'<text x="{x(span[0]) + 6}" y="{y + 20}" fill="{ink}"{outline}>{text}</text>')

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="230" viewBox="0 0 {WIDTH} 230" font-family="sans-serif" font-size="13" role="img">',
           "<title>A drive goes from host dir to host cibou</title>", f'<rect width="{WIDTH}" height="230" fill="#fff"/>',
           '<defs><pattern id="waits" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" fill="#fff3d6"/>'
           '<rect width="3" height="8" fill="#e2a72e"/></pattern></defs>']
    for row, name in enumerate(NAMES):
        y = 40 + row * 80
        out.append(f'<text x="10" y="{y + 20}" font-weight="bold">{name}</text>')
        mine = [s for s in locks[row] if s[1] > first and s[0] < last]
        for span in mine:
            out.append(f'<rect x="{x(span[0])}" y="{y + 36}" width="{max(3, round(x(span[1]) - x(span[0]), 1))}" height="8" fill="#174a7c"/>')
        if mine:
            out.append(f'<text x="{x(mine[-1][0])}" y="{y + 58}" fill="#174a7c">holds the lock</text>')
    out.append(bar(uses[0], 40, "#2f7d4f", f"job {jobs[0]} writes"))
    out.append(bar(wait, 120, "url(#waits)", f"job {jobs[1]} waits for dir: 3612", "#000"))
    out.append(bar((max(uses[1][0], wait[1]), uses[1][1]), 120, "#2f7d4f", f"job {jobs[1]} writes"))
    y = 215
    out.append(f'<line x1="{LEFT}" y1="{y - 14}" x2="{WIDTH - RIGHT}" y2="{y - 14}" stroke="#888"/>')
    step = 5 if last - first <= 60 else 15
    for second in range(0, int(last - first) + 1, step):
        out.append(f'<text x="{x(first + second)}" y="{y}" fill="#555">{second} s</text>')
    out.append("</svg>")
    print("\n".join(out))


main()
