"""Who may talk to the review app: the person who was given the address, through its own page, and nobody else.

A web page anywhere can make a browser send requests to 127.0.0.1, by a form, a picture or a name of its own
that it lets point there (DNS rebinding). So every request must name this server as its host and bring the token;
what changes something must also come from this server's own page. See RFC 6454 (origin), Fetch Metadata.
"""

import ipaddress
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

import msgspec
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 64 * 1024  # bytes of a request's body
SHORTEST_TOKEN = 16
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_SAFE_METHODS = frozenset({"GET", "HEAD"})


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Where the app listens and the token it asks for."""

    token: str
    port: int
    host: str = "127.0.0.1"

    @property
    def cookie(self) -> str:
        """Cookies do not tell ports apart, so that two servers of one machine need two names."""
        return f"streamlens_token_{self.port}"

    @property
    def open_wider(self) -> bool:
        return not _is_loopback(self.host)

    @property
    def url(self) -> str:
        """What the person opens. Where it listens everywhere, the machine's own address is for the team to fill in."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/?token={self.token}"

    def knows_host(self, given: str) -> bool:
        """Whether a Host header names this server. An address as figures cannot be another's name for it."""
        name, _, port = given.rpartition(":") if not given.endswith("]") and ":" in given else (given, "", "80")
        name = name.strip("[]").lower()
        if port != str(self.port):
            return False
        if name in {"localhost", self.host.lower()} or _is_loopback(name):
            return True
        return self.open_wider and _is_address(name)


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Guard:
    """The ASGI middleware that every request passes."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":  # no web sockets here
            return await send({"type": "websocket.close", "code": 1008})

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {name.encode().lower(): value.encode() for name, value in SECURITY_HEADERS.items()}
                own = [(name, value) for name, value in message["headers"] if name.lower() not in headers]
                if not any(name == b"cache-control" for name, _ in own):
                    headers[b"cache-control"] = b"no-store"
                message = {**message, "headers": [*own, *headers.items()]}
            await send(message)

        answer = self._stop(scope)
        if answer is not None:
            return await answer(scope, receive, guarded)
        try:
            await self._app(scope, _limited(receive), guarded)
        except _TooLarge:
            await _no(413, f"the request is larger than {LARGEST // 1024} KB")(scope, receive, guarded)

    def _stop(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further; None where it may."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._door.knows_host(hosts[0]):
            return _no(421, "this server does not go by that name; open the address that streamlens review printed")
        method, path = scope["method"], scope["path"]
        site = headers.get("sec-fetch-site", "none")
        if site not in {"none", "same-origin"} and not (path == "/" and headers.get("sec-fetch-mode") == "navigate"):
            return _no(403, "this request comes from another page")
        if method not in _SAFE_METHODS:
            if headers.get("origin", "").lower() != f"http://{hosts[0].lower()}":
                return _no(403, "this request does not come from the review page (Origin)")
            if headers.get("x-streamlens") != "1":
                return _no(403, "this request does not come from the review page (X-Streamlens)")
            if headers.get("content-type", "").split(";")[0].strip() != "application/json":
                return _no(415, "send JSON")
            length = headers.get("content-length", "0")
            if not length.isascii() or not length.isdigit() or int(length[:12]) > LARGEST:
                return _no(413, f"the request is larger than {LARGEST // 1024} KB")
        if path.startswith("/static/") and method in _SAFE_METHODS:
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", []) if path == "/" else []
        if given:
            return self._let_in(given[-1])
        if not self._right(headers.get("x-streamlens-token") or _cookie(headers, self._door.cookie)):
            return _no(401, "the token is missing or wrong; open the address that streamlens review printed")
        return None

    def _let_in(self, token: str) -> Response:
        if not self._right(token):
            return _no(401, "the token is wrong; open the address that streamlens review printed")
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._door.cookie, self._door.token, httponly=True, samesite="lax", path="/")
        return answer

    def _right(self, token: str) -> bool:
        return secrets.compare_digest(token.encode(), self._door.token.encode())


class _TooLarge(Exception):
    pass


def _limited(receive: Receive) -> Receive:
    """Bodies without a length are counted as they come."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST:
            raise _TooLarge
        return message

    return counted


def _no(status: int, line: str) -> Response:
    return JSONResponse({"error": line}, status)


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return name.lower() == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)
