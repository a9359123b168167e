package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.source.Corpus;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.SourceSettings;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class CountsTest {
  private static final Inputs NO_FILES =
      new Inputs(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  /** In SQL: id, reason, detail, text, response, paragraphs, removed, warnings; of two sources. */
  private static Dataset<Row> verdicts() {
    return LocalSpark.session()
        .sql(
            """
            SELECT source, id, 'prose' kind, text, response, 'f' file, '' position, paragraphs,
              removed, CAST(map() AS map<string, string>) examples, '' hash, reason, detail,
              '' excerpt, warnings
            FROM VALUES
              ('other', 'a', NULL, NULL, 'four', 'two', 2, map('short', 3, 'leak', 1), map('w', 'x')),
              ('other', 'b', NULL, NULL, 'fünf', '', 1, map(), map('w', 'x', 'v', 'y')),
              ('other', 'c', 'nothing-left', 'short-paragraph 9', '', '', 0, map('short', 9), map('w', 'x')),
              ('other', 'd', 'nothing-left', 'leak 1', '', '', 0, map('leak', 1), map()),
              ('other', 'e', 'no-text', NULL, NULL, NULL, 0, map(), map()),
              ('alpaca', 'f', NULL, NULL, 'x', 'yz', 1, map(), map())
              AS t(source, id, reason, detail, text, response, paragraphs, removed, warnings)
            """)
        .selectExpr(
            "source",
            "id",
            "kind",
            "text",
            "response",
            "file",
            "position",
            "paragraphs",
            "CAST(removed AS map<string, int>) removed",
            "examples",
            "hash",
            "reason",
            "detail",
            "excerpt",
            "CAST(warnings AS map<string, string>) warnings")
        .repartition(3, col("id"));
  }

  @Test
  void everyFateIsCountedAsItIsWritten() {
    var counts = Counts.of(verdicts());
    assertThat(counts.documents()).isEqualTo(3);
    assertThat(counts.drops()).isEqualTo(Drops.of(verdicts()).count()).isEqualTo(10);
    var other = counts.of(SourceSettings.of(Corpus.OTHER), NO_FILES);
    assertThat(other.documents()).isEqualTo(2);
    assertThat(other.paragraphs()).isEqualTo(3);
    assertThat(other.characters()).isEqualTo(11);
    assertThat(other.dropped()).isEqualTo(Map.of("nothing-left", 2L, "no-text", 1L));
    assertThat(other.removed()).isEqualTo(Map.of("short", 12L, "leak", 2L));
    assertThat(other.warnings()).isEqualTo(Map.of("w", 2L, "v", 1L));
    assertThat(counts.emptied("other")).isEqualTo(1);
    var alpaca = counts.of(SourceSettings.of(Corpus.ALPACA), NO_FILES);
    assertThat(alpaca.documents()).isEqualTo(1);
    assertThat(alpaca.records()).isEqualTo(1);
    assertThat(counts.of(SourceSettings.of(Corpus.GUTENBERG), NO_FILES).records()).isZero();
  }
}
