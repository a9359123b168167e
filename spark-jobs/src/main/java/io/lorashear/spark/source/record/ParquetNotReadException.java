package io.lorashear.spark.source.record;

import java.io.IOException;

/**
 * An intact Parquet file that needs something unavailable. The message is worded to follow "is a
 * Parquet file".
 */
public final class ParquetNotReadException extends IOException {
  private static final long serialVersionUID = 1;

  private ParquetNotReadException(String message) {
    super(message);
  }

  static ParquetNotReadException encrypted(String column) {
    return new ParquetNotReadException(
        "whose column %s is encrypted, and there is no key here: write it without encryption"
            .formatted(column));
  }

  static ParquetNotReadException noDecoder(String codec) {
    return new ParquetNotReadException(
        "compressed with %s, for which there is no decoder here: write it with zstd"
            .formatted(codec));
  }

  static ParquetNotReadException newer(RuntimeException cause) {
    var newer =
        new ParquetNotReadException(
            "with a type or a codec that is newer than what is read here: write its text alone, for"
                + " example with pyarrow.parquet's write_table(read_table(\"x.parquet\","
                + " columns=[\"text\"]), \"y.parquet\")");
    newer.initCause(cause);
    return newer;
  }
}
