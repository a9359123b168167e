package io.lorashear.cli;

import io.lorashear.run.Progress;
import io.lorashear.settings.Settings;
import io.lorashear.train.PretrainSettings;
import io.lorashear.train.Pretraining;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorashear pretrain}: a small model from nothing. */
@Command(
    name = "pretrain",
    mixinStandardHelpOptions = true,
    description = "Trains a small Llama-shaped model from nothing on a tokenized corpus.",
    footer = {
      "",
      "Example:",
      "  lorashear pretrain --config conf/pretrain/demo.yaml --set corpus=demo/line/corpus"
          + " --set tokenizer=demo/sample/tokenizer.json --set output=small-model"
    })
public final class PretrainCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin DeviceOption device = new DeviceOption();

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "Settings; conf/pretrain/demo.yaml shows them.")
  Path config = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Takes the place of one setting of the file; may be given many times.")
  List<String> overrides = List.of();

  @Option(
      names = "--overwrite",
      description = "Replaces an output that was made from other inputs or settings.")
  boolean overwrite;

  @Override
  public Integer call() {
    var settings = Settings.load(PretrainSettings.class, config, overrides);
    var published =
        new Pretraining(settings, device.device(), Progress.console()).publish(overwrite);
    spec.commandLine().getOut().println(published.directory());
    spec.commandLine().getOut().flush();
    return 0;
  }
}
