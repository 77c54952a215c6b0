#!/usr/bin/env python3
"""The monitoring kit against the program: kit_test.py SOURCE-FOLDER names|alerts

names   every metric that alert rules, dashboard and Zabbix template speak of is one that shstore-status writes (the golden file
        of --prometheus), each alert has a series on which it fires and one on which it does not, every state named is one there is
alerts  promtool runs those series, and reads the queries of the dashboard; 77 where there is no promtool
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])
KIT = SOURCE / "packaging/monitoring"
RULES = KIT / "prometheus/shstore.rules.yml"
CASES = KIT / "prometheus/shstore.rules.test.yml"
DASHBOARD = KIT / "grafana/shstore-dashboard.json"
TEMPLATE = KIT / "zabbix/shstore-template.yaml"


def metrics_in(text):
    return set(re.findall(r"\bshstore_[a-z0-9_]+", text))


def exported():
    """What --prometheus writes when it has something to say of everything."""
    golden = (SOURCE / "tests/golden/status/metrics.prom").read_text()
    return set(re.findall(r"^# TYPE (\S+)", golden, re.M))


def expressions(rules):
    return "\n".join(re.findall(r"^ +expr: (.*)$", rules, re.M))


def names():
    known = exported()
    assert len(known) > 15, "the golden metrics have almost none"
    rules, cases, board = RULES.read_text(), CASES.read_text(), json.loads(DASHBOARD.read_text())
    shown = json.dumps(board)
    for what, text in (("an alert", expressions(rules)), ("a test of an alert", "\n".join(re.findall(r"series: '(.*?)'", cases))),
                       ("the dashboard", "\n".join(t["expr"] for p in board["panels"] for t in p["targets"])),
                       ("the Zabbix template", TEMPLATE.read_text())):
        found = metrics_in(text)
        assert found, what + " names no metric at all"
        assert found <= known, f"{what} speaks of {sorted(found - known)}, which shstore-status does not write"
    missing = known - metrics_in(shown)
    assert not missing, f"the dashboard leaves out {sorted(missing)}"
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert len(set(alerts)) == len(alerts), "two alerts have one name"
    blocks = re.split(r"^  - interval:", cases, flags=re.M)[1:]
    for alert in alerts:
        mine = [b for b in blocks if re.search(rf"alertname: {alert}$", b, re.M)]
        assert any("exp_alerts: []" not in b for b in mine), alert + " has no series on which it fires"
        assert any("exp_alerts: []" in b for b in mine), alert + " has no series on which it must not fire"
    words = set(re.findall(r"\.BR? (.*)", (SOURCE / "docs/shstore-status.8").read_text()))
    words = set(re.findall(r"[a-z][a-z2-]+", " ".join(words).replace("\\-", "-")))
    for states in re.findall(r'state=~?"([^"]+)"', expressions(rules)):
        for state in states.split("|"):
            assert state in words, f'an alert speaks of the state "{state}", which the manual page does not know'
    ids = [p["id"] for p in board["panels"]]
    assert len(set(ids)) == len(ids), "two panels have one id"
    print(f"{len(alerts)} alerts, {len(board['panels'])} panels, {len(known)} metrics")


def alerts():
    tool = shutil.which("promtool")
    if not tool:
        print("no promtool")
        sys.exit(77)
    for command in (["check", "rules", RULES.name], ["test", "rules", CASES.name]):
        ran = subprocess.run([tool, *command], cwd=RULES.parent, capture_output=True, text=True)
        assert ran.returncode == 0 and "SUCCESS" in ran.stdout + ran.stderr, ran.stdout + ran.stderr
    # Grafana puts these in; promtool reads queries in the shape of rules.
    queries = [re.sub(r"\$__(rate_interval|interval|range)", "5m", t["expr"]) for p in json.loads(DASHBOARD.read_text())["panels"] for t in p["targets"]]
    assert len(queries) > 15, "the dashboard has hardly a query"
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder) / "dashboard.yml"
        rules.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": [{"record": f"panel:q{i}", "expr": q} for i, q in enumerate(queries)]}]}))
        ran = subprocess.run([tool, "check", "rules", rules], capture_output=True, text=True)
        assert ran.returncode == 0 and f"{len(queries)} rules found" in ran.stdout, ran.stdout + ran.stderr
    print(f"every alert fires on its series and not on the other one; {len(queries)} queries of the dashboard are understood")


{"names": names, "alerts": alerts}[sys.argv[2]]()
