package io.lorashear.recover;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Result of one round.
 *
 * @param before held-out losses before the first step
 * @param best held-out losses of the state that was kept
 * @param validations all validations, in order of steps
 * @param average the average over the last steps; empty if none was asked for
 * @param tokens tokens trained on
 */
public record RoundResult(
    RecoverSettings.Kind stage,
    Validation before,
    Validation best,
    List<Validation> validations,
    Optional<Average> average,
    long steps,
    long tokens) {

  /**
   * The average of the trained weights over the last steps.
   *
   * @param losses its held-out losses
   * @param steps number of steps
   * @param kept whether it is what was kept
   */
  public record Average(Validation losses, long steps, boolean kept) {}

  /** The result as JSON. */
  ObjectNode toJson() {
    var json = JsonFile.object().put("stage", stage.toString().toLowerCase(Locale.ROOT));
    json.put("steps", steps).put("tokens", tokens);
    json.set("before", before.toJson());
    json.set("best", best.toJson());
    var all = json.putArray("validations");
    validations.forEach(validation -> all.add(validation.toJson()));
    average.ifPresent(
        mean ->
            json.set(
                "average", mean.losses.toJson().put("steps", mean.steps).put("kept", mean.kept)));
    return json;
  }
}
