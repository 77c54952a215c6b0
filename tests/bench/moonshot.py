#!/usr/bin/python3
"""moonshot.py TABLE.tsv [PICTURE.svg]: what tests/bench/moonshot printed, as a table in Markdown, with and without the plugin side by side, and as a
picture. "*" marks what misses its target."""
import sys

WIDTH, ROW, TOP, LEFT = 900, 34, 70, 190
PANELS = (("Drives idle while a job waits, %", "idle", 2.0), ("Longest wait : mean wait", "longest", 2.5))


def read(path):
    rows = {}
    lines = [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8")]
    for hosts, drives, come, plugin, seed, jobs, idle, jain, longest, mean, broken in lines[1:]:
        if float(mean) < 1:
            longest = "-"  # nobody waits
        site = rows.setdefault((int(hosts), int(drives), come, seed), {})
        site[plugin] = {"jobs": jobs, "idle": idle, "jain": jain, "longest": longest, "mean": mean, "broken": broken}
    return rows


def table(rows):
    print("| hosts, drives | jobs come | jobs | idle, % | Jain's index | longest : mean wait | mean wait, min |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for (hosts, drives, come, _), site in rows.items():
        def both(what):
            return ", ".join(site[p][what] if p in site else "-" for p in ("with", "without"))
        print(f"| {hosts}, {drives} | {come} | {both('jobs')} | {both('idle')} | {both('jain')} | {both('longest')} | {both('mean')} |")


def number(text):
    return 0 if text == "-" else float(text.rstrip("*"))


def picture(rows, path):
    height = TOP + ROW * len(rows) + 30
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12" role="img">',
           "<title>Large sites in simulated time, with the plugin and with Bacula's retries alone</title>",
           f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
           f'<rect x="{LEFT}" y="14" width="12" height="12" fill="#2a6fb0"/><text x="{LEFT + 18}" y="24">with the plugin</text>',
           f'<rect x="{LEFT + 130}" y="14" width="12" height="12" fill="#e2a72e"/><text x="{LEFT + 148}" y="24">Bacula\'s retries alone</text>']
    wide = (WIDTH - LEFT - 20) // len(PANELS)
    for panel, (title, what, target) in enumerate(PANELS):
        x = LEFT + panel * wide
        most = max([target * 1.2] + [number(r[what]) for s in rows.values() for r in s.values()])
        scale = (wide - 80) / most
        out.append(f'<text x="{x}" y="{TOP - 14}" font-weight="bold">{title}</text>')
        for row, site in enumerate(rows.values()):
            for bar, (plugin, fill) in enumerate((("with", "#2a6fb0"), ("without", "#e2a72e"))):
                if plugin not in site:
                    continue
                y, value = TOP + row * ROW + bar * 14, number(site[plugin][what])
                out.append(f'<rect x="{x}" y="{y}" width="{max(1, round(value * scale, 1))}" height="12" fill="{fill}"/>'
                           f'<text x="{round(x + max(1, value * scale) + 4, 1)}" y="{y + 10}">{site[plugin][what]}</text>')
        at = round(x + target * scale, 1)
        out.append(f'<line x1="{at}" y1="{TOP - 6}" x2="{at}" y2="{height - 24}" stroke="#b00" stroke-dasharray="4 3"/>'
                   f'<text x="{at}" y="{height - 10}" fill="#b00" text-anchor="middle">target</text>')
    for row, (hosts, drives, come, _) in enumerate(rows):
        out.append(f'<text x="10" y="{TOP + row * ROW + 16}">{hosts} hosts, {drives} drives, {come}</text>')
    out.append("</svg>")
    with open(path, "w", encoding="utf-8") as svg:
        svg.write("\n".join(out) + "\n")


if __name__ == "__main__":
    all_rows = read(sys.argv[1])
    table(all_rows)
    if len(sys.argv) > 2:
        picture(all_rows, sys.argv[2])
