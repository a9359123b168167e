package io.lorashear.spark.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import io.lorashear.spark.source.record.BombException;
import io.lorashear.spark.source.record.Compression;
import io.lorashear.spark.source.record.LongWindowException;
import io.lorashear.spark.source.record.ParquetNotReadException;
import io.lorashear.spark.source.record.SecondListException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.ChecksumException;

/** Messages about files that cannot be read. */
final class InputProblems {
  private InputProblems() {}

  /** A plain file ends in the middle of a record. */
  static Unreadable endsInside(InputFile file, String what) {
    return problem(file, "ends in the middle of %s: it was cut off".formatted(what));
  }

  static Unreadable empty(InputFile file) {
    return problem(file, "is empty");
  }

  /** The name has the ending of one compression, the bytes are of another or none. */
  static Unreadable notPackedAsNamed(InputFile file, Compression promised, byte[] bytes) {
    return problem(
        file, "is not %s data: it begins with \"%s\"".formatted(name(promised), beginning(bytes)));
  }

  /** The beginning matches no form of the corpus. */
  static Unreadable unknownFormat(InputFile file, Corpus corpus, String header) {
    var known =
        corpus == Corpus.ALPACA
            ? "a JSON array or JSON lines"
            : "a MediaWiki dump, WikiExtractor's output or JSON lines";
    return problem(file, "is not %s: it begins with \"%s\"".formatted(known, beginning(header)));
  }

  /** A known form that is not read. */
  static Unreadable foreign(InputFile file, Foreign form) {
    return intact(file, "is %s: %s".formatted(form.words, form.wayOut));
  }

  /** A form that is not read, with words that say what to do. */
  static Unreadable notRead(InputFile file, String words) {
    return intact(file, "is " + words);
  }

  /** Text written for programs, which can be read only as plain text. */
  static Unreadable noText(InputFile file, String words) {
    return intact(file, "is %s; or set format: text to take it as it stands".formatted(words));
  }

  /** A compressed Parquet file: Parquet needs random access, and is compressed already. */
  static Unreadable packedParquet(InputFile file) {
    return intact(
        file, "is a Parquet file inside %s data: unpack it".formatted(name(file.compression())));
  }

  /** Packed data inside packed data. */
  static Unreadable packedTwice(InputFile file, String inside) {
    return intact(
        file,
        "holds %s data inside its %s data: unpack it once"
            .formatted(inside, name(file.compression())));
  }

  /** A Parquet file without the wanted columns. */
  static Unreadable noColumn(InputFile file, List<String> wanted, List<String> columns) {
    return intact(
        file,
        "has none of the columns %s, but %s: name the one with the text by textField"
            .formatted(shown(wanted), columns));
  }

  private static String shown(List<String> names) {
    var first = String.join(", ", names.subList(0, Math.min(12, names.size())));
    return names.size() > 12 ? "[%s …]".formatted(first) : "[%s]".formatted(first);
  }

  private static String beginning(byte[] bytes) {
    return beginning(new String(bytes, 0, Math.min(bytes.length, 40), StandardCharsets.ISO_8859_1));
  }

  private static String beginning(String text) {
    return text.substring(0, Math.min(text.length(), 40))
        .replaceAll("[^\\x20-\\x7e]+", " ")
        .strip();
  }

  /** An error while the bytes were read. */
  static Unreadable broken(InputFile file, IOException error) {
    return wayOut(file, error)
        .map(what -> intact(file, what))
        .orElseGet(() -> problem(file, description(file, error)));
  }

  /** What an intact file needs that is missing, and how to proceed. */
  private static Optional<String> wayOut(InputFile file, IOException error) {
    if (error instanceof LongWindowException window) {
      return Optional.of(longWindow(file, String.valueOf(window.getMessage())));
    } else if (error instanceof ZstdIOException zstd
        && zstd.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
      return Optional.of(longWindow(file, "a longer window to be unpacked farther in"));
    } else if (error instanceof SecondListException lists) {
      return Optional.of(
          "holds two lists of objects, %s: write the one with the records into a file of its own"
              .formatted(lists.getMessage()));
    }
    return error instanceof ParquetNotReadException parquet
        ? Optional.of("is a Parquet file " + parquet.getMessage())
        : Optional.empty();
  }

  private static String longWindow(InputFile file, String needed) {
    return ("needs %s, and limits.windowBytes allows %d: set it higher, which every task may then"
            + " take beyond the heap, or compress the file again with zstd --long=27")
        .formatted(needed, file.options().windowBytes());
  }

  /** A damaged file, which downloading again may repair. */
  private static Unreadable problem(InputFile file, String what) {
    return intact(file, what + ": fetch the file again");
  }

  /** An undamaged file, with what to do with it. */
  private static Unreadable intact(InputFile file, String what) {
    return new Unreadable(file.source(), file.name(), file.shownPath(), what);
  }

  private static String description(InputFile file, IOException error) {
    var message = Optional.ofNullable(error.getMessage()).orElse("");
    var packed = name(file.compression());
    if (error instanceof ChecksumException) {
      return "does not fit the checksums beside it in .%s.crc: it was changed or damaged"
          .formatted(file.path().substring(file.path().lastIndexOf('/') + 1));
    } else if (file.parquet()) {
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

  static String name(Compression compression) {
    return compression == Compression.NONE ? "" : compression.name().toLowerCase(Locale.ROOT);
  }
}
