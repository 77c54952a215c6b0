#!/usr/bin/env python3
"""docs_test.py PROGRAMS links|pages|programs|site: the documentation against the programs in the folder PROGRAMS.

links     every link between pages leads to a page, and to a heading where it names one; every page can be reached from the README
pages     the README is short; each page begins with its one subject
programs  every option is in its man page, every exit status in the man page and on the program's page, every line 36xx has its
          meaning, every state and metric has an explanation, every rule a page with a reason and a repair; and what the pages speak
          of (options, rules, states) there is
site      the site has a page for each of these, and none of its links is dead (77 where mkdocs is not installed)
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "docs/site"))
import reference  # noqa: E402

PROGRAMS = reference.Programs(sys.argv[1])
DOCS = SOURCE / "docs"
PAGES = [SOURCE / "README.md", *sorted(DOCS.glob("*.md"))]
OTHERS = [SOURCE / "findings/README.md", SOURCE / "tests/lab/README.md"]
# The page of each program's own; shstore-target has its man page alone.
PAGE_OF = {"storage-ctl": "storage-ctl.md", "shstore-status": "status.md", "shstore-lint": "lint.md", "shstore-changer": "changer.md"}
# Options of other people's programs.
FOREIGN = {"--now", "--prefix", "--install", "--allow-downgrades", "--no-install-recommends", "--with-sqlite3", "--target", "--device", "--low", "--page", "--rules", "--gtest", "--test-dir"}

failures = []


def check(good, text):
    if not good:
        failures.append(text)


def without_code(text):
    return re.sub(r"^(?:    |```).*$", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), flags=re.M)


def anchors(text):
    """The headings as GitHub and mkdocs name them."""
    names = set()
    for heading in re.findall(r"^#+ (.*)$", without_code(text), re.M):
        names.add(re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-"))
    return names


def links_of(text):
    return re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "``", without_code(text)))


def links():
    reached, todo = set(), [SOURCE / "README.md"]
    for page in PAGES + OTHERS:
        text = page.read_text()
        found = links_of(text)
        for link in found:
            if re.match(r"https?:|mailto:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            check(target.exists(), f"{page.relative_to(SOURCE)}: {link} leads nowhere")
            if anchor and target.exists():
                check(anchor in anchors(target.read_text()), f"{page.relative_to(SOURCE)}: {link}: there is no such heading")
    check(len(links_of((SOURCE / "README.md").read_text())) > 20, "the README has hardly a link: are they found at all?")
    while todo:
        page = todo.pop()
        if page in reached:
            continue
        reached.add(page)
        for link in links_of(page.read_text()):
            target = (page.parent / link.split("#")[0]).resolve()
            if target.suffix == ".md" and target.exists():
                todo.append(target)
    for page in PAGES:
        check(page in reached, f"no link leads from the README to {page.relative_to(SOURCE)}")
    for page in sorted(DOCS.glob("*.[578]")):
        check(any(page.name in p.read_text() for p in PAGES), f"no page names {page.name}")


def pages():
    lines = (SOURCE / "README.md").read_text().count("\n")
    check(lines <= 200, f"README.md has {lines} lines: 200 are enough; the rest belongs into docs/")
    for page in PAGES:
        text = without_code(page.read_text())
        check(text.startswith("# "), f"{page.name} does not begin with its title")
        check(len(re.findall(r"^# ", text, re.M)) == 1, f"{page.name} has more than one title, so more than one subject")


def programs():
    every_option = {}
    for program in reference.PROGRAMS:
        options = PROGRAMS.options(program)
        every_option[program] = set(options)
        check(len(options) >= 3, f"{program} --help shows hardly an option: is it understood?")
        usage = re.search(r"^Usage: (.*)$", PROGRAMS.output(program, "--help"), re.M)
        words = re.findall(r"\b[A-Z][A-Z-]+\b", usage[1]) if usage else []
        check(usage and len(words) == len(set(words)), f"{program} --help: a word stands twice in the line Usage, or there is none: {usage and usage[0]}")
        man = reference.man_page(program).replace("\\-", "-")
        completion = (DOCS / f"{program}.bash").read_text()
        for option in options:
            check(re.search(re.escape(option) + r"(?![a-z-])", completion), f"{program}.bash, the completion, does not have {option}")
        for option in set(options) - {"--help", "--version"}:
            check(re.search(re.escape(option) + r"(?![a-z-])", man), f"{program}.8 does not have {option}")
        statuses = PROGRAMS.exit_statuses(program)
        check(len(statuses) >= 3, f"{program} --help tells hardly an exit status: {statuses}")
        check(set(statuses) <= reference.man_exit_statuses(program), f"{program}.8 lacks an exit status of {sorted(statuses)}")
        if program in PAGE_OF:
            page = (DOCS / PAGE_OF[program]).read_text()
            for status in statuses:
                check(re.search(rf"^\| {status} \|", page, re.M), f"docs/{PAGE_OF[program]} does not say what exit status {status} is")
    waiting = (DOCS / "waiting.md").read_text()
    lines = set(re.findall(r'"(36\d\d)"', (SOURCE / "reserve/refusal.cpp").read_text()))
    check(len(lines) >= 5, "the lines 36xx are not found in reserve/refusal.cpp")
    for line in lines:
        check(f"| `{line}` |" in waiting, f"docs/waiting.md does not say what {line} means")

    words = PROGRAMS.words()
    for word in words:
        check(word["what"].endswith("."), f"{word['word']}: what it means is no sentence: {word['what']!r}")
        check(word["severity"] in (None, "OK") or word["action"], f"{word['word']} is {word['severity']}, and nothing is said about what to do")
    states = {w["word"] for w in words if w["kind"].startswith("state")}
    metrics = {w["word"] for w in words if w["kind"].startswith("metric")}
    written = set(re.findall(r"^# TYPE (\S+)", (SOURCE / "tests/golden/status/metrics.prom").read_text(), re.M))
    check(written == metrics, f"written and explained metrics differ: {sorted(written ^ metrics)}")

    rules = {r["code"]: r for r in PROGRAMS.rules()}
    check(len(rules) > 40, "hardly a rule")
    for code, rule in rules.items():
        for part in ("What: ", "Why: ", "Fix: "):
            check(part in rule["page"], f"{code} has no \"{part.strip()}\"")

    # What the pages speak of.
    known = set().union(*every_option.values(), FOREIGN, {"--help", "--version"})
    for page in PAGES:
        text = page.read_text()
        for option in set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", re.sub(r"^\s*-D.*$", "", text, flags=re.M))):
            check(option in known, f"{page.name} speaks of {option}, which no program knows")
        for code in set(re.findall(r"\bSHS\d{3}\b", text)):
            check(code in rules, f"{page.name} speaks of {code}, which is no rule")
        for metric in set(re.findall(r"\bshstore_[a-z_]+(?:total|seconds|info|up|protected|locked)\b", text)):
            check(metric in metrics, f"{page.name} speaks of {metric}, which is no metric")
    check(states >= {"free", "lost", "runs"}, "states are missing")


def site():
    if not shutil.which("mkdocs"):
        print("skipped: mkdocs is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([SOURCE / "docs/site/build", sys.argv[1], folder], capture_output=True, text=True)
        check(done.returncode == 0, f"docs/site/build fails: {done.stdout}{done.stderr}")
        if failures:
            return
        out = pathlib.Path(folder)
        wanted = [f"rules/{r['code']}.html" for r in PROGRAMS.rules()]
        for word in PROGRAMS.words():
            what = "metrics" if word["kind"].startswith("metric") else "states"
            wanted.append(f"{what}/{word['word']}{'-daemon' if word['kind'] == 'state of a daemon' else ''}.html")
        for program in reference.PROGRAMS:
            wanted += [f"options/{program}{option}.html" for option in PROGRAMS.options(program)]
        wanted += [p.stem + ".html" for p in DOCS.glob("*.md")] + [p.name + ".html" for p in DOCS.glob("*.[578]")]
        for page in wanted:
            check((out / page).exists(), f"the site has no page {page}")
        files = {p.relative_to(out).as_posix() for p in out.rglob("*")}
        for page in out.rglob("*.html"):
            if page.name in ("404.html", "search.html"):
                continue  # the theme's own
            text = page.read_text()
            for link in re.findall(r'(?:href|src)="([^"#?:]+)(?:#[^"]*)?"', text):
                target = pathlib.Path(os.path.normpath(page.parent / link))
                if target.relative_to(out).parts[0] in ("js", "css", "img", "fonts", "search"):
                    continue  # what Debian's theme takes from other packages
                check(os.path.lexists(target) and target.is_relative_to(out), f"{page.relative_to(out)}: {link} leads nowhere")
        check(len(files) > 200, "the site has hardly a page")


{"links": links, "pages": pages, "programs": programs, "site": site}[sys.argv[2]]()
for failure in failures:
    print("FAILED: " + failure)
sys.exit(1 if failures else 0)
