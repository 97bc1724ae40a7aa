"""The desk's own reader (offline.js), the second one that judges offline codes: every digit of a code changed, and what it is
handed beside the code damaged. Nothing of that is ever green."""
import base64
import json
import time
import zlib

import cbor2

from offline_codes import Issuer, new_key
from stage import COUNTER

# The reader by itself: a bundle and its key, a code, what comes of it.
SETUP = """
async ([token, spki]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  window.read = async (token, code, now) => {
    try {
      return (await yinzhengOffline.check(code, await yinzhengOffline.readBundle(token, bytes(spki)), now)).reason;
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  };
  window.bundle = await yinzhengOffline.readBundle(token, bytes(spki));
}
"""
# Each digit made another; the check digits right again, so that the code gets past them. In the last two places they are
# left wrong.
FLIPS = """
async ([code, now]) => {
  const seen = {};
  const checked = (body) => {
    let rest = 0;
    for (const digit of body) rest = (rest * 10 + Number(digit)) % 97;
    return body + String(98 - ((rest * 100) % 97)).padStart(2, "0");
  };
  for (let at = 0; at < code.length; at += 1) {
    const other = code.slice(0, at) + ((Number(code[at]) + 1 + (at % 9)) % 10) + code.slice(at + 1);
    const twin = at < code.length - 2 ? checked(other.slice(0, -2)) : other;
    const { reason } = await yinzhengOffline.check(twin, window.bundle, now);
    (seen[reason] ||= []).push(at);
  }
  return seen;
}
"""
GREEN = ("V00", "V01", "V02")


def with_dictionary(data):
    """As zlib packs it with a dictionary, which no reader has."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_DEFAULT_STRATEGY, bytes(64))
    return packer.compress(data) + packer.flush()


def every_digit(stage):
    """3 the desk's own reader: each digit of three codes changed, check digits made right, and lists and bundles damaged; never green"""
    issuer = Issuer(time.time())
    page = stage.page("clerk", COUNTER)
    page.goto("/desk")
    good = issuer.bundle()
    spki = json.loads(issuer.key_answer())["spki"]
    page.evaluate(SETUP, [good, spki])
    read = lambda token, code: page.evaluate("([token, code, now]) => read(token, code, now)", [token, code, issuer.now])

    codes = [issuer.paper(), issuer.phone(), issuer.paper(recipient="景川银行城东支行", days=90)]
    for code, reason in zip(codes, ["V02", "V01", "V02"]):
        assert read(good, code) == reason, (code[:20], read(good, code))
        seen = page.evaluate(FLIPS, [code, issuer.now])
        assert sum(map(len, seen.values())) == len(code) >= 700, seen.keys()
        wrong = {reason: places for reason, places in seen.items() if reason in GREEN or not reason.startswith("V")}
        assert not wrong, wrong
        # A signature that is wrong, whatever it is that was changed; what names another key, length or version says that.
        assert len(seen["V10"]) > 0.9 * len(code), {reason: len(places) for reason, places in seen.items()}

    paper = codes[0]
    bits = bytes(1 << 18)
    packed = zlib.compress(bits, 9)
    whole = issuer.list()

    def of(one):
        return issuer.bundle(lists=[one])

    def claims(**changes):
        """A list with something else in it, rightly signed."""
        inner = cbor2.loads(cbor2.loads(whole).value[2])
        return issuer.sealed_list({**inner, 65533: {**inner[65533], **changes}})

    damaged = {
        "truncated": of(issuer.list(packed=packed[:-3])), "without its checksum": of(issuer.list(packed=packed[:-4])),
        "something behind it": of(issuer.list(packed=packed + b"\0")), "another checksum": of(issuer.list(packed=packed[:-1] + bytes([packed[-1] ^ 1]))),
        "a dictionary": of(issuer.list(packed=with_dictionary(bits))), "a bomb": of(issuer.list(packed=zlib.compress(bytes(20 << 20), 9))),
        "empty": of(issuer.list(packed=zlib.compress(b"", 9))), "not packed at all": of(issuer.list(packed=bits[:64])),
        "bare deflate": of(issuer.list(packed=packed[2:-4])), "three bits": of(claims(bits=3)),
        "another's key": of(issuer.list(key=new_key())), "another's name": issuer.bundle(lists=[]),
        "cut short": of(whole[:-1]), "a byte more": of(whole + b"\0"), "too old": of(issuer.list(issued=issuer.now - 90_000)),
        "not yet": of(issuer.list(issued=issuer.now + 3600)),
    }
    for at in range(3, len(whole), max(1, len(whole) // 24)):
        damaged[f"byte {at} of the list"] = of(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1:])
    for name, token in damaged.items():
        assert read(token, paper) == "V12", (name, read(token, paper))

    # The bundle itself: what is not signed is not read at all.
    header, payload, signature = good.split(".")
    twins = [good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1:] for at in range(0, len(good) - 2, max(1, len(good) // 40))]
    twins += [f"{header}.{payload}", f"{header}.{payload}.", f"{payload}.{header}.{signature}", good + "A" * 4, "", "..", good.replace(".", "~")]
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"yinzheng-bundle+jwt"}').rstrip(b"=").decode()
    twins += [f"{none}.{payload}.", f"{none}.{payload}.{signature}", issuer.bundle(key=new_key())]
    for token in twins:
        said = read(token, paper)
        assert not said.startswith("V"), (token[:60], said)
    print(f"     {sum(map(len, codes))} digits of {len(codes)} codes, {len(damaged)} lists and {len(twins)} bundles: none green")
    page.context.close()


STORIES = [every_digit]
