package io.lorashear.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** JSON files of a model: reading reports clear errors, and written bytes are reproducible. */
public final class JsonFile {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final DefaultPrettyPrinter LAYOUT =
      new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

  /**
   * Maximum size in bytes; files of a model are far smaller, and a larger file could fill the
   * memory.
   */
  private static final long LARGEST = 100_000_000;

  private JsonFile() {}

  /** The object in {@code file}. */
  public static ObjectNode read(Path file) {
    checkSize(file);
    try (var bytes = Files.newInputStream(file)) {
      JsonNode root = JSON.readTree(bytes);
      if (root instanceof ObjectNode object) {
        return object;
      }
      throw new InputException("%s does not hold a JSON object", file);
    } catch (JacksonException e) {
      var at = e.getLocation();
      throw new InputException(
          e,
          "%s is not valid JSON, line %d: %s",
          file,
          at == null ? 0 : at.getLineNr(),
          e.getOriginalMessage());
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read: %s", file, e.getMessage());
    }
  }

  private static void checkSize(Path file) {
    try {
      if (Files.size(file) > LARGEST) {
        throw new InputException(
            "%s has %d bytes: JSON beside a model has at most %d", file, Files.size(file), LARGEST);
      }
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read: %s", file, e.getMessage());
    }
  }

  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** Writes with an indentation of two spaces, LF, and a newline at the end. */
  public static void write(Path file, ObjectNode object) {
    try {
      Files.write(file, bytes(object));
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  /**
   * Writes {@code object} as a whole, in a folder that may not exist yet: whoever reads the file
   * finds what was there before, or all of this.
   */
  public static void replace(Path file, ObjectNode object) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      var unfinished = file.resolveSibling("." + file.getFileName());
      write(unfinished, object);
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes that {@link #write} writes. */
  static byte[] bytes(ObjectNode object) {
    try {
      return (JSON.writer(LAYOUT).writeValueAsString(object) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JacksonException e) {
      throw new IllegalStateException(e); // a tree can always be written
    }
  }
}
