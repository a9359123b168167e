package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A run of lines with one sentence each: one document. Lines that are not sentences are dropped by
 * themselves, each under its own number.
 */
final class SentenceLines implements Parser {
  private static final long serialVersionUID = 1;

  /** A byte-order mark, which may occur where files were concatenated. */
  private static final String MARK = "\ufeff";

  @Override
  public List<Reading> readings(InputFile file, RawRecord record) {
    var run = new Run(file, Long.parseLong(record.position()));
    Encodings.decode(record.bytes(), StandardCharsets.UTF_8)
        .ifPresentOrElse(text -> addLines(text, run), () -> addLines(record.bytes(), run));
    if (!run.sentences.isEmpty()) {
      var place = file.place(record.position() + "-lines");
      run.readings.add(Document.at(place, Kind.SENTENCES, String.join("\n", run.sentences), ""));
    }
    return run.readings;
  }

  /** The readings of the lines so far, and the number of the next line. */
  private static final class Run {
    private final InputFile file;
    private final List<Reading> readings = new ArrayList<>();
    private final List<String> sentences = new ArrayList<>();
    private long number;

    Run(InputFile file, long number) {
      this.file = file;
      this.number = number;
    }

    void add(String line) {
      if (line.isBlank()) {
        readings.add(Dropped.at(place(), DropReason.NO_TEXT, ""));
      } else {
        sentences.add(line.strip());
      }
      number++;
    }

    void addUnread(byte[] line) {
      readings.add(Dropped.at(place(), DropReason.INVALID_ENCODING, line));
      number++;
    }

    private Place place() {
      return file.place(RawRecord.position(number));
    }
  }

  private static void addLines(String text, Run run) {
    for (int start = 0, end; start < text.length(); start = end + 1) {
      var found = text.indexOf('\n', start);
      end = found < 0 ? text.length() : found;
      run.add(text.substring(text.startsWith(MARK, start) ? start + 1 : start, end));
    }
  }

  /** Adds the lines of bytes that are not valid text as a whole; single lines may be. */
  private static void addLines(byte[] bytes, Run run) {
    for (int start = 0, end; start < bytes.length; start = end + 1) {
      for (end = start; end < bytes.length && bytes[end] != '\n'; ) {
        end++;
      }
      var line = Arrays.copyOfRange(bytes, start, end);
      Encodings.unicode(line).ifPresentOrElse(run::add, () -> run.addUnread(line));
    }
  }
}
