package io.lorashear.cli;

import io.lorashear.adapt.AdapterResult;
import io.lorashear.adapt.AdapterSettings;
import io.lorashear.adapt.AdapterStage;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.Progress;
import io.lorashear.run.RunRecord;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorashear lora}: trains a LoRA adapter for a model. */
@Command(
    name = "lora",
    mixinStandardHelpOptions = true,
    description =
        "Trains a LoRA adapter for a model that is not changed, on text or instructions, keeps the"
            + " state with the lowest held-out loss and writes it in PEFT's format; with merge also"
            + " the model with the adapter merged in. A run that was stopped resumes.",
    footer = {
      "",
      "Examples:",
      "  lorashear lora --config conf/lora/smollm2-135m.yaml",
      "  lorashear lora --config conf/lora/smollm2-135m.yaml --set lora.rank=16 --set"
          + " lora.rsLora=true"
    })
public final class LoraCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin StageOptions options = new StageOptions();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin PrecisionOption precision = new PrecisionOption();
  @Mixin TensorBoardOption tensorboard = new TensorBoardOption();

  @Override
  public Integer call() {
    options
        .settings(AdapterSettings.class, AdapterStage::ready, precision.in("train.precision"))
        .ifPresent(this::train);
    return 0;
  }

  private void train(AdapterSettings settings) {
    var record = RunRecord.start("lora", settings).seed("lora", settings.seed());
    var published =
        AdapterStage.run(
            settings, options.overwrite, device.device(), tensorboard.progress(Progress.console()));
    record.write(published);
    var result = AdapterResult.fromJson(JsonFile.read(published.verified(AdapterStage.REPORT)));
    var before = result.before();
    var best = result.best();
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
    AdapterStage.rounded(published).ifPresent(word -> out.printf("%n%s%n", word));
    out.printf("%nThe adapter is in %s%n", published.directory());
    out.flush();
  }
}
