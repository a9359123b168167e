package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.dedup.DuplicateSettings;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShufflesTest {
  private static final String SETTING = "spark.sql.shuffle.partitions";

  /** Of so many records a tenth is left out; 20 bands each. */
  @ParameterizedTest
  @CsvSource({
    "10, 100, 3", // as set
    "100000, 10, 8", // 90,000 · 20 keys
    "1000, 100000, 6", // 90 MB
  })
  void piecesAreAsManyAsKeysAndBytesAskFor(long records, int characters, String pieces) {
    var spark = LocalSpark.session();
    var before = spark.conf().get(SETTING);
    try (var shuffles = Shuffles.over(verdicts(records, characters), DuplicateSettings.USUAL)) {
      assertThat(shuffles.before()).isEqualTo(before).isEqualTo("3");
      assertThat(spark.conf().get(SETTING)).isEqualTo(pieces);
    }
    assertThat(spark.conf().get(SETTING)).isEqualTo(before);
  }

  private static Dataset<Row> verdicts(long records, int characters) {
    var id = expr("id % 10");
    return LocalSpark.session()
        .range(records)
        .select(
            when(id.equalTo(0), "language").as("reason"),
            expr("repeat('x', %d)".formatted(characters)).as("text"));
  }
}
