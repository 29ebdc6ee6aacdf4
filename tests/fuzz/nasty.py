"""Inputs that have broken somebody's service before: kept for good, sent to every route.

A value that breaks this one is added here with its mending.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

DEEP: Final = 100_000

# As text: in a path, in a query, and as every string of a body.
TEXTS: Final[Mapping[str, str]] = {
    "empty": "",
    "blank": " \t\u00a0\u2003",
    "NUL": "a\x00b",
    "control characters": "\x01\x02\x1b[31m\x7f\x85",
    "line ends": "a\r\nSet-Cookie: b=c\n\u2028\u2029",
    "right to left": "\u202egnirts\u202c\u2066",
    "combining": "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324",
    "invisible": "a\u200b\u200d\ufeff\u00adb",
    "beyond the basic plane": "\U0001f469\u200d\U0001f469\u200d\U0001f467\U0010fffd",
    "not characters": "\ufffe\uffff\ufffd",
    "look-alikes": "\u0391\u0412\u0421\u217b\u2460",
    "case that grows": "\u0130\u00df\ufb03\u0149",
    "SQL": "' OR 1=1; DROP TABLE schools; --",
    "SQL in a cast": "1::uuid); SELECT pg_sleep(9) --",
    "SQL parameters": ":urn $1 %s %(x)s ?",
    "a template": "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> ((child))",
    "a format": "{0.__class__} %n%s%x",
    "script": "<script>alert(1)</script>",
    "a path upwards": "../../../../etc/passwd",
    "an encoded path": "..%2f..%2f%00",
    "a look-up": "${jndi:ldap://127.0.0.1/a}",
    "a formula": "=cmd|'/C calc'!A0",
    "long": "a" * 5000,
    "long and various": "".join(sha256(b"%d" % number).hexdigest() for number in range(150)),
    "a number": "99999999999999999999999999",
    "a float": "1e309",
    "minus": "-1",
    "Arabic digits": "\u0661\u0662\u0663\u0664\u0665\u0666",
    "null in words": "null",
    "true in words": "true",
    "the first day": "0001-01-01",
    "the last day": "9999-12-31",
    "no day": "2027-02-30",
    "a day with a time": "2027-01-11T08:45:00+14:00",
    "a time with an offset": "08:45:00Z",
    "an early instant": "-999999-01-01T00:00:00Z",
    "an id of nobody": "00000000-0000-0000-0000-000000000000",
    "an id of everybody": "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "an id in braces": "{12345678-1234-5678-1234-567812345678}",
    "an id without hyphens": "12345678123456781234567812345678",
    # As people and their systems really write: none of these is nonsense.
    "a no-break space within": "07700\u00a0900123",
    "a byte order mark before": "\ufeffZo\u00eb",
    "an accent taken apart": "Zoe\u0308",
    "small letters and spaces": " h801200001001\t",
    "a stroke": "1/2",
    "an encoded stroke": "1%2F2",
    "zero width alone": "\u200b\u2060",
    "an empty Braille pattern": "\u2800",
    "a Hangul filler": "\u3164",
    "a cursor of nothing": "W10",
    "a cursor of NUL": "WyJcdTAwMDAiLCJcdTAwMDAiLCJcdTAwMDAiXQ",
    "a cursor of a list": "W1tdXQ",
}

# As any value within a JSON body.
VALUES: Final[Mapping[str, Any]] = {
    "null": None,
    "true": True,
    "zero": 0,
    "minus one": -1,
    "past 32 bits": 2**31,
    "past 64 bits": 2**64,
    "a huge number": 10**400,
    "a tiny number": 1e-320,
    "a fraction": 0.1,
    "an empty list": [],
    "an empty object": {},
    "a list of lists": [[[[]]]],
    "an object of objects": {"a": {"b": {"c": None}}},
    "another type's object": {"$ref": "#", "__proto__": {}, "constructor": {}},
}

# In every field that takes a number: what a database's columns cannot hold, and both sides of it.
NUMBERS: Final[Mapping[str, float]] = {
    "none": 0,
    "less than none": -1,
    "forty thousand": 40_000,
    "before 16 bits": -(2**15) - 1,
    "past 16 bits": 2**15,
    "past 31 bits": 2**31,
    "before 32 bits": -(2**31) - 1,
    "past 63 bits": 2**63,
    "past a double": 10**309,
    "nearly none": 1e-320,
    "a fraction": 1.5,
}

# As whole bodies, in place of a JSON document.
BODIES: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "a blank": b" ",
    "not JSON": b"marks=N&reason=x",
    "cut short": b'{"marks": [{"code": "N"',
    "two documents": b"{}{}",
    "a bare word": b"NaN",
    "Infinity within": b'{"marks": Infinity, "enrolment_ids": [-Infinity]}',
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep within an unknown field": b'{"x":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep within a line": b'[{"x":' + b"[" * DEEP + b"]" * DEEP + b"}]",
    "never closed": b"[" * DEEP,
    "a long number": b'{"version": ' + b"9" * 5000 + b"}",
    "a long number in a line": b'[{"date_of_birth": ' + b"9" * 5000 + b"}]",
    "duplicate keys": b'{"marks": [], "marks": null, "code": "N", "code": "/"}',
    "a lone surrogate": rb'{"reason": "\ud800", "enrolment_id": "\udfff", "name": "\ud800"}',
    "a lone surrogate as a key": rb'{"\ud800": 1}',
    "a lone surrogate in a line": rb'[{"urn": "\ud800", "upn": "\udfff", "\ud800": 1}]',
    "NUL as a key": rb'{"\u0000": 1, "a\u0000b": 2}',
    "a key that is a path": rb'{"~1/../a~0": 1, "#": 2, "": 3}',
    "not UTF-8": b'{"reason": "\xff\xfe\xc0\x80"}',
    "UTF-16": '{"marks": []}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "an enormous array": json.dumps([{}] * 20_000).encode(),
    "an enormous array of nothing": b"[" + b"null," * 500_000 + b"null]",
    "an enormous string": b'{"reason": "' + b"a" * 2_000_000 + b'"}',
    "many keys": json.dumps({f"k{number}": number for number in range(20_000)}).encode(),
    "lines without end": b"\n" * 100_000,
    "lines of several kinds": b'{}\n[]\nnull\n"a"\n1\n{"urn": 1}\n\x00\n\xff\n',
    "a form": b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n",
}

# How a body may be announced, whatever it is.
CONTENT_TYPES: Final = (
    "application/json",
    "application/json; charset=utf-16",
    "application/x-ndjson",
    "application/merge-patch+json",
    "text/plain",
    "text/html; charset=\u00fc",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    ";",
    "a" * 2000,
)

# Headers beside a good request.
HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "an unknown encoding": {"Content-Encoding": "gzip"},
    "all encodings": {"Accept-Encoding": "*;q=0", "Accept": "image/png"},
    "a version of words": {"If-Match": "current"},
    "any version": {"If-Match": "*"},
    "a weak version": {"If-Match": 'W/"r1"'},
    "a huge version": {"If-Match": f'"r{9**9}"'},
    "Arabic digits": {"If-Match": '"r\u0661"'},
    "many versions": {"If-Match": ", ".join(f'"r{number}"' for number in range(500))},
    "an empty key": {"Idempotency-Key": ""},
    "a key of quotes": {"Idempotency-Key": '""""'},
    "a long key": {"Idempotency-Key": "k" * 5000},
    "a key beyond ASCII": {"Idempotency-Key": "\u00fc\u00ff"},
    "a broken trace": {"traceparent": "00-zz-zz-01"},
    "a long trace": {"traceparent": "0" * 5000, "tracestate": "a=" + "b" * 5000},
    "a cookie": {"Cookie": "a=" + "\u00ff" * 500},
    "another host": {"Host": "example.org", "X-Forwarded-Host": "example.org"},
    "another method": {"X-HTTP-Method-Override": "DELETE"},
    "a range": {"Range": "bytes=0-0", "If-None-Match": "*", "If-Modified-Since": "never"},
}
