"""Throws schemathesis at the whole API, once for each role and once for nobody.

fuzz_api.py --base URL --tokens tokens.json --out DIR

Fails on any server error, and on any answer that the OpenAPI document does not describe."""
import argparse
import json
import os
import pathlib
import subprocess
import sys

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

arguments = argparse.ArgumentParser()
arguments.add_argument("--base", required=True)
arguments.add_argument("--tokens", required=True)
arguments.add_argument("--out", required=True)
arguments.add_argument("--examples", type=int, default=8, help="cases per operation and role")
options = arguments.parse_args()

out = pathlib.Path(options.out)
out.mkdir(parents=True, exist_ok=True)
tokens = json.loads(pathlib.Path(options.tokens).read_text())
# One credential of each role: departments differ in what they own, not in what they may send.
by_role = {}
for name, token in sorted(tokens.items()):
    role = next((role for role in ("department", "seal-admin") if name.startswith(role)), name)
    by_role.setdefault(role, token)
roles = [("nobody", None), *by_role.items()]
here = pathlib.Path(__file__).resolve().parent
environment = {**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_bodies", "PYTHONPATH": str(here), "PYTHONDONTWRITEBYTECODE": "1"}
program = str(pathlib.Path(sys.executable).parent / "schemathesis")
passed = failed = 0
for role, token in roles:
    command = [
        program, "run", f"{options.base}/openapi.json",
        "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
        "--max-examples", str(options.examples), "--seed", "20261123", "--generation-database", "none",
        "--workers", "1", "--continue-on-failure", "--no-shrink", "--warnings", "off", "--no-color", "--max-time", "20",
        "--request-timeout", "20",
        "--suppress-health-check", "all",
    ]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    log = out / f"{role}.log"
    with log.open("w") as sink:
        code = subprocess.run(command, stdout=sink, stderr=subprocess.STDOUT, cwd=out, env=environment).returncode
    text = log.read_text()
    ran = "Tested:" in text or "generated" in text
    if code == 0 and ran:
        passed += 1
        print(f"ok    schemathesis as {role}")
    else:
        failed += 1
        print(f"FAIL  schemathesis as {role} (exit {code}); see {log.name}")
        print("\n".join("      " + line for line in text.splitlines()[-40:]))
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
