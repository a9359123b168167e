package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A run of lines with a sentence each: one document. Lines that are no sentence are dropped alone,
 * each under its own number.
 */
final class SentenceLines implements Parser {
  private static final long serialVersionUID = 1;

  @Override
  public List<Reading> readings(InputFile file, RawRecord record) {
    var readings = new ArrayList<Reading>();
    var sentences = new ArrayList<String>();
    var number = Long.parseLong(record.position());
    for (var line : lines(record.bytes())) {
      var place = file.place("%010d".formatted(number++));
      var sentence = Encodings.unicode(line).orElse(null);
      if (sentence == null) {
        readings.add(Dropped.at(place, DropReason.INVALID_ENCODING, line));
      } else if (sentence.isBlank()) {
        readings.add(Dropped.at(place, DropReason.NO_TEXT, ""));
      } else {
        sentences.add(sentence.strip());
      }
    }
    if (!sentences.isEmpty()) {
      var place = file.place(record.position() + "-lines");
      readings.add(Document.at(place, Kind.SENTENCES, String.join("\n", sentences), ""));
    }
    return readings;
  }

  private static List<byte[]> lines(byte[] bytes) {
    var lines = new ArrayList<byte[]>();
    var start = 0;
    for (var i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        lines.add(Arrays.copyOfRange(bytes, start, i));
        start = i + 1;
      }
    }
    if (start < bytes.length) {
      lines.add(Arrays.copyOfRange(bytes, start, bytes.length));
    }
    return lines;
  }
}
