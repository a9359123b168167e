package io.lorashear.sparse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The record of a checkpoint's zeros: {@code sparsity} in {@code pruning.json} if {@code sparsify}
 * made them, or in {@code recovery.json} if recovery kept them.
 *
 * @param file the report's name
 * @param json the field's value
 */
public record SparsityRecord(String file, ObjectNode json) {
  /** The field of the report that contains the record. */
  public static final String FIELD = "sparsity";

  private static final List<String> FILES = List.of(SparsifyStage.REPORT, "recovery.json");

  /** The record of {@code checkpoint}; empty if no report records zeros. */
  public static Optional<SparsityRecord> of(Path checkpoint) {
    for (var file : FILES) {
      var path = checkpoint.resolve(file);
      if (Files.isRegularFile(path)
          && JsonFile.read(path).path(FIELD) instanceof ObjectNode sparsity) {
        return Optional.of(new SparsityRecord(file, sparsity));
      }
    }
    return Optional.empty();
  }

  /**
   * Refuses a checkpoint whose recorded zeros would silently become nonzero.
   *
   * @param filled end of the message: what would fill the zeros, and what to do instead
   * @throws InputException if a report in the checkpoint's folder records zeros
   */
  public static void refuse(Path checkpoint, String filled) {
    of(checkpoint)
        .ifPresent(
            record -> {
              throw new InputException(
                  "%s of %s tells of zeros (%s), which %s",
                  record.file(), checkpoint, record.pattern(), filled);
            });
  }

  /** {@code unstructured}, or N:M. */
  public String pattern() {
    return json.path("pattern").asText();
  }

  /** Names of the matrices that have zeros. */
  public Set<String> matrices() {
    return shares().keySet();
  }

  private Map<String, Double> shares() {
    var shares = new LinkedHashMap<String, Double>();
    json.path("matrices")
        .fields()
        .forEachRemaining(e -> shares.put(e.getKey(), e.getValue().asDouble()));
    shares.values().removeIf(share -> share == 0);
    return shares;
  }

  /**
   * Refuses a record of another model. The model may have more zeros than recorded, because
   * rounding creates some.
   *
   * @param zeros count of zeros in each matrix of a block, by name
   * @param weights count of weights in each
   */
  public void require(Map<String, Long> zeros, Map<String, Long> weights) {
    var missing = new TreeMap<String, Long>();
    shares()
        .forEach(
            (name, share) -> {
              long told = Math.round(share * weights.getOrDefault(name, 0L));
              if (!zeros.containsKey(name) || zeros.get(name) < told) {
                missing.put(name, told);
              }
            });
    if (!missing.isEmpty()) {
      var name = missing.firstKey();
      throw new InputException(
          "%s tells of zeros in %d matrices that do not have them, %s among them with %s: it is"
              + " the record of another model. Sparsify again, or set keepZeros to false",
          file,
          missing.size(),
          name,
          zeros.containsKey(name)
              ? "%,d zeros of %,d told".formatted(zeros.get(name), missing.get(name))
              : "no such matrix in the model");
    }
  }
}
