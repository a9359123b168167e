package io.lorashear.spark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.dedup.DuplicateSettings;
import io.lorashear.spark.dedup.TextHash;
import io.lorashear.spark.engine.Interpreted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RepetitionsTest {
  private static final DuplicateSettings ALL =
      new DuplicateSettings(true, true, true, 0.8, 5, 20, 7, 4);

  /** In this process, or over shuffles. */
  @Test
  void ofFewTheSameGoAsOfMany() {
    var spark = LocalSpark.session();
    var verdicts = spark.createDataFrame(rows(), Verdicts.SCHEMA).repartition(3);
    var many = new Shuffles(spark, "3", 3);
    var few = new Shuffles(spark, "3", 1);
    assertThat(few.few()).isTrue();
    assertThat(many.few()).isFalse();
    var expected = List.<String>of();
    try (var interpreted = Interpreted.where(spark, 1)) {
      assertThat(interpreted.before()).hasSize(3);
      expected = marked(verdicts, many);
      assertThat(marked(few.laid(verdicts), few)).isEqualTo(expected);
    }
    assertThat(spark.conf().get("spark.sql.codegen.wholeStage")).isEqualTo("true");
    assertThat(Interpreted.where(spark, 2 << 20).before()).isEmpty();
    assertThat(reasons(expected))
        .isEqualTo(
            new TreeSet<>(List.of("exact-duplicate", "near-duplicate", "none", "too-short")));
    assertThat(expected).anyMatch(row -> row.contains("near-duplicate-paragraph -> 1"));
  }

  private static List<String> marked(Dataset<Row> verdicts, Shuffles shuffles) {
    try (var repetitions = new Repetitions(ALL, shuffles)) {
      var rows = repetitions.mark(verdicts).collectAsList().stream().map(Row::toString).toList();
      var marked = new ArrayList<>(rows);
      marked.sort(null);
      marked.addAll(repetitions.notes());
      return marked;
    }
  }

  private static TreeSet<String> reasons(List<String> rows) {
    return List.of("exact-duplicate", "near-duplicate,", "too-short", "null,null,null,Map()")
        .stream()
        .filter(reason -> rows.stream().anyMatch(row -> row.contains(reason)))
        .map(reason -> reason.startsWith("null") ? "none" : reason.replace(",", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Texts of two paragraphs; some come again, some with other words, some with one paragraph. */
  private static List<Row> rows() {
    var random = new Random(4);
    var rows = new ArrayList<Row>();
    var again = words(random, 40);
    for (var i = 0; i < 30; i++) {
      var text = words(random, 60) + "\n\n" + (i % 10 == 0 ? again : words(random, 40));
      rows.add(row(rows.size(), text, null));
      if (i % 3 == 0) {
        rows.add(row(rows.size(), text, null));
      }
      if (i % 4 == 0) {
        rows.add(row(rows.size(), text.replaceFirst("^\\w+", "lantern"), null));
        rows.add(row(rows.size(), text.replaceFirst("\\w+$", "lantern"), null));
      }
      if (i % 5 == 0) {
        rows.add(row(rows.size(), text, "too-short"));
      }
    }
    return rows;
  }

  private static Row row(int number, String text, @Nullable String reason) {
    var values = new Object[Verdicts.SCHEMA.length()];
    Arrays.fill(values, "");
    var id = "tales/%04d".formatted(number * 7919 % 1000);
    var given =
        Map.of("source", "tales", "id", id, "kind", "prose", "text", text, "file", "a.jsonl");
    given.forEach((name, value) -> values[Verdicts.SCHEMA.fieldIndex(name)] = value);
    values[Verdicts.SCHEMA.fieldIndex("paragraphs")] = 2;
    for (var map : List.of("removed", "examples", "warnings")) {
      values[Verdicts.SCHEMA.fieldIndex(map)] =
          scala.collection.JavaConverters.mapAsScalaMap(Map.of());
    }
    values[Verdicts.SCHEMA.fieldIndex("hash")] = TextHash.of(text, "");
    values[Verdicts.SCHEMA.fieldIndex("reason")] = reason;
    values[Verdicts.SCHEMA.fieldIndex("detail")] = null;
    values[Verdicts.SCHEMA.fieldIndex("excerpt")] = null;
    return RowFactory.create(values);
  }

  private static String words(Random random, int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> "w" + random.nextInt(2000))
        .collect(Collectors.joining(" "));
  }
}
