"""Offline codes and status lists through other implementations: pycose and cwt for COSE and CWT, token-status-list for the
bits of status lists and their JWT, cbor2, zlib and cryptography for the rest. Nothing here is ours but the table of
labels, which docs/offline-codes.md has.

    offline_check.py judge FOLDER   reads what our tests left in FOLDER, and twins of it, which must be refused
    offline_check.py live FOLDER    reads what a live service published (the story of tests/stories/offline.rs leaves it)
    offline_check.py make FOLDER    makes tests/data/{status_list,offline}, which our tests read

The CWT of a list is put together from the bits of token-status-list with pycose: that package (0.1.0a2) has the labels
of an early draft there.
"""

import base64
import hashlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings
import zlib

warnings.filterwarnings("ignore")

import cbor2
import cwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cwt import COSE, COSEKey
from pycose.headers import KID, Algorithm
from pycose.keys import EC2Key
from pycose.keys.curves import P256
from pycose.messages import CoseMessage, Sign1Message
from token_status_list import BitArray, IssuerStatusList, LinearIndexAllocator

PACKED, DEFLATE, OURS, SHOWN_FOR, SM2 = -66502, 1, -66503, -66504, -66501
STATUS_LIST, TTL, STATUS, TYP = 65533, 65534, 65535, 16
LIST_TYPE = "application/statuslist+cwt"
NOW = 1_795_420_800
WIDTH = [0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29]


def digits_of(data, prefix):
    body = prefix + "".join(
        str(int.from_bytes(data[at : at + 12], "big")).zfill(WIDTH[len(data[at : at + 12])])
        for at in range(0, len(data), 12)
    )
    return body + f"{98 - int(body) * 100 % 97:02}"


def bytes_of(digits):
    assert int(digits) % 97 == 1, "check digits"
    body, out = digits[2:-2], b""
    for at in range(0, len(body), 29):
        group = body[at : at + 29]
        out += int(group).to_bytes(WIDTH.index(len(group)), "big")
    return digits[:2], out


def split(data):
    """Two messages, one after the other."""
    stream = io.BytesIO(data)
    cbor2.CBORDecoder(stream).decode()
    return data[: stream.tell()], data[stream.tell() :]


def public(spki):
    return serialization.load_der_public_key(spki)


def pycose_key(key):
    numbers = key.public_numbers()
    return EC2Key(crv=P256, x=numbers.x.to_bytes(32, "big"), y=numbers.y.to_bytes(32, "big"))


def key_id(spki):
    return hashlib.sha256(spki).digest()[:8]


def verified(data, key, external=b""):
    """The payload if pycose finds the signature right."""
    try:
        message = CoseMessage.decode(data)
        message.external_aad = external
        message.key = pycose_key(key)
        return message if message.verify_signature() else None
    except Exception:
        return None


def claims_by_cwt(data, spki):
    """The claims, read by the package cwt, which finds the key by its name."""
    pem = public(spki).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = COSEKey.from_pem(pem, kid=key_id(spki), alg="ES256")
    return COSE.new().decode(data, key)


def sm2_verified(data, spki, external=b""):
    """OpenSSL's word on an SM2 signature; the frame is read by cbor2."""
    protected, unprotected, payload, signature = cbor2.loads(data).value
    header = cbor2.loads(protected)
    if header[1] != SM2 or unprotected:
        return None
    to_be_signed = cbor2.dumps(["Signature1", protected, external, payload])
    half = [int.from_bytes(part, "big") for part in (signature[:32], signature[32:])]
    with tempfile.TemporaryDirectory() as folder:
        files = {name: pathlib.Path(folder, name) for name in ("tbs", "sig", "key")}
        files["tbs"].write_bytes(to_be_signed)
        files["sig"].write_bytes(utils.encode_dss_signature(*half))
        files["key"].write_bytes(spki)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", files["key"], "-rawin", "-in",
             files["tbs"], "-sigfile", files["sig"], "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"],
            capture_output=True,
        )
    return (header, payload) if done.returncode == 0 else None


def unpacked(header, payload):
    return zlib.decompress(payload, -15) if header.get(PACKED) == DEFLATE else payload


def well_said(claims, name):
    ours = claims[OURS]
    fields = 4 if name.startswith("packed") else 3
    good = len(ours[2]) == fields and len(ours[3]) == 32 and ours[1] == "business-license"
    good &= claims[STATUS]["status_list"]["uri"].startswith("https://")
    good &= claims.get(1) == (None if 8 in claims else "11450900MB0000001X") and claims[4] > claims[6]
    return good and ((8 in claims) == name.startswith("phone"))


def judge_codes(folder):
    device = public((folder / "device.spki").read_bytes())
    for path in sorted(folder.glob("*.digits")):
        name, suite = path.stem, path.stem.rsplit("-", 1)[1]
        spki = (folder / f"{suite}.spki").read_bytes()
        prefix, data = bytes_of(path.read_text())
        proof = None
        if prefix == "91":
            data, proof = split(data)
        if suite == "p256":
            message = verified(data, public(spki))
            yield name, "pycose: the signature is right", message is not None
            header = cbor2.loads(cbor2.loads(data).value[0])
            plain = unpacked(header, message.payload)
            yield name, "cwt: reads the same", claims_by_cwt(data, spki) == message.payload
            twins = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(25, len(data) - 66, 17)]
            yield name, "pycose: twins are refused", not any(verified(twin, public(spki)) for twin in twins)
        else:
            read = sm2_verified(data, spki)
            yield name, "OpenSSL: the SM2 signature is right", read is not None
            header, plain = read[0], unpacked(*read)
            twin = data[:60] + bytes([data[60] ^ 1]) + data[61:]
            yield name, "OpenSSL: a twin is refused", sm2_verified(twin, spki) is None
            yield name, "pycose: refuses an algorithm it does not know", verified(data, device) is None
        yield name, "the key is named", header[4] == key_id(spki)
        yield name, "packed where that is shorter", PACKED in header or not name.startswith("packed")
        yield name, "the claims are as documented", well_said(cbor2.loads(plain), name)
        if proof:
            digest = hashlib.sha256(data).digest()
            message = verified(proof, device, digest)
            yield name, "pycose: the device's signature is right", message is not None
            yield name, "pycose: over this code only", verified(proof, device, hashlib.sha256(data + b"0").digest()) is None
            said = cbor2.loads(message.payload)
            yield name, "the device says when and what for", said == {6: NOW, SHOWN_FOR: "办理银行开户"}
        zbar = subprocess.run(["zbarimg", "--quiet", "--raw", path.with_suffix(".png")], capture_output=True)
        yield name, "zbar: reads the digits from the picture", zbar.stdout.decode().strip() == path.read_text()


def want(index, bits):
    """What our tests put into their lists."""
    return 1 if index < 1000 and index % 7 == 0 else 0


def b64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def judge_lists(folder):
    key = public((folder / "lists.spki").read_bytes())
    for bits in (1, 2, 4, 8):
        head, claims, signature = (folder / f"list-{bits}.jwt").read_text().split(".")
        half = [int.from_bytes(b64(signature)[at : at + 32], "big") for at in (0, 32)]
        key.verify(utils.encode_dss_signature(*half), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        header, claims = json.loads(b64(head)), json.loads(b64(claims))
        yield f"list-{bits}.jwt", "the header", header == {"alg": "ES256", "typ": "statuslist+jwt", "kid": "k1"}
        array = BitArray.load(claims["status_list"])
        same = all(array[index] == want(index, bits) for index in range(len(array)))
        yield f"list-{bits}.jwt", "token-status-list: every entry", same and len(array) == 1000
        message = verified((folder / f"list-{bits}.cwt").read_bytes(), key)
        yield f"list-{bits}.cwt", "pycose: the signature is right", message is not None
        inside = cbor2.loads(message.payload)
        other = BitArray(inside[STATUS_LIST]["bits"], zlib.decompress(inside[STATUS_LIST]["lst"]))
        yield f"list-{bits}.cwt", "token-status-list: the same bits", other.lst == array.lst
        same = all(inside[label] == claims[name] for label, name in ((2, "sub"), (4, "exp"), (6, "iat"), (TTL, "ttl")))
        yield f"list-{bits}.cwt", "the same claims in both forms", same
        protected = cbor2.loads(cbor2.loads((folder / f"list-{bits}.cwt").read_bytes()).value[0])
        yield f"list-{bits}.cwt", "the type is protected", protected == {1: -7, 4: b"k1", TYP: LIST_TYPE}


def opened(token, key):
    """Header and claims of a compact JWS if the signature is right."""
    head, body, signature = token.split(".")
    half = [int.from_bytes(b64(signature)[at : at + 32], "big") for at in (0, 32)]
    try:
        key.verify(utils.encode_dss_signature(*half), f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    except Exception:
        return None
    return json.loads(b64(head)), json.loads(b64(body))


def judge_live(folder):
    """What a service published: its key opens the bundle and both forms of the list, the bundle's keys the codes."""
    published = json.loads((folder / "key.json").read_text())
    spki = base64.b64decode(published["spki"])
    key = public(spki)
    yield "key", "its name is that of the key", published["kid"] == key_id(spki).hex()
    numbers, jwk = key.public_numbers(), published["jwk"]
    point = [int.from_bytes(b64(jwk[half]), "big") for half in "xy"]
    yield "key", "the JWK is the same key", point == [numbers.x, numbers.y] and jwk["kid"] == published["kid"]
    token = (folder / "bundle.jwt").read_text()
    header, claims = opened(token, key)
    yield "bundle", "cryptography: the signature is right", claims["exp"] - claims["iat"] == 86400
    want = {"alg": "ES256", "typ": "yinzheng-bundle+jwt", "kid": published["kid"]}
    yield "bundle", "the header", header == want
    twin = token[:200] + ("A" if token[200] != "A" else "B") + token[201:]
    yield "bundle", "cryptography: a twin is refused", opened(twin, key) is None
    header, said = opened((folder / "list.jwt").read_text(), key)
    yield "list.jwt", "cryptography: the signature is right", header["typ"] == "statuslist+jwt"
    array = BitArray.load(said["status_list"])
    message = verified((folder / "list.cwt").read_bytes(), key)
    yield "list.cwt", "pycose: the signature is right", message is not None
    inside = cbor2.loads(message.payload)
    other = BitArray(inside[STATUS_LIST]["bits"], zlib.decompress(inside[STATUS_LIST]["lst"]))
    yield "list", "token-status-list: the same bits in both forms", other.lst == array.lst and len(array) == 1 << 20
    yield "list", "ttl and end", (said["ttl"], said["exp"] - said["iat"]) == (900, 86400)
    carried = {one["uri"]: base64.b64decode(one["cwt"]) for one in claims["lists"]}
    yield "bundle", "carries the list", carried.get(said["sub"]) == (folder / "list.cwt").read_bytes()
    keys = {one["kid"]: base64.b64decode(one["spki"]) for one in claims["keys"]}
    places = {}
    for name, value in (("live", 0), ("ended", 1)):
        prefix, data = bytes_of((folder / f"{name}.digits").read_text())
        header = cbor2.loads(cbor2.loads(data).value[0])
        issuer = keys[header[4].hex()]
        message = verified(data, public(issuer))
        yield name, "pycose: signed by a key of the bundle", message is not None
        yield name, "cwt: reads the same", claims_by_cwt(data, issuer) == message.payload
        code = cbor2.loads(unpacked(header, message.payload))
        place = code[STATUS]["status_list"]
        places[name] = place["idx"]
        yield name, "names the list", place["uri"] == said["sub"] and prefix == "81"
        yield name, "token-status-list: says where it stands", array[place["idx"]] == value
    yield "list", "one entry is not in force", sum(array[index] != 0 for index in range(len(array))) == 1
    with tempfile.TemporaryDirectory() as scratch:
        for dpi in (300, 150):
            picture = pathlib.Path(scratch, f"sheet-{dpi}")
            subprocess.run(["pdftoppm", "-r", str(dpi), "-png", "-singlefile", folder / "sheet.pdf", picture], check=True)
            zbar = subprocess.run(["zbarimg", "--quiet", "--raw", f"{picture}.png"], capture_output=True)
            same = zbar.stdout.decode().strip() == (folder / "live.digits").read_text()
            yield "sheet.pdf", f"zbar: reads it at {dpi} dots an inch", same


def make(folder):
    """Lists and codes of theirs for us to read, with keys that are thrown away."""
    lists, codes = folder / "status_list", folder / "offline"
    for path in (lists, codes):
        path.mkdir(parents=True, exist_ok=True)
    secret = ec.generate_private_key(ec.SECP256R1())
    spki = secret.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    number = secret.private_numbers()
    theirs = EC2Key(
        crv=P256,
        x=number.public_numbers.x.to_bytes(32, "big"),
        y=number.public_numbers.y.to_bytes(32, "big"),
        d=number.private_value.to_bytes(32, "big"),
    )

    def sign(tbs):
        one, other = utils.decode_dss_signature(secret.sign(tbs, ec.ECDSA(hashes.SHA256())))
        return one.to_bytes(32, "big") + other.to_bytes(32, "big")

    def sign1(payload, phdr, external=b"", uhdr=None):
        from pycose.algorithms import Es256

        message = Sign1Message(phdr={Algorithm: Es256, **phdr}, uhdr=uhdr or {}, payload=payload)
        message.external_aad = external
        message.key = theirs
        return message.encode()

    uri = "https://status.example.com/lists/1"
    for bits in (1, 2, 4, 8):
        array = BitArray.of_size(bits, 1024)
        for index in range(1024):
            array[index] = index * 7 % 256 & array.mask
        issuer = IssuerStatusList(array, LinearIndexAllocator(1024))
        jwt = issuer.sign_jwt_payload(
            alg="ES256", kid="12", iss="https://example.com", sub=uri, iat=NOW, exp=NOW + 86400, ttl=900
        )
        signature = base64.urlsafe_b64encode(sign(jwt)).rstrip(b"=").decode()
        (lists / f"{bits}.jwt").write_text(f"{jwt.decode()}.{signature}\n")
        claims = {
            2: uri, 6: NOW, 4: NOW + 86400, TTL: 900,
            STATUS_LIST: {"bits": bits, "lst": array.compressed()},
        }  # fmt: skip
        (lists / f"{bits}.cwt").write_bytes(sign1(cbor2.dumps(claims), {TYP: LIST_TYPE}, uhdr={KID: b"12"}))
    point = secret.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    (lists / "key.hex").write_text(point.hex() + "\n")

    (codes / "key.spki").write_bytes(spki)
    base = {
        1: "11450900MB0000001X", 2: bytes(range(12)), 4: NOW + 7 * 86400, 6: NOW,
        STATUS: {"status_list": {"idx": 5, "uri": uri}},
        OURS: {1: "business-license", 2: {"name": "王*"}, 3: bytes(32)},
    }  # fmt: skip
    paper = {**base, OURS: {**base[OURS], 4: "租房"}}
    numbers = number.public_numbers
    cnf = {1: {1: 2, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y % 2 == 1}}
    phone = {label: claim for label, claim in base.items() if label != 1} | {8: cnf}
    for name, claims in (("paper", paper), ("phone", phone)):
        # RFC 8949 §4.2.1: by the bytes of the keys, where "canonical" of cbor2 goes by their length first.
        plain = deterministic(claims)
        code = sign1(plain, {KID: key_id(spki)})
        if name == "paper":
            (codes / "paper.digits").write_text(digits_of(code, "81") + "\n")
        else:
            proof = sign1(deterministic({6: NOW, SHOWN_FOR: "租房"}), {}, hashlib.sha256(code).digest())
            (codes / "phone.digits").write_text(digits_of(code + proof, "91") + "\n")


def deterministic(value):
    if isinstance(value, dict):
        entries = sorted((cbor2.dumps(key), deterministic(inner)) for key, inner in value.items())
        head = cbor2.dumps({i: i for i in range(len(entries))})[: 1 if len(entries) < 24 else 2]
        return head + b"".join(key + inner for key, inner in entries)
    return cbor2.dumps(value)


def main(what, folder):
    folder = pathlib.Path(folder)
    if what == "make":
        return make(folder)
    counts = {True: 0, False: 0}
    checks = [*judge_live(folder)] if what == "live" else [*judge_codes(folder), *judge_lists(folder)]
    for name, check, good in checks:
        counts[bool(good)] += 1
        print(f"{'ok   ' if good else 'FAIL '} {name}: {check}")
    print(f"\n{counts[True]} passed, {counts[False]} failed")
    if counts[False] or counts[True] < (20 if what == "live" else 60):
        sys.exit("FAIL  too few checks, or one failed")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
