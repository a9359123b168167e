package io.lorashear.spark.job;

import io.lorashear.prune.Recipe;
import io.lorashear.spark.pipeline.Pipeline;
import io.lorashear.spark.pipeline.PipelineFile;
import io.lorashear.spark.pipeline.Plan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorashear run}: runs the whole pipeline. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        "Runs the whole pipeline, from raw corpora and a dense model to a smaller, recovered one."
            + " Finished stages are skipped; a run that was killed resumes.",
    footer = {
      "",
      "Example:",
      "  lorashear run conf/pipeline/smollm2-135m.yaml --set model=models/smollm2.gguf"
    })
public final class RunCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin LineOptions options = new LineOptions();

  @Option(
      names = "--overwrite",
      description = "Replaces results that were made from other inputs, settings or code.")
  boolean overwrite;

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    var line = new PipelineFile(options.file, options.settings(Recipe::line));
    Session.requireHeap();
    if (options.dryRun) {
      out.println(Plan.of(line, overwrite));
      out.flush();
      return 0;
    }
    line.load(); // every mistake is reported before Spark starts
    try (var session = Session.open("run")) {
      var pipeline =
          new Pipeline(
              session.spark(),
              line,
              overwrite,
              options.device(),
              options.progress(),
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
