package io.lorashear.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.method.PruneSettings;
import io.lorashear.method.PruningMethod;
import io.lorashear.prune.PruneStage;
import io.lorashear.prune.Recipe;
import io.lorashear.run.Progress;
import io.lorashear.run.RunRecord;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorashear prune}: makes a smaller model. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    description =
        "Removes key-value heads and MLP channels from a dense model until a share of its"
            + " parameters is gone, by LHSPG or another method, and writes the smaller checkpoint."
            + " A run that was stopped resumes. For zeros in matrices that keep their widths"
            + " (SparseGPT, Wanda, 2:4) use sparsify.",
    footer = {
      "",
      "Examples:",
      "  lorashear prune --config conf/prune/smollm2-135m.yaml --recipe best --set ratio=0.3",
      "  lorashear prune --config conf/prune/smollm2-135m.yaml --set method=taylor --set output=t"
    })
public final class PruneCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin StageOptions options = new StageOptions();
  @Mixin RecipeOption recipe = new RecipeOption();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin PrecisionOption precision = new PrecisionOption();
  @Mixin TensorBoardOption tensorboard = new TensorBoardOption();

  @Override
  public Integer call() {
    options
        .settings(
            PruneSettings.class,
            PruneStage::ready,
            recipe.settings(Recipe::prune).and(precision.in("train.precision")))
        .ifPresent(this::prune);
    return 0;
  }

  private void prune(PruneSettings settings) {
    var record = RunRecord.start("prune", settings).seed("prune", settings.seed());
    var place = device.device();
    var published =
        DeviceMemory.during(
            place,
            () ->
                DeviceMemory.planned(settings.corpus(), settings.checkpoint())
                    .prune(ModelShape.read(settings.checkpoint()), settings),
            () ->
                PruneStage.run(
                    settings, options.overwrite, place, tensorboard.progress(Progress.console())));
    record.write(published);
    var report = JsonFile.read(published.verified(PruneStage.REPORT));
    long before = report.path("parametersBefore").asLong();
    long after = report.path("parametersAfter").asLong();
    var out = spec.commandLine().getOut();
    out.printf(
        "%,d of %,d parameters are left (%.2f %% removed, %,d groups)%n",
        after, before, 100.0 * (before - after) / before, report.path("groupsRemoved").asInt());
    tokens(report.path(PruneStage.VOCABULARY));
    var gone = new ArrayList<String>();
    report
        .path("widths")
        .fields()
        .forEachRemaining(
            axis -> {
              if (axis.getValue().asInt() == 0) {
                gone.add(axis.getKey());
              }
            });
    if (!gone.isEmpty()) {
      out.printf("nothing is left of %s%n", String.join(", ", gone));
    }
    var early = report.path("run").path("leftByHalfSpace");
    if (early.isArray()) {
      out.printf(
          "groups chosen in each period: %s; left by the half-space before the deadline: %s%n",
          report.path("run").path("groupsChosen"), early);
    }
    report.path("run").path(PruningMethod.NOTES).forEach(note -> out.println(note.asText()));
    out.printf(
        "%nThe smaller model is in %s, and what went in %s%n",
        published.directory(), PruneStage.REPORT);
    out.flush();
  }

  private void tokens(JsonNode gone) {
    if (!gone.isMissingNode()) {
      spec.commandLine()
          .getOut()
          .printf(
              "%,d of them are rows of %,d tokens that hold %.3f %% of the corpus%s, which is now"
                  + " %.3f %% longer; %,d tokens are left out of the calibration rows for that%n",
              gone.path("parametersRemoved").asLong(),
              gone.path("tokensRemoved").asInt(),
              100 * gone.path("shareOfCorpus").asDouble(),
              gone.has("shareOfValidation")
                  ? " (%.3f %% of its validation rows, which were not counted)"
                      .formatted(100 * gone.path("shareOfValidation").asDouble())
                  : "",
              100 * gone.path("longerBy").asDouble(),
              gone.path("calibrationTokensLeftOut").asLong());
      gone.path("leftOut").forEach(note -> spec.commandLine().getOut().println(note.asText()));
    }
  }
}
