"""Verifies access tokens with PyJWT, joserfc and Authlib. Arguments: issuer, algorithm, file of the key set, tokens."""

import json
import sys

import jwt
# Deprecated in favour of joserfc, and still what many services run.
from authlib.jose import JsonWebKey, JsonWebToken
from joserfc import jwk as joserfc_jwk
from joserfc import jwt as joserfc_jwt

AUDIENCE = "doorward"
issuer, algorithm, path, *tokens = sys.argv[1:]
with open(path) as file:
    key_set = json.load(file)


def pyjwt(token):
    key = jwt.PyJWKSet.from_dict(key_set)[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=[algorithm], audience=AUDIENCE, issuer=issuer)


def joserfc(token):
    algorithms = ["EdDSA", "Ed25519"] if algorithm == "EdDSA" else [algorithm]
    keys = joserfc_jwk.KeySet.import_key_set(key_set)
    claims = joserfc_jwt.decode(token, keys, algorithms=algorithms).claims
    joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer}, aud={"essential": True, "value": AUDIENCE}
    ).validate(claims)
    return claims


def authlib(token):
    expected = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": AUDIENCE}}
    claims = JsonWebToken([algorithm]).decode(token, JsonWebKey.import_key_set(key_set), claims_options=expected)
    claims.validate()
    return claims


def changed(token):
    """The same token with another signature of the same length."""
    head, claims, signature = token.split(".")
    middle = len(signature) // 2
    other = "A" if signature[middle] != "A" else "B"
    return f"{head}.{claims}.{signature[:middle]}{other}{signature[middle + 1:]}"


# The name of RFC 9864 is not known to all: docs/features/algorithms.md says so, and this is where it is seen.
knowing = {"Ed25519": (joserfc,)}
for verify in (pyjwt, authlib) if algorithm in knowing else ():
    for token in tokens:
        try:
            verify(token)
        except Exception:
            continue
        raise AssertionError(f"{verify.__name__} knows {algorithm} by now: docs/features/algorithms.md")

for verify in knowing.get(algorithm, (pyjwt, joserfc, authlib)):
    for token in tokens:
        claims = verify(token)
        assert claims["token_use"] == "access" and claims["email"] == "admin@doorward.local", claims
        try:
            verify(changed(token))
        except Exception:
            continue
        raise AssertionError(f"{verify.__name__} accepts a changed token: this test can't fail")
