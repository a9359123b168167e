package io.lorashear.cli;

import io.lorashear.prune.AnalyzeSettings;
import io.lorashear.prune.AnalyzeStage;
import io.lorashear.run.Progress;
import io.lorashear.run.RunRecord;
import io.lorashear.saliency.KnowledgeProfile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lorashear analyze}: measures the knowledge distribution of a model. */
@Command(
    name = "analyze",
    mixinStandardHelpOptions = true,
    description =
        "Takes shares of every prunable axis out of a dense model, one axis at a time, and"
            + " measures how much its losses rise. The result tells prune which axes to protect. A"
            + " run that was stopped resumes.",
    footer = {
      "",
      "Example:",
      "  lorashear analyze --config conf/analyze/smollm2-135m.yaml --set profile.rows=2"
    })
public final class AnalyzeCommand implements Callable<Integer> {
  private static final int SHOWN = 12;

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin StageOptions options = new StageOptions();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin PrecisionOption precision = new PrecisionOption();

  @Override
  public Integer call() {
    options
        .settings(AnalyzeSettings.class, AnalyzeStage::ready, precision.in("precision"))
        .ifPresent(this::analyze);
    return 0;
  }

  private void analyze(AnalyzeSettings settings) {
    var out = spec.commandLine().getOut();
    var record = RunRecord.start("analyze", settings);
    var place = device.device();
    var published =
        DeviceMemory.during(
            place,
            () ->
                DeviceMemory.planned(settings.corpus(), settings.checkpoint())
                    .analyze(ModelShape.read(settings.checkpoint()), settings),
            () ->
                AnalyzeStage.run(
                    settings,
                    options.overwrite,
                    place,
                    Progress.console(),
                    cost -> spec.commandLine().getErr().println(cost)));
    record.write(published);
    var profile = KnowledgeProfile.read(published.directory());
    out.printf("%-36s %s%n", "most sensitive axes", "rise of log perplexity");
    profile.mostSensitive().stream()
        .limit(SHOWN)
        .forEach(axis -> out.printf("%-36s %22.4f%n", axis.axis(), axis.deviation()));
    out.printf("%nAll %d axes are in %s%n", profile.axes().size(), published.directory());
    out.flush();
  }
}
