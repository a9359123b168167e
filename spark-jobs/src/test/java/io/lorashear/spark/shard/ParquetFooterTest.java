package io.lorashear.spark.shard;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.LocalSpark;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetFooterTest {
  @TempDir Path folder;

  private byte[] footer() throws IOException {
    var rows = LocalSpark.session().range(50).select(concat(lit("row "), col("id")).as("id"));
    var out = new org.apache.hadoop.fs.Path(folder.resolve("p").toString());
    DeterministicParquet.write(rows, List.of(), List.of("id"), 1000, out);
    var bytes = Files.readAllBytes(folder.resolve("p/part-00000.parquet"));
    int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 2 * 4);
    return Arrays.copyOfRange(bytes, bytes.length - 8 - length, bytes.length - 8);
  }

  @Test
  void theOrderOfEncodingsIsAlwaysTheSame() throws IOException {
    var footer = footer();
    var metadata = Util.readFileMetaData(new ByteArrayInputStream(footer));
    var encodings = metadata.getRow_groups().get(0).getColumns().get(0).getMeta_data();
    assertThat(encodings.getEncodings())
        .hasSizeGreaterThan(1)
        .isSortedAccordingTo(Encoding::compareTo);
    Collections.reverse(encodings.getEncodings());
    var shuffled = new ByteArrayOutputStream();
    Util.writeFileMetaData(metadata, shuffled);
    assertThat(shuffled.toByteArray()).isNotEqualTo(footer);
    assertThat(ParquetFooter.sorted(shuffled.toByteArray())).isEqualTo(footer);
  }

  @Test
  void rowsAreReadAsTheyWereWritten() throws IOException {
    assertThat(footer()).isNotEmpty();
    var rows = LocalSpark.session().read().parquet(folder.resolve("p").toString());
    assertThat(rows.count()).isEqualTo(50);
    assertThat(rows.filter(col("id").equalTo("row 7")).count()).isEqualTo(1);
  }
}
