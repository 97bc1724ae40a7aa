"""Plays the verifier of faces at a kiosk of `yinzheng demo`: signs an identity assertion (ES256) with the demo's key and brings
it to a session, as the kiosk's camera would. Anybody can be asserted to stand there: it is for looking around and for tests.

    kiosk_camera.py --base URL --folder DIR --holder CODE [SESSION]

DIR holds tokens.json and demo-face.key.pem. SESSION is the end of the kiosk's address; without it the script asks for it.
Prints the status and what the service said as one line of JSON; exit 0 only if somebody was recognised."""
import argparse
import json
import pathlib
import secrets
import sys
import time
import urllib.error
import urllib.request

from cryptography.hazmat.primitives import serialization

from face_verifier import assertion


def signed(options, session):
    """An assertion of this moment."""
    key = serialization.load_pem_private_key((options.folder / "demo-face.key.pem").read_bytes(), None)
    now = int(time.time())
    claims = {
        "iss": options.verifier, "aud": options.base, "sub": options.holder, "jti": secrets.token_hex(16), "iat": now,
        "exp": now + 30, "request": session, "liveness": "active",
    }
    return assertion(key, claims, "ES256")


def bring(options, session, token):
    """Status and answer."""
    counter = json.loads((options.folder / "tokens.json").read_text())["kiosk"]
    request = urllib.request.Request(f"{options.base}/v1/kiosk/sessions/{session}/assertions", method="POST")
    request.add_header("Authorization", f"Bearer {counter}")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, json.dumps({"assertion": token}).encode(), timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--base", required=True)
    arguments.add_argument("--folder", required=True, type=pathlib.Path)
    arguments.add_argument("--holder", required=True)
    arguments.add_argument("--verifier", default="demo-face")
    arguments.add_argument("--keep", type=pathlib.Path, help="leave the assertion here")
    arguments.add_argument("--replay", type=pathlib.Path, help="bring this assertion, made earlier, instead of a new one")
    arguments.add_argument("--flip", type=int, help="change the character at this place")
    arguments.add_argument("session", nargs="?")
    options = arguments.parse_args()
    options.base = options.base.rstrip("/")
    session = (options.session or input("session (the end of the kiosk's address): ")).rstrip("/").rsplit("/", 1)[-1]
    token = options.replay.read_text() if options.replay else signed(options, session)
    if options.keep:
        options.keep.write_text(token)
    if options.flip is not None:
        letter = token[options.flip]
        other = "A" if letter != "A" else "B"
        token = token[:options.flip] + other + token[options.flip + 1:]
    status, said = bring(options, session, token)
    print(json.dumps({"status": status, "said": said}, ensure_ascii=False))
    return 0 if status == 201 else 1


if __name__ == "__main__":
    sys.exit(main())
