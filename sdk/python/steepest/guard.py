"""Keeps standard output for the handshake, from the moment at which steepest is imported.

The host takes the first line there for the handshake, and what nobody reads would fill the pipe and hang both sides. So in a
plugin that a host started the handshake goes through a duplicate, and descriptor 1 becomes a second standard error. The variables
that say so go too, for a program that the plugin starts is no plugin.
"""

import os
import sys

COOKIE, VALUE = "STEEPEST_OPTIMIZER_PLUGIN", "the-plugin-proposes-the-host-applies"

started = os.environ.get(COOKIE) == VALUE
environment, handshake = {}, -1

if started:
    environment = {name: os.environ.pop(name) for name in (COOKIE, "PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_UNIX_SOCKET_DIR",
                                                           "STEEPEST_LIFELINE_FD") if name in os.environ}
    handshake = os.dup(1)  # which no program that it starts inherits
    sys.stdout.flush()
    os.dup2(2, 1)
    # What is printed before an answer is in the log before the answer is there.
    sys.stdout.reconfigure(line_buffering=True, write_through=True)
