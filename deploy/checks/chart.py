"""Helm's own library and the schemas of Kubernetes, for the tests: a list of values in, what came of each out (JSON).

Each item of the answer has `error`, when Helm refuses the values, or `lint` (warnings and errors of `helm lint`),
`documents` (what would be applied) and `invalid` (documents that Kubernetes would not take).
"""

import json
import sys

import helm_python as helm
import kubernetes_validate
import yaml

KUBERNETES = "1.37"
# Kinds of operators, of which Kubernetes itself has no schema.
FOREIGN = {"ServiceMonitor"}


def documents_of(manifests):
    for name, text in manifests.items():
        if name.endswith(".txt"):
            continue
        yield from (document for document in yaml.safe_load_all(text) if document)


def problem_of(document):
    if document["kind"] in FOREIGN:
        return None
    try:
        kubernetes_validate.validate(document, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{document['kind']}: {error.message}"
    return None


def try_values(chart, folder, values):
    try:
        chart.validate_schema(values)
        manifests = chart.render(values, name="act", namespace="agents")
    except helm.HelmError as error:
        return {"error": str(error)}
    documents = list(documents_of(manifests))
    findings = helm.lint(folder, values=values)
    problems = [problem_of(document) for document in documents]
    return {"documents": documents, "lint": findings, "invalid": [one for one in problems if one]}


def main():
    folder = sys.argv[1]
    with helm.Chart.load(folder) as chart:
        answers = [try_values(chart, folder, values) for values in json.load(sys.stdin)]
    json.dump(answers, sys.stdout, default=str)


main()
