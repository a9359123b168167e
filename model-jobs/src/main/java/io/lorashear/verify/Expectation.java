package io.lorashear.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Figures of a model on a few token ids. All but the ids may be left out: a missing figure is not
 * compared.
 *
 * <pre>
 *   {"ids": [[…], …], "logits_last": [[…], …], "logits_last_cached": [[…], …],
 *    "logits_sum_per_position": [[…], …], "loss_next_token_mean": …,
 *    "gradient_norms": {name: …}, "parameters": …}
 * </pre>
 *
 * @param ids rows of the same length, which is at least 2
 * @param logitsLast of each row, (vocabulary) logits after its last token
 * @param logitsCached the same if the row is processed token by token with a key-value cache, as in
 *     text generation
 * @param logitsSums of each row, the sum of all logits after each of its tokens
 * @param loss mean negative log-likelihood of all ids but the rows' first, in nats
 * @param gradientNorms Euclidean norm of the loss's gradient, by Hugging Face's name of the tensor
 * @param parameters in all tensors, tied ones counted once
 */
public record Expectation(
    List<List<Integer>> ids,
    List<List<Double>> logitsLast,
    List<List<Double>> logitsCached,
    List<List<Double>> logitsSums,
    OptionalDouble loss,
    Map<String, Double> gradientNorms,
    OptionalLong parameters) {

  public Expectation {
    ids = List.copyOf(ids);
    logitsLast = List.copyOf(logitsLast);
    logitsCached = List.copyOf(logitsCached);
    logitsSums = List.copyOf(logitsSums);
    gradientNorms = Collections.unmodifiableMap(new LinkedHashMap<>(gradientNorms));
  }

  /**
   * Reads a file of this form.
   *
   * @throws InputException when it is missing, of another form, or has nothing to compare
   */
  public static Expectation read(Path file) {
    var json = JsonFile.read(file);
    var ids = new ArrayList<List<Integer>>();
    for (var row : rows(file, json, "ids")) {
      ids.add(row.stream().map(Double::intValue).toList());
    }
    if (ids.isEmpty() || ids.get(0).size() < 2) {
      throw new InputException(
          "%s has no ids: give at least one row of two token ids, \"ids\": [[1, 2]]", file);
    }
    if (ids.stream().anyMatch(row -> row.size() != ids.get(0).size())) {
      throw new InputException("%s has rows of ids of different lengths: give all one", file);
    }
    var expectation =
        new Expectation(
            ids,
            ofEveryRow(file, json, "logits_last", ids.size()),
            ofEveryRow(file, json, "logits_last_cached", ids.size()),
            ofEveryRow(file, json, "logits_sum_per_position", ids.size()),
            json.path("loss_next_token_mean").isNumber()
                ? OptionalDouble.of(json.get("loss_next_token_mean").asDouble())
                : OptionalDouble.empty(),
            norms(file, json.path("gradient_norms")),
            json.path("parameters").isIntegralNumber()
                ? OptionalLong.of(json.get("parameters").asLong())
                : OptionalLong.empty());
    if (expectation.isEmpty()) {
      throw new InputException(
          "%s says nothing to compare: it needs one of logits_last, logits_last_cached,"
              + " logits_sum_per_position, loss_next_token_mean, gradient_norms, parameters",
          file);
    }
    return expectation;
  }

  /** The same without gradients. */
  public Expectation withoutGradients() {
    return new Expectation(ids, logitsLast, logitsCached, logitsSums, loss, Map.of(), parameters);
  }

  private boolean isEmpty() {
    return logitsLast.isEmpty()
        && logitsCached.isEmpty()
        && logitsSums.isEmpty()
        && loss.isEmpty()
        && gradientNorms.isEmpty()
        && parameters.isEmpty();
  }

  private static List<List<Double>> ofEveryRow(Path file, JsonNode json, String field, int count) {
    var rows = rows(file, json, field);
    if (!rows.isEmpty() && rows.size() != count) {
      throw new InputException(
          "%s has %d rows of %s for %d rows of ids", file, rows.size(), field, count);
    }
    return rows;
  }

  private static List<List<Double>> rows(Path file, JsonNode json, String field) {
    var rows = new ArrayList<List<Double>>();
    for (var row : json.path(field)) {
      var values = new ArrayList<Double>();
      for (var value : row) {
        if (!value.isNumber()) {
          throw new InputException("%s: %s holds %s, not a number", file, field, value);
        }
        values.add(value.asDouble());
      }
      rows.add(List.copyOf(values));
    }
    return rows;
  }

  private static Map<String, Double> norms(Path file, JsonNode json) {
    var norms = new LinkedHashMap<String, Double>();
    for (var norm : json.properties()) {
      if (!norm.getValue().isNumber()) {
        throw new InputException(
            "%s: gradient_norms of %s is %s, not a number", file, norm.getKey(), norm.getValue());
      }
      norms.put(norm.getKey(), norm.getValue().asDouble());
    }
    return norms;
  }

  /** The form that {@link #read} reads. */
  public ObjectNode toJson() {
    var json = JsonFile.object();
    var rows = json.putArray("ids");
    ids.forEach(row -> row.forEach(rows.addArray()::add));
    write(json.putArray("logits_last"), logitsLast);
    if (!logitsCached.isEmpty()) {
      write(json.putArray("logits_last_cached"), logitsCached);
    }
    write(json.putArray("logits_sum_per_position"), logitsSums);
    loss.ifPresent(value -> json.put("loss_next_token_mean", value));
    if (!gradientNorms.isEmpty()) {
      gradientNorms.forEach(json.putObject("gradient_norms")::put);
    }
    parameters.ifPresent(value -> json.put("parameters", value));
    return json;
  }

  private static void write(ArrayNode into, List<List<Double>> rows) {
    rows.forEach(row -> row.forEach(into.addArray()::add));
  }
}
