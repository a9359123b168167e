package io.lorashear.cli;

import io.lorashear.prune.Recipe;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.Progress;
import io.lorashear.run.RunRecord;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorashear recover}: one round of recovery. */
@Command(
    name = "recover",
    mixinStandardHelpOptions = true,
    description =
        "Trains LoRA (or what learn.weights names) on a drawn subset, keeps the state with the"
            + " lowest held-out loss, merges it and writes the checkpoint: one round of recovery."
            + " resample draws the next subset by the losses. A run that was stopped resumes.",
    footer = {
      "",
      "Examples:",
      "  lorashear recover --config conf/recover/smollm2-135m.yaml --set subset=runs/subset-0",
      "  lorashear recover --config conf/recover/smollm2-135m.yaml --set rows=20"
    })
public final class RecoverCommand implements Callable<Integer> {
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
            RecoverSettings.class,
            RecoverStage::ready,
            recipe.settings(Recipe::recover).and(precision.in("train.precision")))
        .ifPresent(this::recover);
    return 0;
  }

  private void recover(RecoverSettings settings) {
    var record = RunRecord.start("recover", settings).seed("recover", settings.seed());
    var place = device.device();
    var published =
        DeviceMemory.during(
            place,
            () ->
                DeviceMemory.planned(settings.corpus(), settings.checkpoint())
                    .recover(ModelShape.read(settings.checkpoint()), settings),
            () ->
                RecoverStage.run(
                    settings, options.overwrite, place, tensorboard.progress(Progress.console())));
    record.write(published);
    var losses = RecoverStage.losses(published);
    var before = losses.get(0);
    var best = losses.get(1);
    var out = spec.commandLine().getOut();
    out.printf("%-16s %12s %12s   held-out perplexity%n", "source", "before", "after");
    before
        .losses()
        .forEach(
            (source, loss) ->
                out.printf(
                    "%-16s %12.2f %12.2f%n",
                    source, Math.exp(loss), Math.exp(best.losses().getOrDefault(source, loss))));
    out.printf(
        "%-16s %12.2f %12.2f   (kept: step %d)%n",
        "geometric mean", Math.exp(before.mean()), Math.exp(best.mean()), best.step());
    RecoverStage.learnt(published).ifPresent(word -> out.printf("%n%s%n", word));
    RecoverStage.averaged(published).ifPresent(word -> out.printf("%n%s%n", word));
    RecoverStage.rounded(published).ifPresent(word -> out.printf("%n%s%n", word));
    RecoverStage.kept(published).ifPresent(word -> out.printf("%n%s%n", word));
    RecoverStage.filled(published).ifPresent(word -> out.printf("%nWarning: %s%n", word));
    out.printf("%nThe recovered model is in %s%n", published.directory());
    out.flush();
  }
}
