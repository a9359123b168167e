"""Tries exports in Jlama, in its own process on Java 21 or newer, with Java's vector module.

    python .ci/try_jlama.py OUT CLASSPATH TOKENIZER      JAVA names the Java

OUT as .ci/Exports.java writes it for transformers; CLASSPATH is that of com.github.tjake:jlama-core. Jlama loads
no model without a tokenizer.json, so TOKENIZER, which can be any, is copied beside the model; the input is ids, not
text. If layers differ, config.json names a type that Jlama does not know.
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tried import normalized, tries

out, classpath, tokenizer = sys.argv[1:]
JAVA = [os.environ.get("JAVA", "java"), "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"]
SOURCE = Path(__file__).parent / "TryJlama.java"


def logits(folder, rows):
    with tempfile.TemporaryDirectory() as beside:
        for file in folder.iterdir():
            (Path(beside) / file.name).symlink_to(file.resolve())
        (Path(beside) / "tokenizer.json").symlink_to(Path(tokenizer).resolve())
        command = JAVA + ["-cp", classpath, str(SOURCE), beside, json.dumps(rows)]
        answer = subprocess.run(command, capture_output=True, text=True)
    for line in answer.stdout.splitlines():
        if line.startswith("ROWS "):
            return [[math.log(x) for x in row] for row in json.loads(line[5:])]  # it gives probabilities
    thrown = r"^(?:Caused by|Exception in thread \"main\")[: ]+(.*)\n(?:.*Preconditions.*\n)?\s+(at .*)\("
    causes = [" ".join(cause) for cause in re.findall(thrown, answer.stderr, re.MULTILINE)]
    text = causes[-1] if causes else answer.stderr.strip()[-200:]
    raise RuntimeError(re.sub("0x[0-9a-f]+", "0x…", text))  # addresses are others each time


version = re.search(r"jlama-core-([\d.]+)\.jar", classpath).group(1)
tries(out, "transformers", "hf", "jlama", version, logits, expected=normalized, shapes=("plain", "heads"))
