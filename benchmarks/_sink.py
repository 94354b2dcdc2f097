"""A server that reads bodies and does nothing with them, in a process of its own.

    python benchmarks/_sink.py [delay in seconds] [coding]

Prints its port. Gives tokens, answers each import with 202 after ``delay``, and says that it takes ``coding``.
"""

import json
import socket
import sys
import threading
import time

TOKEN = json.dumps({"result": {"accessToken": "t", "expiresIn": 3600}, "errors": [], "requestId": "r"}).encode()
TAKEN = json.dumps({"result": {"id": "i"}, "errors": [], "requestId": "r"}).encode()


def answer(connection: socket.socket, delay_s: float, coding: str) -> None:
    """Every request of one connection."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    room = bytearray(1 << 20)
    held = b""
    says = f"Accept-Encoding: {coding}\r\n".encode() if coding else b""
    while True:
        while b"\r\n\r\n" not in held:
            more = connection.recv(65_536)
            if not more:
                return
            held += more
        head, _, rest = held.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
        left = int(lengths[0]) - len(rest) if lengths else 0
        while left > 0:
            left -= connection.recv_into(room, min(len(room), left))
        held = b""
        imports = head.startswith(b"POST /import")
        if imports and delay_s:
            time.sleep(delay_s)
        body, status = (TAKEN, b"202 Accepted") if imports else (TOKEN, b"200 OK")
        more = says if imports else b""
        connection.sendall(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
            % (status, more, len(body), body)
        )


def main() -> None:
    """Serves until it is killed."""
    delay_s = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0
    coding = sys.argv[2] if len(sys.argv) > 2 else ""
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            connection, _ = server.accept()
            threading.Thread(target=answer, args=(connection, delay_s, coding), daemon=True).start()


if __name__ == "__main__":
    main()
