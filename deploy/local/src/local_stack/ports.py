import secrets
import socket

LOOPBACK = "127.0.0.1"
# Below the range from which kernels pick ports for outgoing connections, so that a part which
# is restarted finds its own port still free.
_FIRST, _LAST = 20_000, 32_000


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


class Ports:
    """Hands out free loopback ports, none twice."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def take(self) -> int:
        """Return a port that nothing listens on."""
        while True:
            port = _FIRST + secrets.randbelow(_LAST - _FIRST)
            if port not in self._taken and _is_free(port):
                self._taken.add(port)
                return port
