package io.lorashear.recover;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.NamedArrays;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * All validations of a round, and the trained weights with the lowest loss so far, on disk. A
 * resumed run computes the same losses again, so it ends with the same weights; of equal losses the
 * earliest wins.
 */
public final class BestWeights {
  private static final String WEIGHTS = "best.safetensors";
  private static final String LOSSES = "best.json";
  private static final String AVERAGE = "average";

  private final AdaptedModel model;
  private final Path folder;
  private final Path all;

  /** The best weights of {@code model}; {@code scratch} is a folder that survives a killed run. */
  public BestWeights(AdaptedModel model, Path scratch) {
    this.model = model;
    this.folder = scratch.resolve("best");
    this.all = scratch.resolve("validations");
  }

  /** Records losses without keeping the weights. */
  public void note(Validation validation) {
    NamedArrays.publish(
        all.resolve("step-%08d".formatted(validation.step())),
        unfinished -> JsonFile.write(unfinished.resolve(LOSSES), validation.toJson()));
  }

  /**
   * Records losses, and keeps the model's trained weights if their mean loss is lower than that of
   * those kept so far.
   */
  public void offer(Validation validation) {
    note(validation);
    keep(validation, false);
  }

  /** The same for the average of several steps, which is no validation of a step. */
  public void offerAverage(Validation validation) {
    keep(validation, true);
  }

  private void keep(Validation validation, boolean average) {
    if (known() && !(validation.mean() < best().mean())) {
      return; // true also for NaN, the loss of a diverged training
    }
    NamedArrays.publish(
        folder,
        unfinished -> {
          NamedArrays.write(unfinished.resolve(WEIGHTS), model.model().trainable());
          var json = validation.toJson().put(AVERAGE, average);
          JsonFile.write(unfinished.resolve(LOSSES), json);
        });
  }

  /** Whether the best weights are an average. */
  public boolean average() {
    return JsonFile.read(folder.resolve(LOSSES)).path(AVERAGE).asBoolean();
  }

  private boolean known() {
    return Files.isRegularFile(folder.resolve(LOSSES));
  }

  /** All recorded validations, in order of steps. */
  public List<Validation> validations() {
    try (var steps = Files.list(all)) {
      return steps
          .filter(step -> !step.getFileName().toString().startsWith("."))
          .sorted()
          .map(step -> Validation.fromJson(JsonFile.read(step.resolve(LOSSES))))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Losses of the best weights. */
  public Validation best() {
    return Validation.fromJson(JsonFile.read(folder.resolve(LOSSES)));
  }

  /** The best weights by name. */
  TensorSource open() {
    return Safetensors.open(folder.resolve(WEIGHTS));
  }

  /** Copies the best weights into the model. */
  public void restore() {
    NamedArrays.read(folder.resolve(WEIGHTS), model.model().trainable());
  }
}
