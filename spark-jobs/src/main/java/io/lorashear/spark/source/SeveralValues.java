package io.lorashear.spark.source;

import com.fasterxml.jackson.core.JsonToken;
import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import java.io.CharArrayReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Nearly valid JSON lines: several objects in a line, whose numbers are appended to the line's
 * position, or trailing commas, as in an array that was split into lines.
 */
final class SeveralValues implements Parser {
  private static final long serialVersionUID = 1;
  private final Parser each;

  SeveralValues(Parser each) {
    this.each = each;
  }

  @Override
  public List<Reading> readings(InputFile file, RawRecord record) {
    var readings = each.readings(file, record);
    if (!invalid(readings)) {
      return readings;
    }
    var values = values(Encodings.unicode(record.bytes()).orElse(""));
    var found = new ArrayList<Reading>();
    for (var i = 0; i < values.size(); i++) {
      var number = values.size() == 1 ? "" : "-" + i;
      var bytes = values.get(i).getBytes(StandardCharsets.UTF_8);
      var one = new RawRecord(record.position() + number, bytes, record.state());
      found.addAll(each.readings(file, one));
    }
    return found.isEmpty() ? readings : found;
  }

  private static boolean invalid(List<Reading> readings) {
    return readings.size() == 1
        && readings.get(0) instanceof Dropped dropped
        && dropped.reason().equals(DropReason.INVALID_JSON.code());
  }

  /** The objects of a line, unchanged; empty if there is something else between them. */
  private static List<String> values(String line) {
    var characters = line.toCharArray();
    var values = new ArrayList<String>();
    var at = between(characters, 0);
    while (at < characters.length) {
      var end = end(characters, at);
      if (end < 0) {
        return List.of();
      }
      values.add(line.substring(at, end));
      at = between(characters, end);
    }
    return values;
  }

  /** Skips white space, commas and the separator of RFC 7464. */
  private static int between(char[] line, int from) {
    var at = from;
    while (at < line.length
        && (Character.isWhitespace(line[at]) || line[at] == ',' || line[at] == '\u001e')) {
      at++;
    }
    return at;
  }

  /** The end of the object that begins at {@code from}, or -1. */
  private static int end(char[] line, int from) {
    var rest = new CharArrayReader(line, from, line.length - from);
    try (var parser = JsonText.JSON.createParser(rest)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return -1;
      }
      parser.skipChildren();
      return from + (int) parser.currentLocation().getCharOffset();
    } catch (IOException e) {
      return -1;
    }
  }
}
