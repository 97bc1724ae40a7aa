// Checks offline codes without a network (docs/offline-codes.md). Reads exactly the one form in which they are written:
// whatever else there is, is refused. The signature comes first; nothing is unpacked or read before it is right.
// Signatures and digests are the browser's own (WebCrypto); what decides which key and which algorithm is the bundle.
"use strict";

(() => {
  const MOST_DIGITS = 1212;
  const MOST_CODE = 500; // bytes
  const MOST_PROOF = 300;
  const MOST_CLAIMS = 2048;
  const MOST_BUNDLE = 16 << 20; // characters
  const MOST_LIST = 16 << 20; // bytes, unpacked
  const PROOF_LIFE = 90; // seconds, before and after
  const SKEW = 300;
  const DAY = 86400;
  const ES256 = -7;
  const SM2 = -66501;
  const PACKED = -66502;
  const OURS = -66503;
  const SHOWN_FOR = -66504;
  const GROUPS = [0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29]; // digits that so many bytes take

  /** Not of our form; the message says what is wrong. */
  class Malformed extends Error {}
  const need = (fine, why) => {
    if (!fine) throw new Malformed(why);
  };
  const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const join = (...parts) => new Uint8Array(parts.flatMap((part) => Array.from(part)));
  const utf8 = new TextEncoder();
  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const fromBase64Url = (text) => {
    need(/^[A-Za-z0-9_-]*$/.test(text), "base64url");
    return fromBase64(text.replace(/-/g, "+").replace(/_/g, "/"));
  };

  // ---- Digits

  /** The digits alone: white space, hyphens and full-width digits are how people write them. */
  const plain = (text) =>
    text.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[\s-]/g, "");

  /** What is left modulo 97 (ISO/IEC 7064). */
  const remainder = (digits) => {
    let rest = 0;
    for (let at = 0; at < digits.length; at += 10) {
      const part = digits.slice(at, at + 10);
      rest = (rest * 10 ** part.length + Number(part)) % 97;
    }
    return rest;
  };

  function bytesOf(digits) {
    const out = [];
    for (let at = 0; at < digits.length; at += 29) {
      const group = digits.slice(at, at + 29);
      const length = GROUPS.indexOf(group.length);
      need(length > 0, "digits");
      let number = BigInt(group);
      need(number >> BigInt(8 * length) === 0n, "digits");
      const bytes = [];
      for (let i = 0; i < length; i++, number >>= 8n) bytes.unshift(Number(number & 255n));
      out.push(...bytes);
    }
    return new Uint8Array(out);
  }

  /** What a text looks like, as src/domain/scanned.rs tells it. */
  function tell(text) {
    const digits = plain(text);
    if (!digits || text.length > 8192) return "other";
    if (!/^\d+$/.test(digits)) {
      const address = /^[a-z0-9+.-]{2,20}:./i.test(text.trim()) || /^(http|www\.|wxp:)/i.test(text.trim());
      return address ? "address" : "other";
    }
    const bare = digits.length === 28 && digits[0] === "0" ? digits.slice(1) : digits;
    const prefix = Number(bare.slice(0, 2));
    if (prefix === 71 && bare.length === 27) return "rolling";
    if (bare.length > 100 && /^[89]/.test(bare)) return { 81: "paper", 91: "phone" }[prefix] || "other-version";
    const payment = (prefix >= 10 && prefix <= 15) || (prefix >= 25 && prefix <= 30) || prefix === 62;
    if (payment && bare.length >= 16 && bare.length <= 24) return "payment";
    if ((prefix === 71 && bare.length >= 20) || ((prefix === 81 || prefix === 91) && bare.length >= 30)) return "incomplete";
    return "other";
  }

  /** Whether digits are one of our codes from its first to its last. */
  const isWhole = (text) => ["rolling", "paper", "phone"].includes(tell(text)) && remainder(plain(text)) === 1;

  // ---- CBOR (RFC 8949), in the one way of section 4.2.1

  /** Reads one item; maps come as Map with numbers and texts as keys. */
  class Cbor {
    constructor(bytes) {
      this.bytes = bytes;
      this.at = 0;
    }
    static whole(bytes) {
      const reader = new Cbor(bytes);
      const value = reader.item(0);
      need(reader.at === bytes.length, "encoding");
      return value;
    }
    take(length) {
      need(length <= this.bytes.length - this.at, "encoding");
      this.at += length;
      return this.bytes.subarray(this.at - length, this.at);
    }
    /** The number of an item's head; only its shortest form. */
    head() {
      const [first] = this.take(1);
      const major = first >> 5;
      const small = first & 31;
      if (small < 24) return [major, small];
      need(small < 28, "encoding");
      const width = 1 << (small - 24);
      let number = 0;
      for (const byte of this.take(width)) number = number * 256 + byte;
      need(Number.isSafeInteger(number), "encoding");
      need(number >= (width === 1 ? 24 : 256 ** (width / 2)), "encoding");
      return [major, number];
    }
    item(depth) {
      need(depth < 16, "encoding");
      const [major, number] = this.head();
      switch (major) {
        case 0:
          return number;
        case 1:
          return -1 - number;
        case 2:
          return this.take(number).slice();
        case 3:
          try {
            return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(number));
          } catch {
            throw new Malformed("encoding");
          }
        case 4: {
          need(number <= 64, "encoding");
          return Array.from({ length: number }, () => this.item(depth + 1));
        }
        case 5: {
          need(number <= 64, "encoding");
          const map = new Map();
          let before = null;
          for (let i = 0; i < number; i++) {
            const from = this.at;
            const key = this.item(depth + 1);
            need(typeof key === "number" || typeof key === "string", "encoding");
            const written = this.bytes.subarray(from, this.at);
            need(!before || follows(before, written), "encoding");
            before = written;
            map.set(key, this.item(depth + 1));
          }
          return map;
        }
        case 6:
          return { tag: number, inner: this.item(depth + 1) };
        default:
          need(number === 20 || number === 21, "encoding");
          return number === 21;
      }
    }
  }

  /** Whether bytes stand after others in the order of keys; equal ones do not. */
  function follows(before, after) {
    for (let at = 0; at < Math.min(before.length, after.length); at++) {
      if (before[at] !== after[at]) return before[at] < after[at];
    }
    return before.length < after.length;
  }

  const isMap = (value) => value instanceof Map;
  const isBytes = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length);
  const isTime = (value) => Number.isInteger(value) && value >= 0 && value < 253402300800;

  /** The head of a string of bytes, for what is signed. */
  function bytesHead(length) {
    if (length < 24) return [0x40 | length];
    if (length < 256) return [0x58, length];
    if (length < 65536) return [0x59, length >> 8, length & 255];
    return [0x5a, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  }

  // ---- COSE_Sign1 (RFC 9052)

  /** Reads a message under tag 18 with nothing unprotected. */
  function sign1(bytes, most) {
    need(bytes.length <= most, "message");
    return sign1Of(Cbor.whole(bytes));
  }

  function sign1Of(value) {
    need(value && value.tag === 18 && Array.isArray(value.inner) && value.inner.length === 4, "message");
    const [headerBytes, unprotected, payload, signature] = value.inner;
    need(isBytes(headerBytes) && isBytes(payload) && isBytes(signature), "message");
    need(isMap(unprotected) && unprotected.size === 0, "encoding");
    const header = Cbor.whole(headerBytes);
    // Label 2 names what must be understood; nothing of ours must.
    need(isMap(header) && header.has(1) && !header.has(2), "message");
    return { headerBytes, header, payload, signature };
  }

  async function isSignedBy(message, key, external = new Uint8Array()) {
    if (message.signature.length !== 64) return false;
    const { headerBytes, payload } = message;
    const signed = join(
      [0x84, 0x6a], utf8.encode("Signature1"), bytesHead(headerBytes.length), headerBytes,
      bytesHead(external.length), external, bytesHead(payload.length),
    );
    const whole = new Uint8Array(signed.length + payload.length);
    whole.set(signed);
    whole.set(payload, signed.length);
    return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, message.signature, whole);
  }

  const p256 = (form, bytes) =>
    crypto.subtle.importKey(form, bytes, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);

  /** Unpacks to at most so many bytes; what stands behind the end, a dictionary or a wrong checksum is refused. */
  async function inflate(form, bytes, most) {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(form)).getReader();
    const parts = [];
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        length += value.length;
        if (length > most) {
          reader.cancel().catch(() => {});
          throw new Malformed("packing");
        }
        parts.push(value);
      }
    } catch {
      throw new Malformed("packing");
    }
    const out = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  // ---- The bundle

  /** Reads a bundle that the key (SubjectPublicKeyInfo) signed. */
  async function readBundle(token, publisher) {
    need(typeof token === "string" && token.length <= MOST_BUNDLE, "bundle");
    const parts = token.trim().split(".");
    need(parts.length === 3, "bundle");
    const text = (part) => new TextDecoder("utf-8", { fatal: true }).decode(fromBase64Url(part));
    const header = JSON.parse(text(parts[0]));
    need(header.alg === "ES256" && header.typ === "yinzheng-bundle+jwt" && header.crit === undefined, "bundle");
    const key = await p256("spki", publisher);
    const input = utf8.encode(`${parts[0]}.${parts[1]}`);
    const right = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, fromBase64Url(parts[2]), input);
    need(right, "bundle");
    const claims = JSON.parse(text(parts[1]));
    need(isTime(claims.iat) && isTime(claims.exp) && Array.isArray(claims.keys) && Array.isArray(claims.lists), "bundle");
    const keys = new Map();
    for (const one of claims.keys) {
      const spki = fromBase64(one.spki);
      need(hex((await sha256(spki)).slice(0, 8)) === one.kid, "bundle");
      keys.set(one.kid, { ...one, verifies: one.alg === "ES256" ? await p256("spki", spki) : null });
    }
    const lists = new Map(claims.lists.map((list) => [list.uri, list.cwt]));
    return { iat: claims.iat, exp: claims.exp, keys, lists, texts: claims.texts || {}, publisher: key, read: new Map() };
  }

  /** A list of the bundle, read once; throws where it is refused. */
  async function listOf(bundle, uri) {
    if (!bundle.read.has(uri)) bundle.read.set(uri, readList(bundle, uri));
    return bundle.read.get(uri);
  }

  /**
   * As of when a bundle says all that it says (seconds; null where it has no list), which may be long before it was made itself,
   * and until when: a list that is refused says nothing at any time.
   */
  async function agesOf(bundle) {
    let [asOf, until] = [null, bundle.exp];
    for (const uri of bundle.lists.keys()) {
      try {
        const { issued, expires } = await listOf(bundle, uri);
        asOf = Math.min(asOf ?? bundle.iat, issued);
        until = Math.min(until, expires);
      } catch {
        until = 0;
      }
    }
    return { asOf, until };
  }

  async function readList(bundle, uri) {
    const message = sign1(fromBase64(bundle.lists.get(uri)), MOST_BUNDLE);
    need(message.header.get(1) === ES256, "status_list.algorithm");
    need(await isSignedBy(message, bundle.publisher), "status_list.signature");
    need(message.header.get(16) === "application/statuslist+cwt", "status_list.type");
    const claims = Cbor.whole(message.payload);
    need(isMap(claims), "status_list.claims");
    need(claims.get(2) === uri, "status_list.subject");
    const [issued, expires, ttl, list] = [claims.get(6), claims.get(4), claims.get(65534) ?? 0, claims.get(65533)];
    need(isTime(issued) && isTime(expires) && expires > issued, "status_list.times");
    need(Number.isInteger(ttl) && ttl >= 0 && ttl <= 366 * DAY && isMap(list), "status_list.claims");
    const bits = list.get("bits");
    need([1, 2, 4, 8].includes(bits) && isBytes(list.get("lst")), "status_list.bits");
    const bytes = await inflate("deflate", list.get("lst"), MOST_LIST);
    need(bytes.length > 0, "status_list.empty");
    return { issued, expires, ttl, bits, bytes };
  }

  /** What the list that a code names says of it (src/domain/status_list.rs). */
  async function statusOf(bundle, reference, now) {
    if (!bundle.lists.has(reference.uri)) return { finding: "offline.status_no_list" };
    let list;
    try {
      list = await listOf(bundle, reference.uri);
    } catch (error) {
      return { finding: "offline.status_refused", why: error.message };
    }
    const at = Math.floor(reference.index / (8 / list.bits));
    if (at >= list.bytes.length) return { finding: "offline.status_past_end" };
    const shift = (reference.index % (8 / list.bits)) * list.bits;
    const value = (list.bytes[at] >> shift) & (2 ** list.bits - 1);
    const age = Math.max(0, now - list.issued);
    const told = { asOf: list.issued, age, aged: age > list.ttl };
    if (list.issued > now + SKEW || bundle.iat > now + SKEW) return { ...told, finding: "offline.status_from_future" };
    if (now > list.expires || now > bundle.exp) return { ...told, finding: "offline.status_too_old" };
    const finding = { 0: told.aged ? "status_valid_aged" : "status_valid", 1: "status_ended", 2: "status_suspended" }[value];
    return { ...told, finding: `offline.${finding || "status_other"}` };
  }

  // ---- Claims of a code

  /** A text that people read on one line, with nothing in it that hides or turns around what stands beside it. */
  const isText = (text, most) =>
    typeof text === "string" && text !== "" && text.trim() === text && [...text].length <= most &&
    !/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u.test(text);
  const isName = (text) => typeof text === "string" && /^[a-z0-9_-]{1,40}$/.test(text);
  const only = (map, labels) => [...map.keys()].every((label) => labels.includes(label));

  function claimsOf(bytes, issuer) {
    const claims = Cbor.whole(bytes);
    need(isMap(claims), "claims");
    const paper = !claims.has(8);
    const ours = claims.get(OURS);
    need(isMap(ours) && only(claims, paper ? [1, 2, 3, 4, 5, 6, 65535, OURS] : [2, 4, 5, 6, 8, 65535, OURS]), "claims");
    need(only(ours, paper ? [1, 2, 3, 4] : [1, 2, 3]), "claims");
    const issued = claims.get(6);
    const until = claims.get(4);
    const from = claims.has(5) ? claims.get(5) : issued;
    need([issued, until, from].every(isTime) && until > from && until > issued, "values");
    need(!claims.has(5) || from !== issued, "encoding");
    const lives = [7, 30, 90].map((days) => days * DAY);
    need(paper ? lives.includes(until - from) : until - from <= 31 * DAY, "values");
    const license = claims.get(2);
    need(isBytes(license, 12) || (typeof license === "string" && /^[0-9A-Z.]{20,120}$/.test(license)), "claims");
    const fields = ours.get(2);
    need(isName(ours.get(1)) && isMap(fields) && fields.size <= 12 && isBytes(ours.get(3), 32), "claims");
    need([...fields].every(([name, value]) => isName(name) && isText(value, 60)), "values");
    const status = claims.get(65535);
    const reference = isMap(status) && only(status, ["status_list"]) ? status.get("status_list") : null;
    need(isMap(reference) && only(reference, ["idx", "uri"]), "claims");
    const [index, uri] = [reference.get("idx"), reference.get("uri")];
    need(Number.isInteger(index) && index >= 0 && typeof uri === "string", "claims");
    need(/^https?:\/\/[\x21-\x7e]+$/.test(uri) && uri.length <= 120, "values");
    const code = { paper, issued, from, until, license, kind: ours.get(1), fields, status: { index, uri }, issuer };
    if (paper) {
      code.issuer = claims.get(1);
      code.purpose = ours.get(4);
      code.recipient = claims.get(3);
      need(/^[0-9A-Z]{18}$/.test(code.issuer) && isText(code.purpose, 30), "values");
      need(code.recipient === undefined || isText(code.recipient, 30), "values");
    } else {
      const key = isMap(claims.get(8)) && only(claims.get(8), [1]) ? claims.get(8).get(1) : null;
      need(isMap(key) && only(key, [1, -1, -2, -3]) && key.get(1) === 2 && key.get(-1) === 1, "claims");
      need(isBytes(key.get(-2), 32) && typeof key.get(-3) === "boolean", "claims");
      code.device = { x: key.get(-2), odd: key.get(-3) };
    }
    return code;
  }

  // ---- The device's proof

  /** The point of P-256 with that first coordinate, uncompressed: browsers take no other. WebCrypto checks that it is one. */
  function pointOf({ x, odd }) {
    const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
    const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
    const first = BigInt("0x" + hex(x));
    need(first < p, "claims");
    const square = (((first * first - 3n) * first + b) % p + p) % p;
    let [root, base, power] = [1n, square, (p + 1n) / 4n];
    for (; power > 0n; power >>= 1n, base = (base * base) % p) if (power & 1n) root = (root * base) % p;
    need((root * root) % p === square, "claims");
    if ((root & 1n) !== (odd ? 1n : 0n)) root = p - root;
    const second = root.toString(16).padStart(64, "0");
    return join([4], x, second.match(/../g).map((pair) => parseInt(pair, 16)));
  }

  async function proofOf(code, codeBytes, proof, now) {
    const device = await p256("raw", pointOf(code.device)).catch(() => {
      throw new Malformed("claims");
    });
    if (!proof.length) return { finding: "offline.no_proof" };
    let message;
    try {
      message = sign1(proof, MOST_PROOF);
      need(same(message.headerBytes, [0xa1, 1, 0x26]), "message");
    } catch {
      return { finding: "offline.proof_malformed" };
    }
    const digest = await sha256(codeBytes);
    if (!(await isSignedBy(message, device, digest))) return { finding: "offline.proof_forged" };
    let said;
    try {
      said = Cbor.whole(message.payload);
      need(isMap(said) && only(said, [6, SHOWN_FOR]) && isTime(said.get(6)) && isText(said.get(SHOWN_FOR), 30), "values");
    } catch {
      return { finding: "offline.proof_malformed" };
    }
    const seconds = now - said.get(6);
    if (seconds > PROOF_LIFE) return { finding: "offline.proof_stale", seconds };
    if (-seconds > PROOF_LIFE) return { finding: "offline.proof_ahead", seconds: -seconds };
    const shown = hex(await sha256(join(digest, message.payload)));
    return { finding: "offline.proven", purpose: said.get(SHOWN_FOR), seconds, shown };
  }

  // ---- Checking

  /** Which reason of the desk (docs/desk.md) a finding leads to. */
  const REASONS = {
    "offline.not_ours": "V17", "offline.other_version": "V18", "offline.misread": "V11", "offline.too_long": "V10",
    "offline.malformed": "V10", "offline.unknown_key": "V13", "offline.wrong_algorithm": "V10", "offline.forged": "V10",
    "offline.key_of_another": "V10", "offline.key_not_for_kind": "V10", "offline.key_not_valid": "V10",
    "offline.no_proof": "V08", "offline.proof_malformed": "V10", "offline.proof_forged": "V10", "offline.proof_stale": "V08",
    "offline.proof_ahead": "V08", "offline.not_yet_valid": "V04", "offline.expired": "V08", "offline.status_ended": "V05",
    "offline.status_suspended": "V06", "offline.needs_network": "V20",
  };
  const refused = (finding, more = {}) => ({ ...more, finding, reason: REASONS[finding] || "V12" });

  /**
   * Checks digits against a bundle (null where there is none) at `now`, in whole seconds: the reason, the deciding finding,
   * and, only where a known key's signature is right and nothing is against it, what the code says.
   */
  async function check(text, bundle, now) {
    const digits = plain(text);
    if (digits.length > MOST_DIGITS) return refused("offline.too_long");
    if (!/^[89]\d{100,}$/.test(digits)) return refused("offline.not_ours");
    if (digits[1] !== "1") return refused("offline.other_version");
    if (remainder(digits) !== 1) return refused("offline.misread");
    try {
      const bytes = bytesOf(digits.slice(2, -2));
      if (digits[0] === "8") return await examine(bytes, null, bundle, now);
      const reader = new Cbor(bytes);
      reader.item(0);
      return await examine(bytes.slice(0, reader.at), bytes.slice(reader.at), bundle, now);
    } catch (error) {
      if (error instanceof Malformed) return refused("offline.malformed", { why: error.message });
      throw error;
    }
  }

  /** Why a key may not have signed a code, by what the bundle says of it. */
  function unfitFor(key, code, kind) {
    if (code.issuer !== key.issuer) return "offline.key_of_another";
    if (!kind) return "offline.key_not_for_kind";
    if (code.issued < key.not_before || code.issued > key.not_after) return "offline.key_not_valid";
    return null;
  }

  async function examine(bytes, proof, bundle, now) {
    const message = sign1(bytes, MOST_CODE);
    const kid = message.header.get(4);
    need(isBytes(kid), "message");
    if (!bundle) return refused("offline.status_no_list");
    const key = bundle.keys.get(hex(kid));
    const algorithm = message.header.get(1);
    // Browsers know no SM2: this desk can say nothing, for or against.
    if (algorithm === SM2 && (!key || !key.verifies)) return refused("offline.needs_network");
    if (!key) return refused("offline.unknown_key", { key: hex(kid) });
    if (!key.verifies || algorithm !== ES256) return refused("offline.wrong_algorithm");
    if (!(await isSignedBy(message, key.verifies))) return refused("offline.forged");
    let payload = message.payload;
    if (message.header.has(PACKED)) {
      need(message.header.get(PACKED) === 1, "packing");
      payload = await inflate("deflate-raw", payload, MOST_CLAIMS);
    }
    const code = claimsOf(payload, key.issuer);
    need(code.paper === (proof === null), "parts");
    const kind = (key.kinds || []).find((kind) => kind.code === code.kind);
    const unfit = unfitFor(key, code, kind);
    // Past its end a bundle cannot tell who may sign what; of a kind given after it was made it does not know (src/domain/offline_code/judge.rs).
    const unknown = now > bundle.exp || (unfit === "offline.key_not_for_kind" && code.issued > bundle.iat);
    if (unfit && !unknown) return refused(unfit);
    const proven = code.paper ? null : await proofOf(code, bytes, proof, now);
    if (proven && proven.finding !== "offline.proven") return refused(proven.finding, proven);
    if (now < code.from) return refused("offline.not_yet_valid");
    if (now > code.until) return refused("offline.expired");
    if (unfit) return refused("offline.bundle_too_old");
    const status = await statusOf(bundle, code.status, now);
    if (!/status_valid/.test(status.finding)) return refused(status.finding, status);
    const purpose = code.paper ? code.purpose : proven.purpose;
    return { ...status, reason: code.paper ? "V02" : "V01", code, key, kind, kid: hex(kid), purpose, shown: proven?.shown };
  }

  globalThis.yinzhengOffline = { plain, tell, isWhole, readBundle, agesOf, check };
})();
