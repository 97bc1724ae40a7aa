"""Bodies that are no JSON, for schemathesis: bytes go as they are."""
import schemathesis


@schemathesis.serializer("application/timestamp-query", "application/pdf", "application/octet-stream")
def raw_bytes(_context, value):
    if isinstance(value, bytes):
        return value
    if hasattr(value, "data"):
        return value.data
    return str(value).encode("utf-8", "replace")
