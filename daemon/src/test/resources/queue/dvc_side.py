"""DVC's side of the queue, for tests: real Celery, Kombu and pickle, and beside them no more than what DVC leaves in files.

dvc_side.py put PROJECT NAME...     queues experiments as `dvc exp run --queue`
dvc_side.py status PROJECT          prints what `dvc queue status` would list, as JSON
dvc_side.py remove PROJECT NAME     as `dvc queue remove`
dvc_side.py arguments FILE          prints a pickle's value as JSON
dvc_side.py pickle PROTOCOL         prints the pickle of standard input's Python value, in hexadecimal
dvc_side.py kill PROJECT NAME       as `dvc queue kill`
dvc_side.py exp queue-worker NAME PROJECT [worker|SECONDS]
    runs what waits until nothing does; by a whole worker of Celery, or by Kombu's consumer, where each run takes SECONDS
"""

import hashlib
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

TASK = "dvc.repo.experiments.queue.tasks.run_exp"
STASH = "refs/exps/celery/stash"


def git(project, *words, **more):
    done = subprocess.run(["git", *words], cwd=project, check=True, stdout=subprocess.PIPE, **more)
    return done.stdout.decode().strip()


def exps(project):
    return os.path.join(project, ".dvc/tmp/exps")


def make_app(project):
    from celery import Celery
    from kombu.transport.filesystem import Channel

    Channel.QoS.restore_at_shutdown = False
    celery = os.path.join(exps(project), "celery")
    folders = {
        "control_folder": "broker/control",
        "data_folder_in": "broker/in",
        "data_folder_out": "broker/in",
        "processed_folder": "broker/processed",
    }
    options = {name: os.path.join(celery, path) for name, path in folders.items()}
    result = os.path.join(celery, "result")
    for path in [*options.values(), result]:
        os.makedirs(path, exist_ok=True)
    app = Celery("dvc-exp-local")
    app.conf.update(
        broker_url="filesystem://",
        broker_transport_options={**options, "store_processed": True, "polling_interval": 0.05},
        result_backend="file://" + result,
        result_persistent=True,
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        result_expires=None,
    )
    return app


def put(project, names):
    app = make_app(project)

    @app.task(name=TASK)
    def run_exp(entry_dict, copy_paths=None, message=None):
        pass

    head = git(project, "rev-parse", "HEAD")
    for name in names:
        index = {**os.environ, "GIT_INDEX_FILE": os.path.join(project, ".git", "index-" + name)}
        git(project, "read-tree", "HEAD", env=index)
        indexed = git(project, "commit-tree", git(project, "write-tree", env=index), "-p", head, "-m", "index")
        number = int(name.rsplit("-", 1)[1])
        add(project, index, "params.yaml", b"n: %d\n" % number)
        arguments = {
            "args": (),
            "kwargs": {
                "run_env": {"DVC_EXP_BASELINE_REV": head, "DVC_EXP_NAME": name, "DVC_ROOT": project},
                "targets": ["s"],
                "single_item": True,
                "force": False,
                "on_error": "fail",
            },
        }
        add(project, index, ".dvc/tmp/repro.dat", pickle.dumps(arguments))
        message = f"dvc-exp:{head}:{head}:{name}"
        tree = git(project, "write-tree", env=index)
        os.remove(index["GIT_INDEX_FILE"])
        commit = git(project, "commit-tree", tree, "-p", head, "-p", indexed, "-m", message)
        git(project, "update-ref", "--create-reflog", "-m", "commit: " + message, STASH, commit)
        entry = {
            "dvc_root": project,
            "scm_root": project,
            "stash_ref": STASH,
            "stash_rev": commit,
            "baseline_rev": head,
            "branch": None,
            "name": name,
            "head_rev": head,
        }
        app.signature(run_exp.s(entry, copy_paths=None, message=None)).delay()


def add(project, index, path, content):
    blob = git(project, "hash-object", "-w", "--stdin", input=content)
    git(project, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)


def messages(app, folder):
    """Messages of experiments with their files, read as dvc-task reads them."""
    with app.connection_for_read() as connection, connection.channel() as channel:
        where = getattr(channel, folder)
        for name in sorted(os.listdir(where)):
            try:
                with open(os.path.join(where, name), "rb") as file:
                    content = file.read()
            except FileNotFoundError:
                continue
            message = channel.Message(json.loads(content), channel=channel) if content else None
            if message and message.properties["delivery_info"]["routing_key"] == "celery":
                if message.headers.get("task") == TASK:
                    args, kwargs, _ = message.decode()
                    yield message, args[0], os.path.join(where, name)


def notes(project, commit, suffix):
    return os.path.join(exps(project), "run", commit, commit + suffix)


def status(project):
    app = make_app(project)
    found = {"queued": [], "active": [], "failed": [], "success": []}
    for _, entry, _ in messages(app, "data_folder_in"):
        found["queued"].append(entry["name"])
    for message, entry, _ in messages(app, "processed_folder"):
        if not app.AsyncResult(message.headers["id"]).ready():
            with open(notes(project, entry["stash_rev"], ".run")) as file:
                assert json.load(file)["name"] == entry["name"]
            found["active"].append(entry["name"])
            continue
        with open(notes(project, entry["stash_rev"], ".run")) as file:
            info = json.load(file)
        with open(notes(project, entry["stash_rev"], ".json")) as file:
            process = json.load(file)
        well = info["result_hash"] is not None
        assert well == (process["returncode"] == 0) and os.path.exists(process["stdout"]), process
        if well:
            assert info["result_ref"].endswith("/" + entry["name"]) and info["status"] == 6, info
            assert git(project, "rev-parse", info["result_ref"])
        found["success" if well else "failed"].append(entry["name"])
    print(json.dumps(found))


def remove(project, name):
    app = make_app(project)
    for folder in "data_folder_in", "processed_folder":
        for message, entry, file in messages(app, folder):
            if entry["name"] == name:
                os.remove(file)
                app.AsyncResult(message.headers["id"]).forget() if folder[0] == "p" else None
                drop(project, STASH, entry["stash_rev"])


def drop(project, ref, commit):
    """Takes a commit out of a stash, with DVC's lock on it."""
    import fcntl

    path = os.path.join(exps(project), "rwlock")
    held = {"pid": os.getpid(), "cmd": "dvc"}

    def edit(change):
        with open(path + ".lock", "w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            locks = {"read": {}, "write": {}}
            if os.path.exists(path):
                with open(path) as file:
                    locks.update(json.load(file))
            if change(locks):
                with open(path, "w") as file:
                    json.dump(locks, file)
                return True
            return False

    def take(locks):
        owner = locks["write"].get(ref)
        if owner and os.path.exists("/proc/%d" % owner["pid"]):
            return False
        locks["write"][ref] = held
        return True

    def release(locks):
        del locks["write"][ref]
        return True

    while not edit(take):
        time.sleep(0.01)
    try:
        log = subprocess.run(["git", "reflog", "--format=%H", ref], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        all_ = log.stdout.decode().split()
        if commit in all_:
            if len(all_) == 1:
                git(project, "update-ref", "-d", ref)
            else:
                git(project, "reflog", "delete", "--updateref", "--rewrite", f"{ref}@{{{all_.index(commit)}}}")
    finally:
        edit(release)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".tmp", "w") as file:
        json.dump(content, file)
    os.replace(path + ".tmp", path)


def append(project, name, text):
    with open(os.path.join(project, "..", name), "a") as file:
        file.write(text + "\n")


def run(project, entry, seconds):
    """What DVC's task does, as far as others see it; an experiment whose n is 13 fails."""
    commit, head, name = entry["stash_rev"], entry["head_rev"], entry["name"]
    drop(project, entry["stash_ref"], commit)
    info = {
        "git_url": "file://" + project,
        "baseline_rev": entry["baseline_rev"],
        "location": "dvc-task",
        "root_dir": project,
        "dvc_dir": ".dvc",
        "name": name,
        "wdir": ".",
        "result_hash": None,
        "result_ref": None,
        "result_force": False,
        "status": 2,
    }
    write(notes(project, commit, ".run"), info)
    sleeper = [sys.executable, "-c", f"import time; time.sleep({seconds})", "exec-run", "--infofile", notes(project, commit, ".run")]
    runner = subprocess.Popen(sleeper, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    process = {"pid": runner.pid, "stdin": None, "stdout": notes(project, commit, ".out"), "stderr": None, "returncode": None}
    write(notes(project, commit, ".json"), process)
    with open(process["stdout"], "a") as out:
        out.write(f"Kombu runs {name}\n")
    arguments = pickle.loads(subprocess.check_output(["git", "show", commit + ":.dvc/tmp/repro.dat"], cwd=project))
    assert arguments["args"] == () and arguments["kwargs"]["run_env"]["DVC_EXP_NAME"] == name, arguments
    append(project, "begun", name)
    ended = runner.wait()
    params = subprocess.check_output(["git", "show", commit + ":params.yaml"], cwd=project)
    failed = ended != 0 or params == b"n: 13\n"
    if failed:
        message = f"commit: dvc-exp:{head}:{head}:{name}"
        git(project, "update-ref", "--create-reflog", "-m", message, "refs/exps/celery/failed", commit)
    else:
        index = {**os.environ, "GIT_INDEX_FILE": os.path.join(project, ".git", "index-run-%d" % os.getpid())}
        git(project, "read-tree", head, env=index)
        add(project, index, "params.yaml", params)
        digest = hashlib.sha256(name.encode()).hexdigest()
        made = git(project, "commit-tree", git(project, "write-tree", env=index), "-p", head, "-m", "dvc: commit experiment " + digest)
        ref = f"refs/exps/{head[:2]}/{head[2:]}/{name}"
        info.update(result_hash=digest, result_ref=ref, status=3)
        write(notes(project, commit, ".run"), info)
        git(project, "update-ref", ref, made)
    info["status"] = 4 if failed else 6
    write(notes(project, commit, ".run"), info)
    write(notes(project, commit, ".json"), {**process, "returncode": 1 if failed else 0})


def consume(project, seconds):
    import kombu
    from kombu.exceptions import ChannelError

    app = make_app(project)

    def take(body, message):
        entry = body[0][0]
        run(project, entry, seconds)
        app.backend.mark_as_done(message.headers["id"], None)
        append(project, "done", entry["name"])
        message.ack()

    queue = kombu.Queue("celery", kombu.Exchange("celery"), routing_key="celery")
    with app.connection_for_read() as connection, connection.Consumer([queue], callbacks=[take], accept=["json"]) as consumer:
        consumer.qos(prefetch_count=1)
        print("ready", flush=True)
        waiting = os.path.join(exps(project), "celery/broker/in")
        while any(".celery.msg" in name for name in os.listdir(waiting)):
            try:
                connection.drain_events(timeout=0.1)
            except ChannelError:
                pass  # another was faster: this Kombu's way to say so
            except OSError:
                pass  # nothing came


def work(project, name):
    """A whole worker, with DVC's options."""
    app = make_app(project)

    @app.task(name=TASK)
    def run_exp(entry_dict, copy_paths=None, message=None):
        run(project, entry_dict, 0)
        append(project, "done", entry_dict["name"])

    def watch():
        left = lambda: list(messages(app, "data_folder_in")) or [
            1 for message, _, _ in messages(app, "processed_folder") if not app.AsyncResult(message.headers["id"]).ready()
        ]
        while left():
            time.sleep(0.1)
        os._exit(0)  # Celery takes seconds to end

    threading.Thread(target=watch, daemon=True).start()
    options = "--pool=threads --concurrency=1 --prefetch-multiplier=1 --without-heartbeat --without-mingle --without-gossip"
    app.worker_main(["worker", "--loglevel=warning", "--hostname=" + name, *options.split()])


def kill(project, name):
    for _, entry, _ in messages(make_app(project), "processed_folder"):
        if entry["name"] == name:
            with open(notes(project, entry["stash_rev"], ".json")) as file:
                os.killpg(os.getpgid(json.load(file)["pid"]), signal.SIGINT)


def main(words):
    command, *rest = words
    if command == "exp":
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _, name, project, how = rest
        work(project, name) if how == "worker" else consume(project, float(how))
    elif command == "put":
        put(rest[0], rest[1:])
    elif command == "status":
        status(rest[0])
    elif command == "remove":
        remove(rest[0], rest[1])
    elif command == "kill":
        kill(rest[0], rest[1])
    elif command == "arguments":
        with open(rest[0], "rb") as file:
            print(json.dumps(pickle.load(file), sort_keys=True))
    elif command == "pickle":
        import ast

        print(pickle.dumps(ast.literal_eval(sys.stdin.read()), int(rest[0])).hex())


main(sys.argv[1:])
