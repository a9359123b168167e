package io.lorashear.spark.job;

import io.lorashear.cli.Failures;
import io.lorashear.cli.StageOptions;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.RunRecord;
import io.lorashear.run.Stage;
import io.lorashear.settings.Overrides;
import io.lorashear.stop.StopRequest;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * A Spark stage as a command: settings from a file with overrides, a session, a record of the run.
 *
 * @param <T> type of its settings
 */
public abstract class SparkCommand<T extends Record> implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin StageOptions options = new StageOptions();

  private final Class<T> settingsType;

  SparkCommand(Class<T> settingsType) {
    this.settingsType = settingsType;
  }

  /** The stage, after checking all of its inputs; does not run it. */
  abstract Stage ready(T settings);

  /** Runs the stage, or returns its published result. */
  abstract PublishedDirectory publish(SparkSession spark, T settings, boolean overwrite);

  /** Settings given by other options of the command. */
  Overrides optional() {
    return Overrides.none();
  }

  /** Refuses invalid options. */
  void checkOptions() {}

  /** Summary for the user. */
  abstract String summary(PublishedDirectory published);

  @Override
  public final Integer call() {
    checkOptions();
    Session.requireHeap();
    options.settings(settingsType, this::ready, optional()).ifPresent(this::work);
    return 0;
  }

  private void work(T settings) {
    var record = RunRecord.start(spec.name(), settings);
    try (var session = Session.open(spec.name())) {
      var published = publish(session.spark(), settings, options.overwrite());
      record.write(published);
      PrintWriter out = spec.commandLine().getOut();
      out.println(summary(published));
      out.println(published.directory());
      out.flush();
    }
  }

  /** Runs the command as a program of its own, for spark-submit. */
  static void main(SparkCommand<?> command, String[] args) {
    Lorashear.requireTheSparkOfThisJar();
    StopRequest.listen();
    var line = Failures.commandLine(command);
    if (YarnDriver.isThisProcess()) {
      YarnDriver.run(line, args);
      return;
    }
    int code = line.execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }
}
