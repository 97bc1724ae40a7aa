"""Throws schemathesis at the API: as nobody at the whole of it, and as each role at what the role may call by
tests/access_matrix.txt (that it may call nothing else is tested with that matrix, by tests/access.rs).

fuzz_api.py --base URL --tokens tokens.json --out DIR

Fails on any server error, on any answer that the OpenAPI document does not describe, on a token that does not live
through its run, and on a role whose every request was refused. Half of the identifiers in paths are of things that exist
(fuzz_bodies.py). Credentials are not withdrawn: the roles that follow would be nobody."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

arguments = argparse.ArgumentParser()
arguments.add_argument("--base", required=True)
arguments.add_argument("--tokens", required=True)
arguments.add_argument("--out", required=True)
arguments.add_argument("--examples", type=int, default=8, help="cases per operation and role")
options = arguments.parse_args()

out = pathlib.Path(options.out).resolve()
out.mkdir(parents=True, exist_ok=True)
tokens = json.loads(pathlib.Path(options.tokens).read_text())
# One credential of each role: departments differ in what they own, not in what they may send.
by_role = {}
for name, token in sorted(tokens.items()):
    role = next((role for role in ("department", "seal-admin") if name.startswith(role)), name)
    by_role.setdefault(role, token)
# The operator makes departments and credentials: it comes last.
order = sorted(by_role, key=lambda role: role == "operator")
roles = [("nobody", None), *((role, by_role[role]) for role in order)]
# What each role may read, to see that its token lives.
HOME = {"department": "/v1/licenses", "seal-admin": "/v1/seals", "holder": "/v1/showings", "operator": "/v1/credentials",
        "auditor": "/v1/audit", "company-manager": "/v1/space", "company-sealer": "/v1/space"}


# What makes nobody of the roles that follow.
WITHDRAW = "delete_v1_credentials_id"
# Columns of the matrix, where they have another name than the credential.
COLUMNS = {"seal-admin": "seal-administrator", "company-sealer": "sealer", "kiosk": "clerk"}
matrix = (pathlib.Path(__file__).resolve().parent.parent / "access_matrix.txt").read_text().splitlines()
columns = matrix[1].removeprefix("#").split()
may = {tuple(line.split()[1:]): line.split()[0] for line in matrix[2:] if line.strip()}


def operations(role):
    """Names of the operations that a role may call."""
    column = columns.index(COLUMNS.get(role, role))
    with urllib.request.urlopen(options.base + "/openapi.json", timeout=20) as answer:
        paths = json.loads(answer.read())["paths"]
    return [operation["operationId"] for path, methods in paths.items() for method, operation in methods.items()
            if isinstance(operation, dict) and may[method.upper(), path][column] == "+" and operation["operationId"] != WITHDRAW]


def get(path, token):
    request = urllib.request.Request(options.base + path, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, None


def lives(role, token):
    # A role that is not listed may read no list, but is known: 403, not 401.
    status, _ = get(HOME.get(role, "/v1/audit"), token)
    return status == 200 if role in HOME else status == 403


def known(path, member):
    found = set()
    for token in tokens.values():
        _, answer = get(path, token)
        items = answer.get("items", []) if isinstance(answer, dict) else answer or []
        found |= {item[member] for item in items if member in item}
    return sorted(found)


real = {"license": known("/v1/licenses", "id"), "seal": known("/v1/seals", "code"), "kind": known("/v1/license-kinds", "name")}
assert all(real.values()), f"nothing to ask for: {real}"
here = pathlib.Path(__file__).resolve().parent
environment = {**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_bodies", "PYTHONPATH": str(here), "PYTHONDONTWRITEBYTECODE": "1",
               "FUZZ_REAL": json.dumps(real)}
program = str(pathlib.Path(sys.executable).parent / "schemathesis")
passed = failed = 0
for role, token in roles:
    command = [
        program, "run", f"{options.base}/openapi.json",
        "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
        "--max-examples", str(options.examples), "--seed", "20261123", "--generation-database", "none",
        "--workers", "1", "--continue-on-failure", "--no-shrink", "--warnings", "off", "--no-color", "--max-time", "12",
        "--request-timeout", "20", "--exclude-operation-id", WITHDRAW,
        "--suppress-health-check", "all",
    ]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
        for operation in operations(role):
            command += ["--include-operation-id", operation]
    log = out / f"{role}.log"
    tally = out / f"{role}.statuses"
    tally.unlink(missing_ok=True)
    alive = [token is None or lives(role, token)]
    with log.open("w") as sink:
        code = subprocess.run(command, stdout=sink, stderr=subprocess.STDOUT, cwd=out,
                              env={**environment, "FUZZ_TALLY": str(tally)}).returncode
    alive.append(token is None or lives(role, token))
    statuses = tally.read_text().split() if tally.exists() else []
    good = sum(status.startswith("2") for status in statuses)
    text = log.read_text()
    ran = "Tested:" in text or "generated" in text
    if code == 0 and ran and all(alive) and good:
        passed += 1
        print(f"ok    schemathesis as {role}: {len(statuses)} answers, {good} of them 2xx")
    else:
        failed += 1
        print(f"FAIL  schemathesis as {role} (exit {code}; token alive before and after: {alive}; 2xx: {good} of {len(statuses)}); see {log.name}")
        print("\n".join("      " + line for line in text.splitlines()[-40:]))
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
