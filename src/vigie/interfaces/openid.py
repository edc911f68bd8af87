"""Another service says who somebody is (OpenID Connect: authorization code with PKCE); `provided.py` says who that is here."""

import base64
import hashlib
import hmac
import json
import secrets
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt

from vigie.clock import Clock
from vigie.domain.errors import Permanent, Transient
from vigie.interfaces.settings import Provider, is_private_way

# Only keys whose secret half is the provider's alone: with a shared one, whoever holds it could sign.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_KINDS = frozenset({"RSA", "EC", "OKP"})
_LEEWAY_S = 60.0
_BEGUN_S = 600.0
_BEGUN_MAX = 1000
_KNOWN_S = 3600.0
_KEYS_AGAIN_S = 60.0
_ANSWER_S = 10.0
_ANSWER_BYTES_MAX = 512 * 1024


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that somebody went to the provider for; `browser` is the hash of what only their browser keeps."""

    nonce: str
    verifier: str
    back: str
    browser: str
    ends_s: float


@dataclass(frozen=True, slots=True)
class _Places:
    authorize: str
    token: str
    keys: str
    takes_basic: bool
    until_s: float


class OpenId:
    """The way to one provider, and the sign-ins that are on their way."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        self.provider = provider
        self._clock = clock
        self._begun: OrderedDict[str, Begun] = OrderedDict()
        self._places: _Places | None = None
        self._keys: list[Mapping[str, Any]] = []
        self._keys_at_s = float("-inf")

    async def begin(self, back: str) -> tuple[str, str]:
        """Return where to send the browser, and what it keeps until it comes `back`.

        Raises:
            Transient: the provider does not answer.
            Permanent: what answers there is not the provider.
        """
        places = await self._found()
        kept, state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        now_s = self._clock.monotonic_s()
        while self._begun and (len(self._begun) >= _BEGUN_MAX or next(iter(self._begun.values())).ends_s <= now_s):
            self._begun.popitem(last=False)
        self._begun[state] = Begun(nonce, verifier, back, _hash(kept), now_s + _BEGUN_S)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": back,
            "scope": " ".join(self.provider.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{places.authorize}{'&' if '?' in places.authorize else '?'}{urlencode(asked)}", kept

    async def finish(self, *, state: str, kept: str, code: str, issuer: str | None, error: str = "") -> dict[str, Any]:
        """Return what the provider says of who came back; a sign-in is finished once.

        Args:
            state: what was sent along, and came back.
            kept: what the browser kept.
            code: what the provider gave.
            issuer: who says that it gave it, where it says so (RFC 9207).
            error: why it gave none.

        Raises:
            Permanent: this browser began no such sign-in, or what the provider says is not to be believed.
            Transient: the provider does not answer.
        """
        begun = self._begun.pop(state, None)
        if begun is None or begun.ends_s <= self._clock.monotonic_s() or not hmac.compare_digest(begun.browser, _hash(kept)):
            raise Permanent("openid.not_begun")
        if issuer is not None and issuer != self.provider.issuer:
            raise _disbelieved("another issuer answered")
        if error or not code:
            raise _disbelieved(f"it gave no code: {error}")
        return await self._claims(await self._token(code, begun), begun.nonce)

    async def _token(self, code: str, begun: Begun) -> str:
        places = await self._found()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.back,
            "code_verifier": begun.verifier,
            "client_id": self.provider.client_id,
        }
        secret = self.provider.secret()
        basic = (self.provider.client_id, secret) if secret is not None and places.takes_basic else None
        if secret is not None and basic is None:
            form["client_secret"] = secret
        said = await self._asked(places.token, form, basic)
        token = said.get("id_token")
        if not isinstance(token, str):
            raise _disbelieved("no ID token was given")
        return token

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            claims = self._read(token, await self._key(token))
        except (jwt.PyJWTError, ValueError) as error:
            raise _disbelieved(f"{type(error).__name__}: {error}") from error
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _disbelieved("the nonce is not the one that was sent")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.provider.client_id) != self.provider.client_id:
            raise _disbelieved("the token was given to another client")
        if not claims["sub"]:
            raise _disbelieved("the token names nobody")
        return claims

    def _read(self, token: str, key: Mapping[str, Any]) -> dict[str, Any]:
        algorithm = str(jwt.get_unverified_header(token).get("alg"))
        if algorithm not in _ALGORITHMS:
            raise jwt.InvalidAlgorithmError(algorithm)
        return dict(
            jwt.decode(
                token,
                jwt.PyJWK(dict(key), algorithm),
                algorithms=[algorithm],
                audience=self.provider.client_id,
                issuer=self.provider.issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        )

    async def _key(self, token: str) -> Mapping[str, Any]:
        """Return the provider's key that a token names; keys are fetched anew, not too often, when one is unknown.

        Raises:
            jwt.PyJWTError: the provider has no such key.
        """
        name = jwt.get_unverified_header(token).get("kid")
        if (found := self._named(name)) is None and self._clock.monotonic_s() - self._keys_at_s >= _KEYS_AGAIN_S:
            said = await self._asked((await self._found()).keys)
            keys = said.get("keys")
            self._keys = [each for each in keys if _is_usable(each)] if isinstance(keys, list) else []
            self._keys_at_s = self._clock.monotonic_s()
            found = self._named(name)
        if found is None:
            raise jwt.InvalidKeyError("signed with a key that the provider does not show")
        return found

    def _named(self, name: str | None) -> Mapping[str, Any] | None:
        meant = self._keys if name is None else [each for each in self._keys if each.get("kid") == name]
        return meant[0] if len(meant) == 1 else None

    async def _found(self) -> _Places:
        """Return where the provider does what, as it says itself."""
        now_s = self._clock.monotonic_s()
        if self._places is None or self._places.until_s <= now_s:
            said = await self._asked(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if said.get("issuer") != self.provider.issuer:
                raise _disbelieved("it calls itself by another name")
            where = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
            if not all(isinstance(each, str) and is_private_way(each) for each in where):
                raise _disbelieved("it names no addresses that can be trusted")
            methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            basic = not isinstance(methods, list) or "client_secret_basic" in methods
            authorize, token, keys = (str(each) for each in where)
            self._places = _Places(authorize, token, keys, basic, now_s + _KNOWN_S)
        return self._places

    async def _asked(
        self, url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None
    ) -> dict[str, Any]:
        import httpx

        body = bytearray()
        auth = httpx.BasicAuth(*basic) if basic else None
        try:
            async with (
                httpx.AsyncClient(verify=ssl.create_default_context(), trust_env=False, timeout=_ANSWER_S) as client,
                client.stream("GET" if form is None else "POST", url, data=form, auth=auth) as answer,
            ):
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > _ANSWER_BYTES_MAX:
                        raise _disbelieved("it says too much")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Transient("openid.gone", provider=self.provider.name, seen=f"{type(error).__name__}: {error}") from error
        if answer.status_code >= 500:
            raise Transient("openid.gone", provider=self.provider.name, seen=str(answer.status_code))
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        if answer.status_code != 200 or not isinstance(said, dict):
            reason = said.get("error") if isinstance(said, dict) else None
            raise _disbelieved(f"it answered {answer.status_code} {reason or ''}".rstrip())
        return said


def _is_usable(key: object) -> bool:
    return isinstance(key, dict) and key.get("kty") in _KINDS and key.get("use", "sig") == "sig"


def _disbelieved(why: str) -> Permanent:
    return Permanent("openid.disbelieved", why=why)


def _hash(kept: str) -> str:
    return hashlib.sha256(kept.encode()).hexdigest()
