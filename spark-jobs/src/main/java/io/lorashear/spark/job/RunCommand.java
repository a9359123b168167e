package io.lorashear.spark.job;

import io.lorashear.cli.DeviceOption;
import io.lorashear.cli.RecipeOption;
import io.lorashear.method.Recipe;
import io.lorashear.run.Progress;
import io.lorashear.spark.pipeline.Pipeline;
import io.lorashear.spark.pipeline.PipelineFile;
import io.lorashear.spark.pipeline.Plan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear run}: the whole line. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        "Walks the whole line, from raw corpora and a dense model to a smaller, recovered one."
            + " Finished stages are not done again; a killed run goes on where it stood.",
    footer = {
      "",
      "Example:",
      "  lorashear run conf/pipeline/smollm2-135m.yaml --set model=models/smollm2.gguf"
    })
public final class RunCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin RecipeOption recipe = new RecipeOption();
  @Mixin DeviceOption device = new DeviceOption();

  @Parameters(paramLabel = "FILE", description = "Settings of the line; see conf/pipeline.")
  Path file = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Takes the place of one setting of the file; may be given many times.")
  List<String> overrides = new ArrayList<>();

  @Option(
      names = "--overwrite",
      description = "Replaces results that were made from other inputs, settings or code.")
  boolean overwrite;

  @Option(
      names = "--dry-run",
      description = "Checks all settings and says which stages are done and which would run.")
  boolean dryRun;

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    var all = new ArrayList<>(recipe.settings(Recipe::line));
    all.addAll(overrides);
    var line = new PipelineFile(file, all);
    if (dryRun) {
      out.println(Plan.of(line.load()));
      out.flush();
      return 0;
    }
    line.load(); // every mistake is told before Spark starts
    try (var session = Session.open("run")) {
      var pipeline =
          new Pipeline(
              session.spark(),
              line,
              overwrite,
              device.device(),
              Progress.console(),
              text -> {
                out.println(text);
                out.flush();
              });
      out.println(pipeline.run());
      out.flush();
    }
    return 0;
  }
}
