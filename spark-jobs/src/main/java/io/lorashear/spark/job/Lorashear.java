package io.lorashear.spark.job;

import io.lorashear.InputException;
import io.lorashear.cli.AnalyzeCommand;
import io.lorashear.cli.CleanCommand;
import io.lorashear.cli.EvaluateCommand;
import io.lorashear.cli.ExportCommand;
import io.lorashear.cli.GenerateCommand;
import io.lorashear.cli.InspectCommand;
import io.lorashear.cli.PretrainCommand;
import io.lorashear.cli.PruneCommand;
import io.lorashear.cli.RecoverCommand;
import io.lorashear.cli.SampleCommand;
import io.lorashear.cli.UsageErrors;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** All commands in one; what {@code bin/lorashear} starts. */
@Command(
    name = "lorashear",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Makes a large language model smaller and gives it back what it lost.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the work failed; run again with --debug for the stack trace",
      "2:bad input or usage; the message says what to do"
    },
    footer = {"", "Example:", "  lorashear demo"},
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      SampleCommand.class,
      PretrainCommand.class,
      IngestJob.class,
      TokenizeJob.class,
      PerplexityJob.class,
      ResampleJob.class,
      AnalyzeCommand.class,
      PruneCommand.class,
      RecoverCommand.class,
      EvaluateCommand.class,
      InspectCommand.class,
      ExportCommand.class,
      GenerateCommand.class,
      CleanCommand.class
    })
public final class Lorashear implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int BAD_INPUT = 2;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Shows the stack trace of a failure.")
  boolean debug;

  /** Runs one command and leaves with its exit code. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  static int run(String... args) {
    return commandLine().execute(args);
  }

  static CommandLine commandLine() {
    var root = new Lorashear();
    var line = new CommandLine(root);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(new UsageErrors());
    line.setExecutionExceptionHandler((failure, command, parsed) -> root.tell(failure, command));
    return line;
  }

  private int tell(Exception failure, CommandLine command) {
    var cause = SparkCommand.inputProblem(failure);
    var err = command.getErr();
    if (debug) {
      failure.printStackTrace(err);
    } else if (cause instanceof InputException) {
      err.println(cause.getMessage());
    } else {
      err.println("the work failed: " + failure);
      err.println("run again with --debug for the stack trace");
    }
    err.flush();
    return cause instanceof InputException ? BAD_INPUT : FAILED;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return BAD_INPUT;
  }
}
