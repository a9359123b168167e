package io.lorashear.spark.job;

import io.lorashear.cli.AnalyzeCommand;
import io.lorashear.cli.CleanCommand;
import io.lorashear.cli.CompareCommand;
import io.lorashear.cli.ExportCommand;
import io.lorashear.cli.Failures;
import io.lorashear.cli.GenerateCommand;
import io.lorashear.cli.InspectCommand;
import io.lorashear.cli.LoraCommand;
import io.lorashear.cli.PretrainCommand;
import io.lorashear.cli.PruneCommand;
import io.lorashear.cli.RecoverCommand;
import io.lorashear.cli.ReportCommand;
import io.lorashear.cli.SampleCommand;
import io.lorashear.cli.SparsifyCommand;
import io.lorashear.cli.VerifyCommand;
import io.lorashear.cli.WatchCommand;
import io.lorashear.metrics.Invocation;
import io.lorashear.spark.version.SparkVersion;
import io.lorashear.stop.StopRequest;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The main command with all subcommands, which {@code bin/lorashear} starts. */
@Command(
    name = "lorashear",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Makes a large language model smaller and recovers the quality it lost.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  lorashear demo"},
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      ScheduleCommand.class,
      SampleCommand.class,
      EnlargeJob.class,
      PretrainCommand.class,
      IngestJob.class,
      TokenizeJob.class,
      RetokenizeJob.class,
      CountJob.class,
      PerplexityJob.class,
      ResampleJob.class,
      TraceCommand.class,
      AnalyzeCommand.class,
      PruneCommand.class,
      SparsifyCommand.class,
      RecoverCommand.class,
      LoraCommand.class,
      EvaluateJob.class,
      ContestJob.class,
      CompareCommand.class,
      WatchCommand.class,
      RunsCommand.class,
      RerunCommand.class,
      ReportCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      ExportCommand.class,
      GenerateCommand.class,
      PlanJob.class,
      BenchJob.class,
      DoctorCommand.class,
      CleanCommand.class
    })
public final class Lorashear implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    requireTheSparkOfThisJar();
    StopRequest.listen();
    Invocation.of(List.of(args)).record();
    if (YarnDriver.isThisProcess()) {
      YarnDriver.run(commandLine(), args);
      return;
    }
    var archive = ClassArchive.wanted();
    var code = commandLine().execute(args);
    if (code == 0) {
      archive.ifPresent(ClassArchive::make);
    }
    System.exit(code);
  }

  /** Ends the program before a class of Spark is missed that this jar was compiled with. */
  static void requireTheSparkOfThisJar() {
    SparkVersion.ofThisProgram()
        .flatMap(built -> built.refusal(SparkVersion.running()))
        .ifPresent(
            refusal -> {
              System.err.println(refusal);
              YarnDriver.end(Failures.BAD_INPUT, refusal);
            });
  }

  static CommandLine commandLine() {
    var line = CommandList.ALL.showIn(Failures.commandLine(new Lorashear()));
    var tell = line.getExecutionExceptionHandler();
    return line.setExecutionExceptionHandler(
        (failure, command, parsed) ->
            tell.handleExecutionException(LostExecutors.explained(failure), command, parsed));
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return Failures.BAD_INPUT;
  }
}
