package io.lorashear.adapt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.recover.RecoverSettings.Kind;
import io.lorashear.recover.Validation;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

/**
 * What the training of an adapter did.
 *
 * @param validations the held-out losses, in order; the first are those of the model alone
 * @param best those of the pairs that were kept
 * @param tokens trained on
 */
public record AdapterResult(
    Kind stage, List<Validation> validations, Validation best, long steps, long tokens) {

  /** Losses of the model alone. */
  public Validation before() {
    return validations.get(0);
  }

  /** As JSON. */
  ObjectNode toJson() {
    var json = JsonFile.object().put("stage", stage.toString().toLowerCase(Locale.ROOT));
    json.put("steps", steps).put("tokens", tokens);
    json.set("best", best.toJson());
    var all = json.putArray("validations");
    validations.forEach(validation -> all.add(validation.toJson()));
    return json;
  }

  /** The reverse of {@link #toJson}. */
  public static AdapterResult fromJson(JsonNode json) {
    var all = json.path("validations");
    return new AdapterResult(
        Kind.valueOf(json.path("stage").asText().toUpperCase(Locale.ROOT)),
        StreamSupport.stream(all.spliterator(), false).map(Validation::fromJson).toList(),
        Validation.fromJson(json.path("best")),
        json.path("steps").asLong(),
        json.path("tokens").asLong());
  }
}
