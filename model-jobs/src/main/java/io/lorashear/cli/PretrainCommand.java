package io.lorashear.cli;

import io.lorashear.run.Progress;
import io.lorashear.train.PretrainSettings;
import io.lorashear.train.Pretraining;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorashear pretrain}: trains a small model from scratch. */
@Command(
    name = "pretrain",
    mixinStandardHelpOptions = true,
    description = "Trains a small Llama-shaped model from random weights on a tokenized corpus.",
    footer = {
      "",
      "Example:",
      "  lorashear pretrain --config conf/pretrain/demo.yaml --set corpus=demo/line/corpus"
          + " --set tokenizer=demo/sample/tokenizer.json --set output=small-model"
    })
public final class PretrainCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin StageOptions options = new StageOptions();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin TensorBoardOption tensorboard = new TensorBoardOption();

  @Override
  public Integer call() {
    options.settings(PretrainSettings.class, Pretraining::ready).ifPresent(this::pretrain);
    return 0;
  }

  private void pretrain(PretrainSettings settings) {
    var published =
        new Pretraining(settings, device.device(), tensorboard.progress(Progress.console()))
            .publish(options.overwrite());
    spec.commandLine().getOut().println(published.directory());
    spec.commandLine().getOut().flush();
  }
}
