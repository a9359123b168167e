package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.reference.ReferenceData;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.clean.CleaningSettings;
import io.lorashear.spark.decontaminate.DecontaminationSettings;
import io.lorashear.spark.dedup.DuplicateSettings;
import io.lorashear.spark.source.Corpus;
import io.lorashear.spark.source.LimitSettings;
import io.lorashear.spark.source.SourceSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every real corpus is read whole, and {@code docs/corpora.md} says what came of it. */
@Tag("reference")
@Tag("long")
class CorporaPageTest {
  private static final Path PAGE = Path.of("..", "docs", "corpora.md");

  /** A share of the files, and how many records their keepers state for it. */
  private static final List<Map.Entry<String, Integer>> STATED =
      List.of(
          Map.entry("openwebtext/openwebtext-1000.jsonl.gz", 1000),
          Map.entry("openwebtext/layout-sample", 4),
          Map.entry("openwebtext/cc_en_head", 20),
          Map.entry("wikipedia/dumps/enwiki-latest", 206),
          Map.entry("wikipedia/dumps/dbpedia", 27),
          Map.entry("wikipedia/dumps/Wikipedia-20171220131118", 99),
          Map.entry("wikipedia/dumps/enwiki-table-markup", 5),
          Map.entry("wikipedia/dumps/tinywiki", 8),
          Map.entry("wikipedia/dumps/mercedes", 1),
          Map.entry("wikipedia/dumps/aawiki", 507),
          Map.entry("wikipedia/dumps/smallwiki", 2004),
          Map.entry("wikipedia/dumps/it-small-dump", 747),
          Map.entry("wikipedia/dumps/bgwiki", 3),
          Map.entry("wikipedia/wikiextractor", 12_037),
          Map.entry("wikitext-2", 184),
          Map.entry("gutenberg/books", 34),
          Map.entry("gutenberg/edge-cases", 6),
          Map.entry("bookcorpus/books/", 9),
          Map.entry("bookcorpus/books_standin_p1.txt.gz", 40_836),
          Map.entry("alpaca/alpaca_data.json.gz", 52_002),
          Map.entry("alpaca/seed_tasks.jsonl", 175),
          Map.entry("tinystories", 2317));

  @TempDir Path folder;

  @Test
  void everyRecordIsADocumentOrHasAReason() throws IOException {
    var report =
        run(
            CleaningSettings.of(1, 0, 256),
            new DuplicateSettings(false, false, false, 0.8, 5, 20, 7, 100),
            DecontaminationSettings.NONE);
    assertThat(report.sources().stream().mapToLong(SourceReport::files).sum() + 1)
        .as("files read, and the one that repeats a book in another encoding")
        .isEqualTo(files());
    var found = found();
    assertThat(found.values().stream().mapToLong(CorporaPageTest::sum).sum())
        .isEqualTo(report.sources().stream().mapToLong(SourceReport::records).sum());
    var rows = new ArrayList<String>();
    for (var share : STATED) {
      var counts = found.get(share.getKey());
      long kept = counts.getOrDefault("", 0L);
      rows.add(
          "| `%s` | %,d | %,d | %,d | %s |"
              .formatted(share.getKey(), share.getValue(), sum(counts), kept, reasons(counts)));
    }
    assertThat(Files.readString(PAGE)).contains(String.join("\n", rows));
  }

  @Test
  void whatTheUsualSettingsLeave() throws IOException {
    var usual = DecontaminationSettings.NONE;
    var report =
        run(
            CleaningSettings.of(0.05, 64, 256),
            DuplicateSettings.USUAL,
            new DecontaminationSettings(
                Optional.of(ReferenceData.path("data/benchmarks")),
                usual.tasks(),
                Map.of(),
                Map.of(),
                usual.words(),
                usual.shortest(),
                usual.most()));
    var rows = new ArrayList<String>();
    for (var source : report.sources()) {
      rows.add(
          "| %s | %,d | %,d | %,d | %s | %s |"
              .formatted(
                  source.name(),
                  source.records(),
                  source.documents(),
                  source.characters(),
                  reasons(source.dropped()),
                  reasons(source.removed())));
    }
    assertThat(Files.readString(PAGE)).contains(String.join("\n", rows));
    var tasks = new ArrayList<String>();
    for (var task : report.leaks()) {
      tasks.add("| %s | %,d | %,d |".formatted(task.task(), task.items(), task.found()));
    }
    assertThat(Files.readString(PAGE)).contains(String.join("\n", tasks));
  }

  private IngestReport run(
      CleaningSettings cleaning,
      DuplicateSettings duplicates,
      DecontaminationSettings decontamination) {
    var settings =
        new IngestSettings(
            sources(),
            ReferenceData.path("reference/smollm2-135m"),
            folder.resolve("out"),
            List.of(),
            cleaning,
            duplicates,
            decontamination,
            BadFiles.FAIL,
            LimitSettings.USUAL,
            50_000);
    return Ingest.run(LocalSpark.session(), settings, false);
  }

  private static List<SourceSettings> sources() {
    return List.of(
        SourceSettings.of(
            Corpus.OPENWEBTEXT,
            data("openwebtext/layout-sample"),
            data("openwebtext").resolve("*.jsonl.gz")),
        SourceSettings.of(
            Corpus.WIKIPEDIA, data("wikipedia/dumps"), data("wikipedia/wikiextractor")),
        other("wikitext-2", data("wikipedia/wikitext-2"), Optional.empty()),
        SourceSettings.of(Corpus.GUTENBERG, data("gutenberg/books"), data("gutenberg/edge-cases")),
        SourceSettings.of(
            Corpus.BOOKCORPUS,
            data("bookcorpus/books"),
            data("bookcorpus/books_standin_p1.txt.gz")),
        SourceSettings.of(
            Corpus.ALPACA, data("alpaca/alpaca_data.json.gz"), data("alpaca/seed_tasks.jsonl")),
        other(
            "tinystories",
            data("tinystories/tinystories_sample.txt.gz"),
            Optional.of("<|endoftext|>")));
  }

  private static SourceSettings other(String name, Path path, Optional<String> separator) {
    var usual = SourceSettings.of(Corpus.OTHER, path);
    return new SourceSettings(
        usual.corpus(),
        Optional.of(name),
        usual.paths(),
        usual.format(),
        usual.textField(),
        separator,
        usual.sentencesPerDocument(),
        usual.firstRecords(),
        usual.licence());
  }

  private static Path data(String name) {
    return ReferenceData.path("data/" + name);
  }

  /** Files of the corpora's folders that are no notes about them. */
  private static long files() throws IOException {
    long files = 0;
    for (var corpus : List.of("openwebtext", "wikipedia", "gutenberg", "bookcorpus", "alpaca")) {
      files += files(corpus);
    }
    return files + files("tinystories");
  }

  private static long files(String corpus) throws IOException {
    try (Stream<Path> all = Files.walk(data(corpus))) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !List.of("README.md", "DATA_LICENSE").contains(file.toFile().getName()))
          .count();
    }
  }

  /** By share, then by reason: documents under the empty one. */
  private Map<String, SortedMap<String, Long>> found() {
    var out = folder.resolve("out");
    var spark = LocalSpark.session();
    var documents =
        spark
            .read()
            .parquet(out.resolve(Ingest.DOCUMENTS).toString())
            .select(col("source"), col("file"), lit("").as("reason"));
    var dropped =
        spark
            .read()
            .parquet(out.resolve(Ingest.DROPPED).toString())
            .filter(col("unit").equalTo(Drops.DOCUMENT))
            .select("source", "file", "reason");
    var found = new LinkedHashMap<String, SortedMap<String, Long>>();
    for (var row :
        documents.union(dropped).groupBy("source", "file", "reason").count().collectAsList()) {
      var share = share(row.getString(0) + "/" + row.getString(1));
      found
          .computeIfAbsent(share, name -> new TreeMap<>())
          .merge(row.getString(2), row.getLong(3), Long::sum);
    }
    return found;
  }

  private static String share(String file) {
    return STATED.stream()
        .map(Map.Entry::getKey)
        .filter(file::startsWith)
        .findFirst()
        .orElseThrow();
  }

  private static long sum(SortedMap<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static String reasons(SortedMap<String, Long> counts) {
    return counts.entrySet().stream()
        .filter(count -> !count.getKey().isEmpty())
        .map(count -> "%s %,d".formatted(count.getKey(), count.getValue()))
        .collect(Collectors.joining(", "));
  }
}
