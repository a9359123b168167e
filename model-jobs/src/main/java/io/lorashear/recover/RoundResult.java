package io.lorashear.recover;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.List;
import java.util.Locale;

/**
 * Result of one round.
 *
 * @param before held-out losses before the first step
 * @param best held-out losses of the state that was kept
 * @param validations all validations, in order of steps
 * @param tokens tokens trained on
 */
public record RoundResult(
    RecoverSettings.Kind stage,
    Validation before,
    Validation best,
    List<Validation> validations,
    long steps,
    long tokens) {

  /** The result as JSON. */
  ObjectNode toJson() {
    var json = JsonFile.object().put("stage", stage.toString().toLowerCase(Locale.ROOT));
    json.put("steps", steps).put("tokens", tokens);
    json.set("before", before.toJson());
    json.set("best", best.toJson());
    var all = json.putArray("validations");
    validations.forEach(validation -> all.add(validation.toJson()));
    return json;
  }
}
