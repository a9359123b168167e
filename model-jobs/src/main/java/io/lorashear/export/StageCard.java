package io.lorashear.export;

import io.lorashear.card.ModelCard;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.run.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Writes the model card of a stage's output, a Hugging Face folder for transformers. */
public final class StageCard {
  private StageCard() {}

  /**
   * Writes README.md into the folder of the model that a stage has written.
   *
   * @param title its heading
   * @param read the model that the stage began with
   * @param corpus the corpus it was trained or calibrated on
   * @param weights a sentence about the number type
   */
  public static void write(
      String title, Path read, Path corpus, String weights, Stage.Output output) {
    var target = Targets.ALL.get(0);
    try (var model = Checkpoint.open(output.directory())) {
      var loading = Export.loading(target, new ExportRequest(model, WeightType.F32));
      var about =
          new ModelCard.About(
              title,
              target.library(),
              loading,
              List.of(),
              Optional.of(weights),
              Optional.empty(),
              Optional.empty());
      ModelCard.write(model, about, read, corpus, output);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + output.directory(), e);
    }
  }
}
