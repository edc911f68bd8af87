"""Asks a Redis server on this host how it stands. Arguments: PORT."""

import socket
import sys

LIMIT_S = 5.0
ANSWER_MAX = 262144


def main(port):
    try:
        with socket.create_connection(("127.0.0.1", int(port)), LIMIT_S) as line:
            line.settimeout(LIMIT_S)
            line.sendall(b"INFO\r\nQUIT\r\n")
            answer = b""
            while len(answer) < ANSWER_MAX:
                part = line.recv(65536)
                if not part:
                    break
                answer += part
    except OSError as error:
        sys.stdout.write("%s\n" % error)
        return 1
    sys.stdout.write(answer.decode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
