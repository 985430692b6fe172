"""Runs a command on a pseudo terminal: what stands at standard input is typed, what the terminal
shows goes to standard output. Usage: pseudo_terminal.py COLUMNS COMMAND..."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios

ROWS = 40
PIECE_BYTES = 65536


def start(columns, command):
    """Returns the child's id and the terminal's other end."""
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        os.execvp(command[0], command)
    return child, terminal


def relay(terminal):
    """Passes bytes both ways until the command has closed the terminal."""
    sources = [terminal, 0]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if terminal in ready:
            try:
                shown = os.read(terminal, PIECE_BYTES)
            except OSError:  # Linux says EIO when the last process has closed its end.
                return
            if not shown:
                return
            os.write(1, shown)
        if 0 in ready:
            typed = os.read(0, PIECE_BYTES)
            if typed:
                os.write(terminal, typed)
            else:
                sources.remove(0)


def main():
    child, terminal = start(int(sys.argv[1]), sys.argv[2:])
    relay(terminal)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


main()
