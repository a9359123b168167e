package io.lorashear.spark.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.lorashear.spark.source.record.BombException;
import io.lorashear.spark.source.record.Compression;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is wrong with a file that cannot be read, in the words the user sees. */
final class InputProblems {
  private InputProblems() {}

  /** A plain file that stops in the middle of a record. */
  static Unreadable endsInside(InputFile file, String what) {
    return problem(file, "ends in the middle of %s: it was cut off".formatted(what));
  }

  static Unreadable empty(InputFile file) {
    return problem(file, "is empty");
  }

  /** The end of the name says one compression, the bytes say another or none. */
  static Unreadable notPackedAsNamed(InputFile file, Compression promised, byte[] bytes) {
    return problem(
        file, "is not %s data: it begins with \"%s\"".formatted(name(promised), beginning(bytes)));
  }

  /** Nothing the corpus is published in begins so. */
  static Unreadable unknownFormat(InputFile file, Corpus corpus, byte[] bytes) {
    var known =
        corpus == Corpus.ALPACA
            ? "a JSON array or JSON lines"
            : "a MediaWiki dump, WikiExtractor's output or JSON lines";
    return problem(file, "is not %s: it begins with \"%s\"".formatted(known, beginning(bytes)));
  }

  /** A form of archive that none of the corpora is published in. */
  static Unreadable zip(InputFile file) {
    return problem(file, "is a zip archive, which is not read: unpack it");
  }

  /** A Parquet file whose columns are called otherwise. */
  static Unreadable noColumn(InputFile file, List<String> wanted, List<String> columns) {
    return problem(
        file,
        "has none of the columns %s, but %s: name the one with the text by textField"
            .formatted(wanted, columns));
  }

  private static String beginning(byte[] bytes) {
    var text = new String(bytes, 0, Math.min(bytes.length, 40), StandardCharsets.ISO_8859_1);
    return text.replaceAll("[^\\x20-\\x7e]+", " ").strip();
  }

  /** What went wrong while the bytes were read. */
  static Unreadable broken(InputFile file, IOException error) {
    return problem(file, description(file, error));
  }

  private static Unreadable problem(InputFile file, String what) {
    return new Unreadable(file.source(), file.name(), file.shownPath(), what);
  }

  private static String description(InputFile file, IOException error) {
    var message = Optional.ofNullable(error.getMessage()).orElse("");
    var packed = name(file.compression());
    if (file.parquet()) {
      return "is a damaged Parquet file (%s)".formatted(message.replace(file.path(), "it"));
    }
    if (error instanceof BombException) {
      return "is no text: " + message;
    } else if (error instanceof StreamConstraintsException tooLong) {
      return "has an item that is longer than limits.recordBytes (%d) or too deeply nested (%s)"
          .formatted(file.options().recordBytes(), tooLong.getOriginalMessage());
    } else if (error instanceof JsonProcessingException json) {
      var at = json.getLocation();
      return "is not valid JSON at line %d, column %d (%s)"
          .formatted(at.getLineNr(), at.getColumnNr(), json.getOriginalMessage());
    } else if (isEnd(error, message)) {
      return packed.isEmpty()
          ? "ends too early: it was cut off (%s)".formatted(message)
          : "ends in the middle of its %s data: it was cut off".formatted(packed);
    }
    return packed.isEmpty()
        ? "cannot be read to its end (%s)".formatted(message)
        : "has damaged %s data (%s)".formatted(packed, message);
  }

  private static boolean isEnd(IOException error, String message) {
    var lower = message.toLowerCase(Locale.ROOT);
    return error instanceof EOFException
        || lower.contains("end of stream")
        || lower.contains("end of input")
        || lower.contains("unexpected end")
        || lower.contains("truncated");
  }

  private static String name(Compression compression) {
    return compression == Compression.NONE ? "" : compression.name().toLowerCase(Locale.ROOT);
  }
}
