"""Judges messages that receivers of the tests heard with another implementation of Standard Webhooks, and their twins with
one thing changed, which it must refuse.

    webhooks_check.py FOLDER    one file *.json a message: secret, headers, body
"""

import datetime
import json
import pathlib
import sys

import standardwebhooks.webhooks as theirs
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def accepts(secret, body, headers):
    try:
        return Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return None


def at(seconds):
    """The library refuses what is older than five minutes; it is shown a clock at the message's own time."""

    class Then(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(seconds, tz)

    theirs.datetime = Then


def judge(path):
    message = json.loads(path.read_text("utf-8"))
    headers = {name: message[name] for name in HEADERS}
    secret, body, seconds = message["secret"], message["body"], int(message["webhook-timestamp"])
    at(seconds)
    yield "accepted", accepts(secret, body, headers) == json.loads(body)
    yield "another body refused", accepts(secret, body.replace("type", "tipe"), headers) is None
    yield "another id refused", accepts(secret, body, headers | {"webhook-id": "x"}) is None
    other = headers | {"webhook-timestamp": str(seconds + 1)}
    yield "another time refused", accepts(secret, body, other) is None
    yield "another secret refused", accepts("whsec_" + "A" * 43 + "=", body, headers) is None
    at(seconds + 3600)
    yield "an hour later refused", accepts(secret, body, headers) is None


def main(folder):
    files = sorted(pathlib.Path(folder).glob("*.json"))
    if len(files) < 10:
        sys.exit(f"FAIL  expected at least ten messages in {folder}, found {len(files)}")
    counts = {True: 0, False: 0}
    for path in files:
        for what, good in judge(path):
            counts[good] += 1
            if not good:
                print(f"FAIL  {path.name}: {what}")
    print(f"{len(files)} messages: {counts[True]} passed, {counts[False]} failed")
    sys.exit(1 if counts[False] else 0)


if __name__ == "__main__":
    main(sys.argv[1])
