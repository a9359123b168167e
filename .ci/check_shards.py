"""Reads a tokenised corpus as other programs do: Hugging Face datasets, and plain PySpark.

    python3 -m venv DIR && DIR/bin/pip install datasets==4.4.1 pyspark==3.5.7
    DIR/bin/python .ci/check_shards.py CORPUS

CORPUS was published by tokenize. Neither reader gets a schema or a jar of ours. Types, rows and tokens
must be those of manifest.json, and both must read the same ids.
"""

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

from datasets import load_dataset
from pyspark.sql import SparkSession

TYPES = {
    "sequence_id": "string",
    "input_ids": "list<int32>",
    "loss_mask": "list<int8>",
    "tokens": "int32",
    "document_ids": "list<string>",
    "document_starts": "list<int32>",
}
SPARK_TYPES = {
    "string": "string", "int32": "int", "list<int32>": "array<int>", "list<int8>": "array<tinyint>",
    "list<string>": "array<string>",
}


def word(feature):
    """A feature of datasets in the words of TYPES."""
    inner = getattr(feature, "feature", None)
    return f"list<{word(inner)}>" if inner is not None else feature.dtype


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found}, but the manifest says {expected}")


def digest(rows):
    """Of all ids, in the order of the rows' names."""
    summed = hashlib.sha256()
    for name, ids in sorted(rows):
        summed.update(f"{name} {list(ids)}\n".encode())
    return summed.hexdigest()


def by_datasets(corpus, manifest, cache):
    rows, ids, length = Counter(), [], manifest["sequence_length"]
    for split in sorted({shard["split"] for shard in manifest["shards"]}):
        shards = [shard for shard in manifest["shards"] if shard["split"] == split]
        for source in sorted({shard["source"] for shard in shards}):
            files = [str(corpus / shard["path"]) for shard in shards if shard["source"] == source]
            loaded = load_dataset("parquet", data_files={split: files}, split=split, cache_dir=cache)
            same(f"datasets, types of {source}", {n: word(f) for n, f in loaded.features.items() if n in TYPES}, TYPES)
            rows[source, split] = loaded.num_rows
            for row in loaded:
                same(f"ids in {row['sequence_id']}", len(row["input_ids"]), length)
                same(f"marks in {row['sequence_id']}", len(row["loss_mask"]), length)
                ids.append((row["sequence_id"], row["input_ids"]))
    return rows, digest(ids)


def by_spark(corpus):
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    read = spark.read.parquet(str(corpus / "sequences"))
    types = {name: kind for name, kind in read.dtypes if name in TYPES}
    same("PySpark, types", types, {name: SPARK_TYPES[kind] for name, kind in TYPES.items()})
    rows = Counter({(r["source"], r["split"]): r["count"] for r in read.groupBy("source", "split").count().collect()})
    tokens = read.groupBy().sum("tokens").first()[0]
    ids = digest((r["sequence_id"], r["input_ids"]) for r in read.select("sequence_id", "input_ids").collect())
    spark.stop()
    return rows, tokens, ids


def main():
    corpus = Path(sys.argv[1]).resolve()
    manifest = json.loads((corpus / "manifest.json").read_text())
    expected = Counter()
    for shard in manifest["shards"]:
        expected[shard["source"], shard["split"]] += shard["rows"]
    spark_rows, tokens, spark_ids = by_spark(corpus)
    rows, ids = by_datasets(corpus, manifest, str(corpus.parent / "datasets-cache"))
    same("datasets, rows", rows, expected)
    same("PySpark, rows", spark_rows, expected)
    same("PySpark, tokens", tokens, sum(shard["tokens"] for shard in manifest["shards"]))
    same("ids by datasets", ids, spark_ids)
    print(f"{sum(rows.values())} rows of {len(manifest['shards'])} shards: datasets and PySpark read what the manifest says")


main()
