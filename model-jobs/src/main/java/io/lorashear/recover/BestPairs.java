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
 * All validations of a round and the LoRA pairs of the lowest loss so far, on disk. A resumed run
 * meets the same losses again, so it ends with the same pairs: of equal ones the earliest.
 */
public final class BestPairs {
  private static final String PAIRS = "best.safetensors";
  private static final String LOSSES = "best.json";

  private final AdaptedModel model;
  private final Path folder;
  private final Path all;

  /** Those of {@code model}; {@code scratch} outlives a kill. */
  public BestPairs(AdaptedModel model, Path scratch) {
    this.model = model;
    this.folder = scratch.resolve("best");
    this.all = scratch.resolve("validations");
  }

  /** Notes losses; the pairs are not to be kept. */
  public void note(Validation validation) {
    NamedArrays.publish(
        all.resolve("step-%08d".formatted(validation.step())),
        unfinished -> JsonFile.write(unfinished.resolve(LOSSES), validation.toJson()));
  }

  /** Notes losses and keeps the model's pairs if their loss is below that of those kept. */
  public void offer(Validation validation) {
    note(validation);
    if (known() && !(validation.mean() < best().mean())) {
      return; // also where training has gone astray and the loss is no number
    }
    NamedArrays.publish(
        folder,
        unfinished -> {
          NamedArrays.write(unfinished.resolve(PAIRS), model.model().trainable());
          JsonFile.write(unfinished.resolve(LOSSES), validation.toJson());
        });
  }

  private boolean known() {
    return Files.isRegularFile(folder.resolve(LOSSES));
  }

  /** Everything that was noted, in order of steps. */
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

  /** Losses of the pairs kept. */
  public Validation best() {
    return Validation.fromJson(JsonFile.read(folder.resolve(LOSSES)));
  }

  /** The pairs kept, under the names of their weights. */
  TensorSource open() {
    return Safetensors.open(folder.resolve(PAIRS));
  }

  /** Puts the pairs kept into the model. */
  public void restore() {
    NamedArrays.read(folder.resolve(PAIRS), model.model().trainable());
  }
}
