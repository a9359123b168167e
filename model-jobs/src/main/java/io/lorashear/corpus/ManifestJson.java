package io.lorashear.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Writes records as JSON and reads them; names in the files are snake_case, like the Parquet
 * columns.
 */
final class ManifestJson {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private ManifestJson() {}

  static Path file(Path folder) {
    return folder.resolve("manifest.json");
  }

  /** File of a list that is too long for the manifest, one record per line. */
  static Path lines(Path folder, String list) {
    return folder.resolve(list + ".jsonl");
  }

  static ObjectNode json(String kind, int version, Object content) {
    ObjectNode node = MAPPER.createObjectNode().put("kind", kind).put("version", version);
    node.setAll(tree(content));
    return node;
  }

  static ObjectNode tree(Object content) {
    return MAPPER.valueToTree(content);
  }

  static <T> T read(PublishedDirectory folder, String kind, int version, Class<T> type) {
    return converted(tree(folder, kind, version), type, file(folder.directory()), kind);
  }

  /**
   * Reads a record one component of which is a list in its own file.
   *
   * @param command that publishes it
   */
  static <T> T read(
      Path path, String command, String kind, int version, Class<T> type, String list) {
    var folder = PublishedDirectory.openOf(command, path);
    ObjectNode node = tree(folder, kind, version);
    node.set(list, readLines(folder.verified(lines(Path.of(""), list).toString())));
    return converted(node, type, file(path), kind);
  }

  /** Reads one part of a manifest, if it exists. */
  static <T> Optional<T> read(
      PublishedDirectory folder, String kind, int version, String part, Class<T> type) {
    var node = tree(folder, kind, version).path(part);
    return node.isMissingNode()
        ? Optional.empty()
        : Optional.of(converted(node, type, file(folder.directory()), kind));
  }

  private static ObjectNode tree(PublishedDirectory folder, String kind, int version) {
    Path file = file(folder.directory());
    JsonNode node = folder.manifest();
    String found = node.path("kind").asText("something else");
    if (!found.equals(kind)) {
      throw new InputException("%s is of a %s: give the folder of a %s", file, found, kind);
    }
    if (node.path("version").asInt() != version) {
      throw new InputException(
          "%s has version %s, but version %d is what this program reads: make the %s again",
          file, node.path("version"), version, kind);
    }
    return node.deepCopy();
  }

  private static <T> T converted(JsonNode node, Class<T> type, Object where, String kind) {
    try {
      return MAPPER.treeToValue(node, type);
    } catch (JsonProcessingException e) {
      throw new InputException(
          e, "%s: %s%s: make the %s again", where, place(e), e.getOriginalMessage(), kind);
    }
  }

  /** {@code shards[2].rows: }, from Jackson's list of steps. */
  private static String place(JsonProcessingException e) {
    if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
      return "";
    }
    return mapping.getPath().stream()
            .map(
                step ->
                    step.getFieldName() == null
                        ? "[" + step.getIndex() + "]"
                        : "." + step.getFieldName())
            .collect(Collectors.joining())
            .replaceFirst("^\\.", "")
        + ": ";
  }

  static void writeLines(Path file, List<?> records) {
    try (var writer = Files.newBufferedWriter(file)) {
      for (Object value : records) {
        writer.append(MAPPER.writeValueAsString(value)).append('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ArrayNode readLines(Path file) {
    ArrayNode records = MAPPER.createArrayNode();
    try (var reader = Files.newBufferedReader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        records.add(MAPPER.readTree(line));
      }
      return records;
    } catch (JsonProcessingException e) {
      throw new InputException(
          e,
          "%s, line %d is not JSON (%s): copy the folder again",
          file,
          records.size() + 1,
          e.getOriginalMessage());
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", file, e.getMessage());
    }
  }
}
