"""What the programs say of themselves: rules, states, metrics, options, exit statuses. From --help, --explain and --list-rules of
the programs in one folder, and their man pages. Used by build and by tests/docs."""
import json
import pathlib
import re
import subprocess

PROGRAMS = ("storage-ctl", "shstore-status", "shstore-lint", "shstore-changer", "shstore-target")
SOURCE = pathlib.Path(__file__).resolve().parents[2]


class Programs:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def output(self, program, *arguments):
        done = subprocess.run([self.folder / program, *arguments], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise SystemExit(f"{program} {' '.join(arguments)} ends with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def rules(self):
        return json.loads(self.output("shstore-lint", "--list-rules", "--format", "json"))["rules"]

    def words(self):
        return json.loads(self.output("shstore-status", "--explain", "--json"))["words"]

    def options(self, program):
        """{option: what --help says of it}, in the order of --help; options by their long names."""
        options, current = {}, None
        for line in self.output(program, "--help").splitlines():
            begun = re.match(r"  (-\S.*?)(?:\s{2,}(\S.*))?$", line)
            if begun:
                name = re.search(r"--[a-z][a-z-]*", begun.group(1))
                current = name.group(0) if name else None
                if current:
                    options[current] = begun.group(2) or ""
                    # A name that is too long for its column: CLI11 goes on behind it or on the next line.
                    if not begun.group(2) and "  " not in begun.group(1).strip():
                        options[current] = ""
            elif current and re.match(r"\s{20,}\S", line):
                options[current] = (options[current] + " " + line.strip()).strip()
            else:
                current = None
        return options

    def exit_statuses(self, program):
        """{status: meaning} as --help has it."""
        text = " ".join(self.output(program, "--help").split("Exit status:", 1)[1].split("\n\n")[0].split())
        # Before the sentence about other ways to call it.
        return dict(re.findall(r"(?:^|[,;] )(\d+) ([^,;]*(?:, (?!\d)[^,;]*)*)", text.split(". ")[0].split("; exec:")[0].split("; with --via")[0]))


def plain(troff):
    """A piece of a man page as plain text."""
    text = re.sub(r"\\f[BIPR]", "", troff)
    text = re.sub(r"^\.(?:BR?|BI|IR?|RI|RB|IB|SM) ?", "", text, flags=re.M)
    text = re.sub(r"^\.(?:PP|TP|br|nf|fi|RS|RE|IP).*$", "", text, flags=re.M)
    return " ".join(text.replace("\\-", "-").replace("\\(bu", "-").replace("\\&", "").replace('"', "").split())


def man_page(program):
    return (SOURCE / f"docs/{program}.8").read_text()


def man_entry(program, option):
    """What the man page says of an option; empty: nothing."""
    for block in re.split(r"^\.TP\n", man_page(program), flags=re.M)[1:]:
        tag, _, rest = block.partition("\n")
        if re.search(re.escape(option.replace("-", "\\-")) + r"(?![a-z\\])", tag):
            return plain(re.split(r"^\.S[HS]", rest, flags=re.M)[0])
    return ""


def man_exit_statuses(program):
    section = re.split(r"^\.SH \"?EXIT STATUS\"?$", man_page(program), maxsplit=1, flags=re.M)[1].split(".SH ", 1)[0]
    return set(re.findall(r"^\.B (\d+)$", section, re.M)) | set(re.findall(r"(?:^|[ ,])(\d+) [a-z]", section, re.M))
