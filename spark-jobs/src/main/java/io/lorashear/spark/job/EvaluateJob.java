package io.lorashear.spark.job;

import io.lorashear.cli.EvaluateCommand;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.evaluate.EvaluateStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.perplexity.ExecutorModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lorashear evaluate}, in this process or spread over Spark's executors. */
@Command(name = "evaluate")
public final class EvaluateJob extends EvaluateCommand {

  @Option(
      names = "--executors",
      description =
          "Spreads the questions over Spark's executors, one model each; all executors must find"
              + " the checkpoint at the same path. The result is the same.")
  boolean executors;

  @Override
  protected PublishedDirectory publish(EvaluateSettings settings, boolean replace) {
    if (!executors) {
      return super.publish(settings, replace);
    }
    var where = where();
    try (var session = Session.open("evaluate")) {
      return EvaluateStage.run(
          settings,
          checkpoint ->
              ExecutorModel.open(
                  session.spark(), settings.checkpoint(), where, settings.precision()),
          replace,
          Progress.console());
    }
  }
}
