package io.lorashear.spark.job;

import io.lorashear.InputException;
import io.lorashear.cli.ModelShape;
import io.lorashear.cli.PlanCommand;
import io.lorashear.graph.ModelGraph;
import io.lorashear.plan.PlannedWork;
import io.lorashear.plan.Work;
import io.lorashear.settings.Overrides;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.pipeline.LinePlan;
import io.lorashear.spark.pipeline.PipelineFile;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** {@code lorashear plan}, with the stages that run on Spark. */
@Command(name = "plan")
public final class PlanJob extends PlanCommand {

  @Override
  protected String line(Path file, Overrides given, double share) {
    var settings = new PipelineFile(file, given).load();
    var model = settings.model();
    var shape = Path.of(file.toString().replaceFirst("\\.ya?ml$", "") + ".config.json");
    boolean there = Files.exists(model);
    if (!there && !Files.isRegularFile(shape)) {
      throw new InputException(
          "%s does not exist, and neither does %s: give --set model=config.json, the model's shape",
          model, shape);
    }
    var plan = LinePlan.of(settings, ModelShape.config(there ? model : shape), share);
    return "%s: %s".formatted(there ? model : shape, plan);
  }

  @Override
  protected Work perplexity(PlannedWork work, ModelGraph graph) {
    var own = settings(PerplexitySettings.class);
    return work.perplexity(graph, own.rows(), own.precision());
  }
}
