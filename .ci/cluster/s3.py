"""A server that speaks S3, with one empty bucket in memory: s3proxy from Maven's jars."""

import contextlib
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from xml.etree import ElementTree

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
KEYS = {"AWS_ACCESS_KEY_ID": "local-identity", "AWS_SECRET_ACCESS_KEY": "local-credential"}


def hadoop_settings(port):
    """How Hadoop's client finds it."""
    return {"fs.s3a.endpoint": f"http://127.0.0.1:{port}", "fs.s3a.path.style.access": "true",
            "fs.s3a.connection.ssl.enabled": "false"}


def core_site(settings):
    properties = "".join(f"<property><name>{key}</name><value>{value}</value></property>" for key, value in settings.items())
    return f"<configuration>{properties}</configuration>"


def serve(work, port, bucket):
    """Starts the server; what it says goes to s3proxy.log."""
    subprocess.run(["mvn", "-B", "-q", "-f", pathlib.Path(__file__).parent / "pom.xml",
                    "dependency:build-classpath", f"-Dmdep.outputFile={work}/s3proxy"], check=True, stdout=subprocess.DEVNULL)
    (work / "s3proxy.conf").write_text(
        f"s3proxy.endpoint=http://127.0.0.1:{port}\n"
        "s3proxy.authorization=none\n"
        "jclouds.provider=transient\njclouds.identity=none\njclouds.credential=none\n")
    with open(work / "s3proxy.log", "wb") as out:
        server = subprocess.Popen(
            ["java", "-Xmx512m", "-XX:+UseSerialGC", "-DLOG_LEVEL=warn", "-cp", (work / "s3proxy").read_text().strip(),
             "org.gaul.s3proxy.Main", "--properties", work / "s3proxy.conf"], stdout=out, stderr=out)
    make = urllib.request.Request(f"http://127.0.0.1:{port}/{bucket}", method="PUT")
    while server.poll() is None:
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(make).close()
            return server
        time.sleep(0.2)
    sys.exit(f"the server did not start: see {work}/s3proxy.log")


def objects(port, bucket, prefix):
    """Names below a prefix, with the times at which they were written."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{bucket}?list-type=2&prefix={prefix}") as listing:
        found = ElementTree.parse(listing).getroot().iter(f"{NAMESPACE}Contents")
        return {each.findtext(f"{NAMESPACE}Key"): each.findtext(f"{NAMESPACE}LastModified") for each in found}
