"""Offline codes, status lists and bundles as docs/offline-codes.md has them, made by cbor2 and the cryptography library
alone: what the desk's script is tried with when the service is gone, and every twin of it with one thing changed."""
import base64
import hashlib
import json
import zlib

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

DAY = 86400
GROUPS = [0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29]
DEPARTMENT = "11990000MB0000001M"
LIST = "https://zz.example.gov.cn/s/1"
FIELDS = {"name": "景川市云栖茶业有限公司", "credit_code": "91990000MA00000K2X"}


def ordered(entries):
    """A map in the order of its keys' bytes (RFC 8949 section 4.2.1)."""
    return dict(sorted(entries.items(), key=lambda entry: cbor2.dumps(entry[0])))


def fixed(key, data):
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def sign1(key, header, payload, external=b""):
    protected = cbor2.dumps(ordered(header))
    signed = cbor2.dumps(["Signature1", protected, external, payload])
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, fixed(key, signed)]))


def spki(key):
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def kid(key):
    return hashlib.sha256(spki(key)).digest()[:8]


def digits(prefix, data):
    body = ""
    for at in range(0, len(data), 12):
        group = data[at:at + 12]
        body += str(int.from_bytes(group, "big")).zfill(GROUPS[len(group)])
    rest = int(prefix + body) * 100 % 97
    return f"{prefix}{body}{98 - rest:02}"


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def address_of(cwt):
    """The address that a list says it has; the usual one of what is damaged."""
    try:
        return cbor2.loads(cbor2.loads(cwt).value[2])[2]
    except Exception:
        return LIST


class Issuer:
    """A department's key and the publisher's, and what they sign."""

    def __init__(self, now):
        self.now = int(now)
        self.key, self.publisher, self.device = new_key(), new_key(), new_key()

    def claims(self, at, index, days, ours=None):
        ours = ordered({1: "business-license", 2: ordered(FIELDS), 3: bytes(32), **(ours or {})})
        return {
            2: "11100000MB0143028R001.11990000MB0000001M.20260000000001.001.1", 4: at + days * DAY, 6: at,
            65535: {"status_list": {"idx": index, "uri": LIST}}, -66503: ours,
        }

    def code(self, claims, key=None, alg=-7, packed=True):
        payload = cbor2.dumps(claims)
        header = {1: alg, 4: kid(key or self.key)}
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        small = deflate.compress(payload) + deflate.flush()
        if packed and len(small) < len(payload):
            header[-66502], payload = 1, small
        return sign1(key or self.key, header, payload)

    def paper(self, at=None, index=1, key=None, alg=-7, recipient=None, days=30, changes=None):
        at = self.now - 3600 if at is None else at
        claims = self.claims(at, index, days, {4: "办理银行业务"})
        claims[1] = DEPARTMENT
        if recipient:
            claims[3] = recipient
        claims.update(changes or {})
        return digits("81", self.code(ordered(claims), key, alg))

    def phone(self, shown_at=None, index=2, proof=True, device=None):
        at = self.now - 3600
        numbers = self.device.public_key().public_numbers()
        point = ordered({1: 2, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: bool(numbers.y & 1)})
        claims = self.claims(at, index, 7)
        claims[8] = {1: point}
        code = self.code(ordered(claims))
        if not proof:
            return digits("91", code)
        said = cbor2.dumps(ordered({6: self.now if shown_at is None else int(shown_at), -66504: "窗口办事"}))
        return digits("91", code + sign1(device or self.device, {1: -7}, said, hashlib.sha256(code).digest()))

    def list(self, issued=None, ended=(), suspended=(), life=DAY, packed=None, key=None, uri=LIST):
        issued = self.now - 60 if issued is None else int(issued)
        bits = bytearray(1 << 18)
        for value, indexes in ((1, ended), (2, suspended)):
            for index in indexes:
                bits[index // 4] |= value << index % 4 * 2
        claims = {
            2: uri, 4: issued + life, 6: issued, 65534: 900,
            65533: {"lst": zlib.compress(bytes(bits), 9) if packed is None else packed, "bits": 2},
        }
        return self.sealed_list(claims, key)

    def sealed_list(self, claims, key=None):
        """A status list of those claims."""
        claims[65533] = ordered(claims[65533])
        header = {1: -7, 4: kid(self.publisher), 16: "application/statuslist+cwt"}
        return sign1(key or self.publisher, header, cbor2.dumps(ordered(claims)))

    def bundle(self, issued=None, lists=None, key=None, alg="ES256", kinds=None, **more):
        """The compact JWS."""
        issued = self.now - 30 if issued is None else int(issued)
        kind = {
            "code": "business-license", "title": {"zh": "营业执照", "en": "Business license"},
            "fields": {"name": {"zh": "名称", "en": "Name"}, "credit_code": {"zh": "统一社会信用代码", "en": "Credit code"}},
        }
        known = {
            "kid": kid(self.key).hex(), "spki": base64.b64encode(spki(self.key)).decode(), "alg": alg,
            "issuer": DEPARTMENT, "name": {"zh": "景川市市场监督管理局", "en": "Market Regulation, Jingchuan"},
            "kinds": [kind] if kinds is None else kinds, "not_before": self.now - 100 * DAY, "not_after": self.now + 100 * DAY,
        }
        lists = [self.list()] if lists is None else lists
        payload = {
            "iss": "https://zz.example.gov.cn", "iat": issued, "exp": issued + DAY, "ttl": 900, "keys": [known],
            "lists": [{"uri": address_of(one), "cwt": base64.b64encode(one).decode()} for one in lists],
            "texts": {"offline.forged": {"zh": "签名不对", "en": "The signature is wrong"}}, **more,
        }
        header = {"alg": "ES256", "typ": "yinzheng-bundle+jwt", "kid": kid(self.publisher).hex()}
        part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
        signed = f"{part(header)}.{part(payload)}"
        signature = base64.urlsafe_b64encode(fixed(key or self.publisher, signed.encode())).rstrip(b"=").decode()
        return f"{signed}.{signature}"

    def key_answer(self):
        """As `GET /v1/verifier-bundle/key` gives it."""
        return json.dumps({"kid": kid(self.publisher).hex(), "alg": "ES256", "spki": base64.b64encode(spki(self.publisher)).decode()})
