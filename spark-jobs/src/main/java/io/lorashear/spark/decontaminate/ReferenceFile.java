package io.lorashear.spark.decontaminate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.InputException;
import io.lorashear.spark.source.record.Compression;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A file of evaluation text: paragraphs separated by blank lines, or JSON lines with a field {@code
 * text}.
 */
final class ReferenceFile {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern BLANK_LINE = Pattern.compile("\\n[ \\t\\r]*\\n\\s*");

  /**
   * Maximum size, more than any evaluation text has; a larger file is probably meant as a source.
   */
  private static final int MOST_BYTES = 256 << 20;

  private ReferenceFile() {}

  /**
   * Its texts, by the number of their paragraph or line, from 1.
   *
   * @throws InputException if it is missing, damaged, too large or of another form
   */
  static Map<String, String> read(Path file) {
    var text = text(file);
    return text.stripLeading().startsWith("{\"") ? lines(file, text) : paragraphs(text);
  }

  private static String text(Path file) {
    try {
      var packed = Files.readAllBytes(file);
      try (var bytes = Compression.ofBytes(packed).open(new ByteArrayInputStream(packed))) {
        var read = bytes.readNBytes(MOST_BYTES);
        if (bytes.read() >= 0) {
          throw new InputException(
              "%s has more than %d bytes: give decontamination what you measure on alone",
              file, MOST_BYTES);
        }
        return new String(read, StandardCharsets.UTF_8);
      }
    } catch (NoSuchFileException e) {
      throw new InputException(e, "%s: no such file", file);
    } catch (IOException e) {
      throw new InputException(
          e, "%s cannot be read to its end (%s): fetch it again", file, e.getMessage());
    }
  }

  private static Map<String, String> paragraphs(String text) {
    var texts = new TreeMap<String, String>();
    for (var paragraph : BLANK_LINE.split(text, -1)) {
      texts.put("paragraph %08d".formatted(texts.size() + 1), paragraph);
    }
    return texts;
  }

  private static Map<String, String> lines(Path file, String text) {
    var texts = new TreeMap<String, String>();
    var number = 0;
    for (var line : text.lines().toList()) {
      number++;
      if (!line.isBlank()) {
        texts.put("line %08d".formatted(number), field(file, number, line));
      }
    }
    return texts;
  }

  private static String field(Path file, int number, String line) {
    try {
      var value = JSON.readTree(line).path("text");
      if (value.isTextual()) {
        return value.textValue();
      }
    } catch (JsonProcessingException e) {
      throw new InputException(e, "%s line %d is not JSON: correct or remove it", file, number);
    }
    throw new InputException(
        "%s line %d has no text under \"text\": give JSON lines with that field, or plain text",
        file, number);
  }
}
