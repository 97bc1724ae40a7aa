"""Hooks for schemathesis: bodies that are no JSON go as they are; identifiers in paths are, every other time, of things
that exist (FUZZ_REAL); every answer's status is written down (FUZZ_TALLY)."""
import json
import os
import random

import schemathesis

REAL = json.loads(os.environ.get("FUZZ_REAL", "{}"))
TALLY = os.environ.get("FUZZ_TALLY")
CHANCE = random.Random(20261123)
# Which parameter of which paths names what.
NAMES = [("/v1/licenses/{id}", "id", "license"), ("/v1/seals/{code}", "code", "seal"),
         ("/v1/license-kinds/{kind}", "kind", "kind")]


@schemathesis.serializer("application/timestamp-query", "application/pdf", "application/octet-stream")
def raw_bytes(_context, value):
    if isinstance(value, bytes):
        return value
    if hasattr(value, "data"):
        return value.data
    return str(value).encode("utf-8", "replace")


@schemathesis.hook
def before_call(context, case, kwargs):
    for path, parameter, what in NAMES:
        if case.operation.path.startswith(path) and REAL.get(what) and CHANCE.random() < 0.5:
            case.path_parameters = {**(case.path_parameters or {}), parameter: CHANCE.choice(REAL[what])}


@schemathesis.hook
def after_call(context, case, response):
    if TALLY:
        with open(TALLY, "a") as sink:
            sink.write(f"{response.status_code}\n")
