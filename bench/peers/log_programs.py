"""Some daily work of programs that keep logs, each on made-up files and the loopback address only."""

import os
import random
import threading
import time


def matplotlib(folder):
    os.environ["MPLCONFIGDIR"] = folder
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import font_manager, pyplot
    for at, style in enumerate(("serif", "sans-serif", "monospace", "cursive", "Helvetica", "Times")):
        font_manager.findfont(font_manager.FontProperties(family=style, weight=400 + 100 * (at % 3)))
        figure, axes = pyplot.subplots()
        axes.bar(["1", "2", "3"], [3, 1, 2])
        axes.set_title("sales", family=style)
        figure.savefig(os.path.join(folder, f"{at}.pdf"))


def fonttools(folder):
    import glob
    from fontTools import subset
    import matplotlib as home
    for path in sorted(glob.glob(os.path.join(os.path.dirname(home.__file__), "mpl-data/fonts/ttf/*.ttf")))[:12]:
        subset.main([path, "--text=timetable 2026", f"--output-file={folder}/out.ttf", "--layout-features=*", "--verbose"])


def botocore(folder):
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ[key] = "testing"
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    from moto.server import ThreadedMotoServer
    import boto3
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    where = dict(endpoint_url="http://127.0.0.1:%d" % server.get_host_and_port()[1], region_name="us-east-1")
    store, queue = boto3.client("s3", **where), boto3.client("sqs", **where)
    store.create_bucket(Bucket="timetables")
    url = queue.create_queue(QueueName="departures")["QueueUrl"]
    for at in range(12):
        store.put_object(Bucket="timetables", Key=f"{at}.txt", Body=b"9:%02d" % at)
        store.get_object(Bucket="timetables", Key=f"{at}.txt")["Body"].read()
        queue.send_message(QueueUrl=url, MessageBody=f"train {at}")
        for asked in (lambda: store.get_object(Bucket="timetables", Key="none"), lambda: store.head_object(Bucket="none", Key="1")):
            try:
                asked()
            except store.exceptions.ClientError:
                pass
    server.stop()


def paramiko(folder):
    import socket
    import paramiko
    key = paramiko.RSAKey.generate(2048)

    class Door(paramiko.ServerInterface):
        def check_auth_password(self, name, password):
            return paramiko.AUTH_SUCCESSFUL if password == "right" else paramiko.AUTH_FAILED

        def check_channel_request(self, kind, number):
            return paramiko.OPEN_SUCCEEDED

        def check_channel_exec_request(self, channel, command):
            channel.send(b"done")
            channel.send_exit_status(0)
            channel.close()
            return True

    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            transport = paramiko.Transport(listening.accept()[0])
            transport.add_server_key(key)
            transport.start_server(server=Door())

    threading.Thread(target=serve, daemon=True).start()
    chance = random.Random(1)
    for at in range(40):
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        try:
            client.connect("127.0.0.1", listening.getsockname()[1], f"user{chance.randrange(9)}",
                           "right" if at % 3 else "wrong", allow_agent=False, look_for_keys=False)
            client.exec_command(f"report {at}")[1].read()
        except (paramiko.SSHException, EOFError):
            pass
        client.close()


def pyftpdlib(folder):
    import ftplib
    import io
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer
    people = DummyAuthorizer()
    for at in range(6):
        people.add_user(f"user{at}", "right", folder, perm="elradfmwMT")
    FTPHandler.authorizer = people
    FTPHandler.auth_failed_timeout = 0.01
    server = ThreadedFTPServer(("127.0.0.1", 0), FTPHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for at in range(60):
        client = ftplib.FTP()
        client.connect(*server.socket.getsockname())
        try:
            client.login(f"user{at % 6}", "right" if at % 4 else "wrong")
            client.storbinary(f"STOR {at}.txt", io.BytesIO(b"9:15" * (at + 1)))
            client.retrbinary(f"RETR {at}.txt", len)
            client.nlst()
            client.mkd(f"folder{at}")
            client.rename(f"{at}.txt", f"folder{at}/moved.txt")
            client.delete(f"missing{at}.txt")
        except ftplib.error_perm:
            pass
        client.close()
    server.close_all()


def aiosmtpd(folder):
    import smtplib
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Sink
    server = Controller(Sink(), hostname="127.0.0.1", port=0)
    try:
        server.start()
    except OSError:
        pass
    port = server.server.sockets[0].getsockname()[1]
    for at in range(60):
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail(f"user{at}@example.org", [f"desk{at % 7}@example.net"], f"Subject: {at}\n\nTrain {at} leaves.")
            client.noop()
            client.docmd("VRFY", f"desk{at}")
            client.docmd("UNKNOWN")
    server.stop()


def celery(folder):
    from celery import Celery
    from celery.contrib.testing.worker import start_worker
    app = Celery("station", broker="memory://", backend="cache+memory://")
    app.conf.worker_hijack_root_logger = False

    @app.task(name="depart", bind=True, max_retries=1, default_retry_delay=0)
    def depart(self, number):
        if number % 10 == 3:
            raise ValueError(f"no track for train {number}")
        if number % 10 == 4:
            raise self.retry(exc=KeyError(number))
        return number * 2

    with start_worker(app, perform_ping_check=False, loglevel="DEBUG"):
        results = [depart.delay(number) for number in range(200)]
        for result in results:
            result.get(timeout=20, propagate=False)


def apscheduler(folder):
    import datetime
    from apscheduler.schedulers.background import BackgroundScheduler
    scheduler = BackgroundScheduler(timezone=datetime.timezone.utc)
    scheduler.start()
    for at in range(40):
        scheduler.add_job(lambda number: 1 // (number % 5), "interval", [at], seconds=0.2 + at % 3 / 10, id=f"job{at}", name=f"clean folder {at}")
    time.sleep(4)
    for at in range(40):
        scheduler.remove_job(f"job{at}")
    scheduler.shutdown()


def setuptools(folder):
    import setuptools
    for at in range(12):
        package = os.path.join(folder, str(at), "src", f"tool{at}")
        os.makedirs(package)
        for name in ("__init__", "main", "parts", "tables"):
            with open(os.path.join(package, name + ".py"), "w") as file:
                file.write(f"number = {at}\n")
        os.chdir(os.path.join(folder, str(at)))
        setuptools.setup(name=f"tool{at}", version=f"1.{at}", package_dir={"": "src"}, packages=[f"tool{at}"],
                         script_name="setup.py", script_args=["sdist", "bdist_wheel"])


def sphinx(folder):
    from sphinx.cmd.build import main
    with open(os.path.join(folder, "conf.py"), "w") as file:
        file.write("project = 'station'\nextensions = ['sphinx.ext.autosummary', 'sphinx.ext.intersphinx', 'sphinx.ext.todo']\n")
    for at in range(60):
        with open(os.path.join(folder, f"{'index' if at == 0 else f'page{at}'}.rst"), "w") as file:
            file.write(f"Page {at}\n=======\n\n.. toctree::\n\n   page{at * 2 + 1}\n   page{at * 2 + 2}\n\n:ref:`lost{at}` `open\n\n.. image:: none{at}.png\n")
    main(["-vv", "-b", "html", folder, os.path.join(folder, "out")])


def asyncio(folder):
    import asyncio as loops

    async def fail(number):
        raise ValueError(f"train {number}")

    async def work():
        loops.get_running_loop().set_debug(True)
        server = await loops.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        for at in range(60):
            _, writer = await loops.open_connection(*server.sockets[0].getsockname())
            writer.close()
            loops.ensure_future(fail(at))
            await loops.sleep(0)
        await loops.create_subprocess_exec("true")

    loops.run(work())


PROGRAMS = {
    "matplotlib": matplotlib,
    "fonttools": fonttools,
    "botocore": botocore,
    "paramiko": paramiko,
    "pyftpdlib": pyftpdlib,
    "aiosmtpd": aiosmtpd,
    "celery": celery,
    "apscheduler": apscheduler,
    "setuptools": setuptools,
    "sphinx": sphinx,
    "asyncio": asyncio,
}
