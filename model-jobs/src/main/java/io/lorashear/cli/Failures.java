package io.lorashear.cli;

import io.lorashear.InputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;

/**
 * How a command ends that cannot do its work: what the user can mend is a message alone and code 2,
 * anything else one line and code 1. {@code --debug}, anywhere on the line, shows the stack trace.
 */
public final class Failures implements IExecutionExceptionHandler {
  /** The work failed. */
  public static final int FAILED = 1;

  /** What was given cannot be used; the message says what to do. */
  public static final int BAD_INPUT = 2;

  private static final String DEBUG = "--debug";

  private Failures() {}

  /** A command, with its subcommands, that ends like this and says so in its help. */
  public static CommandLine commandLine(Object command) {
    var line = new CommandLine(command);
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder(DEBUG)
                .type(boolean.class)
                .scopeType(ScopeType.INHERIT)
                .description("Shows the stack trace of a failure.")
                .build());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.registerConverter(Path.class, new GivenPath());
    line.setParameterExceptionHandler(new UsageErrors());
    line.setExecutionExceptionHandler(new Failures());
    line.setExecutionStrategy(Failures::run);
    document(line.getCommandSpec());
    return line;
  }

  private static void document(CommandSpec spec) {
    var codes = new LinkedHashMap<String, String>(Map.of("0", "done"));
    codes.put(String.valueOf(FAILED), "the work failed; run again with --debug to see where");
    codes.put(String.valueOf(BAD_INPUT), "bad input or usage; the message says what to do");
    spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
    spec.subcommands().values().forEach(command -> document(command.getCommandSpec()));
  }

  /** Memory may run out, a native library may not load: they end like any other failure. */
  private static int run(ParseResult parsed) {
    try {
      return new RunLast().execute(parsed);
    } catch (OutOfMemoryError | LinkageError e) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), e.toString(), e);
    }
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    var problem = inputProblem(failure);
    var err = command.getErr();
    if (debug(parsed)) {
      failure.printStackTrace(err);
    } else if (problem != null) {
      err.println(problem.getMessage());
    } else {
      var memory = MemoryEnd.told(failure);
      err.println("the work failed: " + memory.orElseGet(() -> firstCause(failure)));
      err.println("run again with --debug for the stack trace");
    }
    err.flush();
    return problem == null ? FAILED : BAD_INPUT;
  }

  private static boolean debug(ParseResult parsed) {
    return parsed.hasMatchedOption(DEBUG) || (parsed.hasSubcommand() && debug(parsed.subcommand()));
  }

  /** Of a problem with the input inside a Spark task, the driver sees the cause only. */
  private static @Nullable InputException inputProblem(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InputException problem) {
        return problem;
      }
    }
    return null;
  }

  /** One line: what happened first, without what wraps it. */
  private static String firstCause(Throwable failure) {
    var first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    var message = first.getMessage();
    var name = first.getClass().getSimpleName();
    return message == null || message.isBlank()
        ? name
        : name + ": " + message.strip().lines().findFirst().orElse("");
  }
}
