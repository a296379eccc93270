"""Prometheus' grammar, for the tests: files of rules and dashboards in, their expressions and series out (JSON).

Each expression comes with the names of the series that it asks for, or with `error`. Grafana's variables of time are
replaced by what they stand for.
"""

import json
import sys

import promql_parser
import yaml

GRAFANA_TIMES = {"$__rate_interval": "5m", "$__range": "1h"}


def expressions_of(path):
    with open(path, encoding="utf8") as file:
        content = yaml.safe_load(file)
    if "groups" in content:
        rules = [rule for group in content["groups"] for rule in group["rules"]]
        return [(rule["alert"], rule["expr"]) for rule in rules]
    panels = [panel for panel in content["panels"] if panel["type"] != "row"]
    return [(panel["title"], target["expr"]) for panel in panels for target in panel["targets"]]


def look_at(path, name, text):
    for variable, time in GRAFANA_TIMES.items():
        text = text.replace(variable, time)
    found = []

    def visit(node):
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node.name)
        return True

    try:
        promql_parser.walk(promql_parser.parse(text), visit)
    except ValueError as error:
        return {"path": path, "name": name, "error": str(error)}
    return {"path": path, "name": name, "series": sorted(set(found))}


answers = [look_at(path, name, text) for path in json.load(sys.stdin) for name, text in expressions_of(path)]
json.dump(answers, sys.stdout)
