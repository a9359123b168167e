package io.lorashear.spark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.dedup.DuplicateSettings;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShufflesTest {
  private static final String SETTING = "spark.sql.shuffle.partitions";

  @ParameterizedTest
  @CsvSource({
    "0.06, 200, 2, 1",
    "0.07, 200, 2, 4", // Spark's own 200 for a thousand rows
    "1, 200, 64, 128",
    "1, 3, 64, 3",
    "1.1, 200, 2, 200",
    "200.1, 200, 2, 201",
    "1e9, 200, 2, 10000",
  })
  void whatFitsOnePieceIsCutForTheCoresAlone(double share, long set, long cores, long pieces) {
    assertThat(Shuffles.pieces(share, set, cores)).isEqualTo(pieces);
  }

  /** 20 bands a document. */
  @ParameterizedTest
  @CsvSource({
    "10, 2000, 1, 1", // little
    "781, 1000, 1, 1", // 15,620 keys
    "782, 1000, 3, 5", // 15,640 keys: as set
    "10, 1048577, 3, 5", // more than 1 MiB: as set
    "90000, 900000, 8, 5", // 1,800,000 keys
    "900, 90000000, 6, 5", // 86 MiB
    "900000000000, 1, 10000, 5",
  })
  void piecesAreAsManyAsKeysAndBytesAskFor(
      long documents, long bytes, String pieces, int partitions) {
    var spark = LocalSpark.session();
    var before = spark.conf().get(SETTING);
    var staged = new Staged(documents, bytes, new TreeSet<>());
    try (var shuffles = Shuffles.of(spark, staged, DuplicateSettings.USUAL)) {
      assertThat(shuffles.before()).isEqualTo(before).isEqualTo("3");
      assertThat(spark.conf().get(SETTING)).isEqualTo(pieces);
      var rows = shuffles.laid(spark.range(0, 10, 1, 5).toDF());
      assertThat(rows.toJavaRDD().getNumPartitions()).isEqualTo(partitions);
    }
    assertThat(spark.conf().get(SETTING)).isEqualTo(before);
  }
}
