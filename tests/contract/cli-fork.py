# SPDX-License-Identifier: MIT
"""Runs AWS CLI commands without starting Python each time: loads the CLI once and forks for each call.

Reads one JSON object per line ({"args", "env", "out", "err"}), runs `aws ARGS` in a child with that
environment and its output in those files, and answers with the exit status. Must run in a Python that
has the CLI, and says `ready` when it has; ends when its input does.
"""

import gc
import json
import os
import sys

# What every call imports anyway.
import awscli.clidriver
import awscli.customizations.paginate  # noqa: F401
import awscli.handlers  # noqa: F401
import botocore.auth  # noqa: F401
import botocore.handlers  # noqa: F401
import botocore.hooks
import botocore.httpsession  # noqa: F401
import botocore.loaders
import botocore.parsers  # noqa: F401
import botocore.session
import botocore.exceptions

DATA = os.path.join(os.path.dirname(botocore.__file__), "data")
MODELS = ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1")


class Models:
    """What the CLI reads of its own files, read once: a child finds it in the memory it shares."""

    def __init__(self):
        self.kept = {}
        self.known = set()
        self.load = botocore.loaders.JSONFileLoader.load_file
        kept, load = self.kept, self.load

        def load_file(loader, path):
            return kept[path] if path in kept else load(loader, path)

        botocore.loaders.JSONFileLoader.load_file = load_file

    def read(self, service):
        """Reads what calls of @service need."""
        if service in self.known:
            return
        self.known.add(service)
        kept, load = self.kept, self.load

        def keep(loader, path):
            value = load(loader, path)
            if value is not None:
                kept[path] = value
            return value

        forked = botocore.loaders.JSONFileLoader.load_file
        botocore.loaders.JSONFileLoader.load_file = keep
        try:
            loader = botocore.session.get_session().get_component("data_loader")
            for name in ("endpoints", "partitions", "_retry", "sdk-default-configuration"):
                self.attempt(loader.load_data, name)
            for kind in MODELS:
                self.attempt(loader.load_service_model, service, kind)
        finally:
            botocore.loaders.JSONFileLoader.load_file = forked

    @staticmethod
    def attempt(load, *args):
        # A service without waiters has no file of them, and the CLI says what it misses.
        try:
            load(*args)
        except botocore.exceptions.BotoCoreError:
            pass


def answer_once():
    """What the CLI finds out anew in each process, and alike in each: which services it has files of (it looks into hundreds of
    folders, five times a call), and what its handlers and their events are called."""
    loader, hooks = botocore.loaders.Loader, botocore.hooks
    look, rename, accept = loader.list_available_services, hooks.EventAliaser._alias_event_name, hooks.accepts_kwargs
    services, names, handlers = {}, {}, {}

    def list_available_services(self, type_name):
        key = type_name, *self.search_paths
        if key not in services:
            services[key] = look(self, type_name)
        return list(services[key])

    def alias_event_name(self, event_name):
        if event_name not in names:
            names[event_name] = rename(self, event_name)
        return names[event_name]

    def accepts_kwargs(function):
        # Of a method it is its function that is the same in the next process.
        function = getattr(function, "__func__", function)
        if function not in handlers:
            handlers[function] = accept(function)
        return handlers[function]

    loader.list_available_services = list_available_services
    hooks.EventAliaser._alias_event_name = alias_event_name
    hooks.accepts_kwargs = accepts_kwargs
    loader = botocore.session.get_session().get_component("data_loader")
    for kind in MODELS:
        loader.list_available_services(kind)
    awscli.clidriver.create_clidriver()


def child(request):
    # What was there before the fork stays shared.
    gc.disable()
    for number, name in ((1, "out"), (2, "err")):
        target = os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(target, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # Importing the CLI has noted where its models are.
    data = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update(request["env"], AWS_DATA_PATH=data)
    sys.argv = ["aws"] + request["args"]
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
    status = awscli.clidriver.main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def service_of(args):
    """The first word that is the name of a service: options before it have values of their own."""
    return next((word for word in args if os.path.isdir(os.path.join(DATA, word))), None)


def main():
    models = Models()
    answer_once()
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        service = service_of(request["args"])
        if service is not None:
            models.read({"s3api": "s3"}.get(service, service))
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            try:
                child(request)
            except SystemExit as end:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(end.code if isinstance(end.code, int) else 1)
            except BaseException:
                import traceback
                traceback.print_exc()
                sys.stderr.flush()
                os._exit(255)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


main()
