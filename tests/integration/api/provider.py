"""A provider of sign-ins as they are out there: real HTTP on the loopback, real signed tokens, one use a code, PKCE checked."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT, SECRET = "vigie-of-this-test", "not told to browsers"
Key = RSAPrivateKey | EllipticCurvePrivateKey


class Provider:
    """`who` are the claims of whoever comes; `bend` changes the claims of a token, `signed` makes another token of them."""

    def __init__(self, name: str = "127.0.0.1") -> None:
        self.keys: dict[str, Key] = {"first": rsa.generate_private_key(65537, 2048)}
        self.who: dict[str, Any] = {"sub": "248289761001", "preferred_username": "Zoé.Martin", "groups": ["ops"]}
        self.bend: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.signed: Callable[[dict[str, Any]], str] = self.sign
        self.secret: str | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://{name}:{self._server.server_port}"

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign with the newest key."""
        name, key = list(self.keys.items())[-1]
        algorithm = "RS256" if isinstance(key, RSAPrivateKey) else "ES256"
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": name})

    def change_keys(self) -> None:
        """Sign with a new key from now on."""
        self.keys = {secrets.token_hex(4): ec.generate_private_key(ec.SECP256R1())}

    def key_set(self) -> dict[str, Any]:
        """Return what it shows of its keys."""
        shown = []
        for name, key in self.keys.items():
            if isinstance(key, RSAPrivateKey):
                half = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
            else:
                half = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
            shown.append({**half, "kid": name, "use": "sig"})
        return {"keys": shown}

    @contextmanager
    def running(self) -> "Iterator[Provider]":
        """Serve for a while."""
        serving = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            serving.join()

    def answer(self, path: str, asked: dict[str, str], authorization: str) -> tuple[int, dict[str, Any] | str]:
        """Return status and document, or where to go."""
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                names = {"authorization_endpoint": "/go", "token_endpoint": "/token", "jwks_uri": "/keys"}
                return 200, {"issuer": self.issuer} | {name: f"{self.issuer}{place}" for name, place in names.items()}
            case "/keys":
                return 200, self.key_set()
            case "/go":
                code = secrets.token_urlsafe(16)
                self.codes[code] = asked
                return 303, f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"
            case "/token":
                return self._token(asked, authorization)
            case _:
                return 404, {}

    def _token(self, asked: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        begun = self.codes.pop(asked.get("code", ""), None)
        if begun is None or asked["redirect_uri"] != begun["redirect_uri"] or asked["client_id"] != CLIENT:
            return 400, {"error": "invalid_grant"}
        seen = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if (begun["code_challenge_method"], begun["code_challenge"]) != ("S256", seen):
            return 400, {"error": "invalid_grant"}
        expected = f"Basic {base64.b64encode(f'{CLIENT}:{self.secret}'.encode()).decode()}"
        if self.secret is not None and authorization != expected:
            return 401, {"error": "invalid_client"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"], **self.who}
        return 200, {"token_type": "Bearer", "access_token": "unused", "id_token": self.signed(self.bend(claims))}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self._say(*provider.answer(parts.path, _plain(parts.query), ""))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                self._say(*provider.answer(self.path, _plain(body), self.headers.get("authorization", "")))

            def _say(self, status: int, said: dict[str, Any] | str) -> None:
                body = b"" if isinstance(said, str) else json.dumps(said).encode()
                self.send_response(status)
                if isinstance(said, str):
                    self.send_header("location", said)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def _plain(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def settings_of(provider: Provider) -> str:
    """Return what `config.yaml` says of it."""
    roles = "{ops: operator, boss: owner}"
    return f"openid: {{issuer: '{provider.issuer}', client_id: {CLIENT}, name: Example ID, roles: {roles}}}\n"
