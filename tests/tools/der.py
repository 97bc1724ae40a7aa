"""A few words over DER for what no library of theirs knows: the values in a SEQUENCE, as they stand."""
from asn1crypto import parser


def content(der):
    """What stands in a value, without its tag and length."""
    return parser.parse(der, strict=True)[4]


def fields(der):
    """The values in a SEQUENCE, each as DER."""
    rest, found = content(der), []
    while rest:
        value = b"".join(parser.parse(rest)[3:6])
        found.append(value)
        rest = rest[len(value) :]
    return found


def bits(der):
    """The octets of a BIT STRING, after the count of unused bits."""
    return content(der)[1:]
