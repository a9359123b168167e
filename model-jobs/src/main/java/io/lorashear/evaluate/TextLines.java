package io.lorashear.evaluate;

import io.lorashear.InputException;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;

/** Lines of a UTF-8 text file, plain or compressed by gzip or bzip2 according to its name. */
final class TextLines {
  private TextLines() {}

  private interface Reading<T> {
    T of(BufferedReader reader) throws IOException;
  }

  static List<String> of(Path file) {
    return read(file, reader -> reader.lines().toList());
  }

  /** The whole text with its line ends. */
  static String text(Path file) {
    return read(
        file,
        reader -> {
          var text = new StringWriter();
          reader.transferTo(text);
          return text.toString();
        });
  }

  private static <T> T read(Path file, Reading<T> reading) {
    try (var reader =
        new BufferedReader(new InputStreamReader(unpacked(file), StandardCharsets.UTF_8))) {
      return reading.of(reader);
    } catch (NoSuchFileException e) {
      throw new InputException(e, "%s: no such file", file);
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new InputException(
          e, "%s cannot be read to its end (%s): fetch it again", file, e.getMessage());
    }
  }

  private static InputStream unpacked(Path file) throws IOException {
    var bytes = new BufferedInputStream(Files.newInputStream(file));
    String name = file.toString();
    if (name.endsWith(".gz")) {
      return new GZIPInputStream(bytes);
    }
    return name.endsWith(".bz2") ? new BZip2CompressorInputStream(bytes, true) : bytes;
  }
}
