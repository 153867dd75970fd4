"""The review app on its port: bound to this machine unless told otherwise, stopped by Ctrl-C."""

import errno
import socket
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from threading import Timer
from typing import Any

from streamlens.errors import InputError

TRIES = 20


def bind(host: str, port: int, *, exact: bool = False) -> socket.socket:
    """A listening socket on `port`, or on the next that is free. InputError, one line, where there is none."""
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError:
        raise InputError("--host", f"{host!r} is no address of this machine", "leave it out, or give 0.0.0.0") from None
    for wanted in range(port, port + 1 if exact or port == 0 else min(port + TRIES, 65_536)):
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((place[0], wanted))
            listening.listen(128)
            return listening
        except OSError as error:
            listening.close()
            if error.errno == errno.EADDRNOTAVAIL:
                raise InputError(
                    "--host", f"{host!r} is no address of this machine", "leave it out, or give 0.0.0.0"
                ) from None
            if error.errno == errno.EACCES:
                raise InputError("--port", f"port {wanted} may not be used", "give one above 1023") from None
    raise InputError("--port", f"port {port} is taken{'' if exact else ' and the next ones too'}", "give another")


def serve(app: Any, listening: socket.socket, url: str, *, browser: bool, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C. `ready` is called when the first request can be answered."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: "list[socket.socket] | None" = None) -> None:
            await super().startup(sockets=sockets)
            ready()
            if browser:
                opener = Timer(0.2, lambda: webbrowser.open(url))
                opener.daemon = True
                opener.start()

    settings = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # the address with the token is nobody else's business
        server_header=False,
        proxy_headers=False,
        ws="none",
        limit_concurrency=200,
        timeout_graceful_shutdown=1,  # a video that is being played does not hold up the end
    )
    with closing(listening), suppress(KeyboardInterrupt):
        Server(settings).run(sockets=[listening])
