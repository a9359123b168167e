package io.lorashear.spark.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.spark.source.record.Layout;
import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/**
 * Checks the first records of a source before all are read: whether any of them fits the settings.
 */
final class FirstRecords {
  private static final int RECORDS = 20;
  private static final int FILES = 5;

  /** Reasons by which a record does not have the requested form. */
  private static final Set<String> OTHER_FORM =
      Set.of(
          DropReason.NO_TEXT_FIELD.code(),
          DropReason.UNKNOWN_FORM.code(),
          DropReason.INVALID_JSON.code());

  private final Configuration configuration;
  private final List<JsonNode> records = new ArrayList<>();
  private String invalid = "";
  private int looked;
  private int fitting;

  FirstRecords(Configuration configuration) {
    this.configuration = configuration;
  }

  /** Reads first records of the files until one of them fits. */
  void look(List<InputFile> files) {
    files.stream()
        .filter(FirstRecords::ofFields)
        .limit(FILES)
        .takeWhile(file -> fitting == 0)
        .forEach(this::look);
  }

  /** Whether the file's records are recognised by the names of their fields. */
  private static boolean ofFields(InputFile file) {
    return file.format() == Format.JSON_LINES
        || file.format() == Format.INSTRUCTIONS
        || file.layout() instanceof Layout.Rows;
  }

  private void look(InputFile file) {
    var parser = file.parser();
    try (var slice = new SliceRecords(new Slice(file), configuration)) {
      for (var i = 0; i < RECORDS; i++) {
        var record = slice.read();
        if (record == null) {
          return;
        }
        SliceReadings.of(parser, file, record).forEach(reading -> note(reading, record));
      }
    } catch (IOException e) {
      fitting++; // reading the file will report the problem
    }
  }

  private void note(Reading reading, RawRecord record) {
    looked++;
    if (reading instanceof Dropped dropped && OTHER_FORM.contains(dropped.reason())) {
      json(record).ifPresentOrElse(records::add, () -> invalid = dropped.excerpt());
      return;
    }
    fitting++;
  }

  private static Optional<JsonNode> json(RawRecord record) {
    return Encodings.unicode(record.bytes()).map(JsonText::object);
  }

  /**
   * The fields of the records, if none of them fits.
   *
   * @param field field that should contain the text
   * @param columns columns of Parquet files, whose records have only the wanted ones
   */
  Optional<String> otherFields(String field, Collection<String> columns) {
    return looked > 0 && fitting == 0 && !records.isEmpty()
        ? Optional.of(Fields.of(records, field, columns))
        : Optional.empty();
  }

  /** The first record, if none is JSON at all. */
  Optional<String> invalid() {
    return looked > 0 && fitting == 0 && records.isEmpty()
        ? Optional.of(invalid)
        : Optional.empty();
  }
}
