"""Checks conf/kubernetes against the API's schemas: of every version that kubernetes-validate has and we name.

    python3 .ci/check_kubernetes.py          it needs PyPI's kubernetes-validate

Then the same check is given mistakes, each of which it must refuse, and the rules that schemas do not have: no pod is
root's, none may write to its image, every container says how much memory it takes, and every name that a file uses is
defined in one.
"""

import copy
import pathlib
import sys

import kubernetes_validate
import yaml

HOME = pathlib.Path(__file__).resolve().parents[1]
FILES = sorted((HOME / "conf/kubernetes").glob("*.yaml"))
# From the oldest that podFailurePolicy is stable in to the newest that the validator knows.
VERSIONS = ("1.31", "1.34", "1.37")
TEMPLATES = ("driver.yaml", "executor.yaml")


def documents():
    for file in FILES:
        for document in yaml.safe_load_all(file.read_text()):
            yield file.name, document


def refusal(document, version):
    """What is wrong with it, or nothing. Spark adds the image and the name of a template's pod itself."""
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.path))}: {error.message.splitlines()[0]}"
    return None


def pod(document):
    """The pod of a document, if it has one."""
    spec = document.get("spec", {})
    if document["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    if document["kind"] in ("CronJob", "Job"):
        spec = spec["template"]["spec"]
    return spec if "containers" in spec else None


def loosenesses(name, spec):
    """Where a pod may do more than it must, or leaves open what it takes."""
    context = spec.get("securityContext", {})
    if not (context.get("runAsNonRoot") and context.get("runAsUser")):
        yield "may run as root"
    for container in spec["containers"]:
        own = container.get("securityContext", {})
        if own.get("allowPrivilegeEscalation") is not False or own.get("capabilities") != {"drop": ["ALL"]}:
            yield "may gain privileges"
        if own.get("readOnlyRootFilesystem") is not True:
            yield "may write to its image"
        if name not in TEMPLATES and "memory" not in container.get("resources", {}).get("limits", {}):
            yield "has no limit of memory"
        volumes = {volume["name"] for volume in spec["volumes"]}
        for mount in container["volumeMounts"]:
            if mount["name"] not in volumes:
                yield f"mounts {mount['name']}, which is no volume"
    if "serviceAccountName" not in spec and spec.get("automountServiceAccountToken") is not False and name != "driver.yaml":
        yield "gets a token that it does not need"


def names_used(spec):
    for volume in spec["volumes"]:
        if "persistentVolumeClaim" in volume:
            yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"]
    if "serviceAccountName" in spec:
        yield "ServiceAccount", spec["serviceAccountName"]


def mistakes(document):
    """The document with mistakes that people make, by what they are."""
    def changed(change):
        other = copy.deepcopy(document)
        change(other["spec"]["jobTemplate"]["spec"], other["spec"])
        return other

    def pod_of(job):
        return job["template"]["spec"]

    yield "a misspelled field", changed(lambda job, cron: cron.update(concurencyPolicy=cron.pop("concurrencyPolicy")))
    yield "a field of the wrong type", changed(lambda job, cron: job.update(backoffLimit="two"))
    yield "a field in the wrong place", changed(
        lambda job, cron: job.update(terminationGracePeriodSeconds=pod_of(job).pop("terminationGracePeriodSeconds")))
    yield "a field that is missing", changed(lambda job, cron: job.pop("template"))


def main():
    wrong = 0
    parts = list(documents())
    defined = {(document["kind"], document["metadata"]["name"]) for _, document in parts
               if "name" in document.get("metadata", {})}
    for version in VERSIONS:
        found = [(name, document["kind"], problem) for name, document in parts if (problem := refusal(document, version))]
        wrong += len(found)
        print(f"Kubernetes {version}: {len(parts)} documents of {len(FILES)} files, {len(found)} refused", *found, sep="\n  ")
    for name, document in parts:
        spec = pod(document)
        if spec is None:
            continue
        problems = list(loosenesses(name, spec))
        problems += [f"names {kind} {used}, which no file defines" for kind, used in names_used(spec)
                     if (kind, used) not in defined]
        wrong += len(problems)
        print(f"{name}: not root's, its image read-only, no privileges, memory limited, every name defined"
              if not problems else f"{name}: {problems}")
    nightly = next(document for name, document in parts if name == "nightly.yaml")
    for mistake, document in mistakes(nightly):
        problem = refusal(document, VERSIONS[-1])
        wrong += problem is None
        print(f"{mistake}: {problem or 'was NOT refused'}"[:160])
    loose = copy.deepcopy(pod(nightly))
    loose["containers"][0]["securityContext"].pop("readOnlyRootFilesystem")
    loose["securityContext"].pop("runAsUser")
    print("a pod of root's that writes to its image:", ", ".join(loosenesses("nightly.yaml", loose)))
    wrong += len(list(loosenesses("nightly.yaml", loose))) != 2
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
