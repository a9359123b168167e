package io.lorashear.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorashear.InputException;
import io.lorashear.device.ModelRuns;
import io.lorashear.log.LogFormat;
import io.lorashear.run.CacheFolder;
import io.lorashear.stop.StopRequest;
import io.lorashear.stop.StopSignal;
import io.lorashear.stop.StoppedException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns failures into messages and exit codes: a message and code 2 for what the user can correct,
 * one line and code 1 for anything else. {@code --debug}, anywhere on the command line, shows the
 * stack trace.
 */
public final class Failures implements IExecutionExceptionHandler {
  /** The work failed. */
  public static final int FAILED = 1;

  /** The input cannot be used; the message says what to do. */
  public static final int BAD_INPUT = 2;

  private static final String DEBUG = "--debug";
  private static final String LOG = "--log";
  private static final Logger LOGGER = LoggerFactory.getLogger(Failures.class);

  /** The class that Hadoop loads for addresses under s3a://. */
  private static final String S3_CLIENT = "org.apache.hadoop.fs.s3a.S3AFileSystem";

  private Failures() {}

  /**
   * A command line whose command and subcommands use these exit codes and list them in their help.
   */
  public static CommandLine commandLine(Object command) {
    var line = new CommandLine(command);
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder(DEBUG)
                .type(boolean.class)
                .scopeType(ScopeType.INHERIT)
                .description("Shows the stack trace of a failure.")
                .build());
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder(LOG)
                .type(LogFormat.class)
                .paramLabel("FORMAT")
                .scopeType(ScopeType.INHERIT)
                .description(
                    "Form of what is written to the error stream: text, or json, an object in each"
                        + " line.")
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
    codes.put("130, 143", "stopped by Ctrl-C or SIGTERM; the message says how to go on");
    spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
    spec.subcommands().values().forEach(command -> document(command.getCommandSpec()));
  }

  /**
   * Runs a command. Errors such as running out of memory or a native library that does not load end
   * like any other failure. An unknown word in place of a command is an error even if help is
   * requested, because the help would be that of another command.
   */
  private static int run(ParseResult parsed) {
    var inner = parsed;
    while (inner.hasSubcommand()) {
      inner = inner.subcommand();
    }
    if (!inner.unmatched().isEmpty() && !inner.commandSpec().subcommands().isEmpty()) {
      throw new UnmatchedArgumentException(inner.commandSpec().commandLine(), inner.unmatched());
    }
    LogFormat format =
        inner.matchedOptionValue(LOG, parsed.matchedOptionValue(LOG, LogFormat.TEXT));
    format.use();
    if (format == LogFormat.JSON) {
      inner.commandSpec().commandLine().setErr(new PrintWriter(System.err, true, UTF_8));
    }
    var err = inner.commandSpec().commandLine().getErr();
    ModelRuns.tell(
        text -> {
          err.println(text);
          err.flush();
        });
    try {
      return new RunLast().execute(parsed);
    } catch (OutOfMemoryError | LinkageError e) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), e.toString(), e);
    }
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    if (stopping()) {
      return FAILED; // stopped by a signal, which was reported and has an exit code of its own
    }
    var signal = StopRequest.asked();
    if (signal.isPresent()) {
      command.getErr().println(howToGoOn(failure, signal.get()));
      command.getErr().flush();
      return signal.get().exitCode();
    }
    var problem = inputProblem(failure);
    var err = command.getErr();
    if (debug(parsed)) {
      failure.printStackTrace(err);
    } else if (problem != null) {
      tell(err, String.valueOf(problem.getMessage()));
    } else {
      var memory = MemoryEnd.told(failure);
      tell(err, "the work failed: " + memory.orElseGet(() -> firstCause(failure)));
      err.println("run again with --debug for the stack trace");
    }
    cacheHint(CacheFolder.ofUser(), failure).ifPresent(err::println);
    err.flush();
    return problem == null ? FAILED : BAD_INPUT;
  }

  /** Says why a command failed: on the error stream, or as an error in the log. */
  private static void tell(PrintWriter err, String message) {
    if (LogFormat.current() == LogFormat.JSON) {
      LOGGER.error("{}", message);
    } else {
      err.println(message);
    }
  }

  /**
   * The message of a stopped stage; of others only the signal, because jobs fail when cancelled.
   */
  private static String howToGoOn(Throwable failure, StopSignal signal) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StoppedException stopped) {
        return String.valueOf(stopped.getMessage());
      }
    }
    return "stopped by " + signal + "; the same command goes on";
  }

  private static boolean stopping() {
    var probe = new Thread(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(probe);
      Runtime.getRuntime().removeShutdownHook(probe);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  /**
   * A hint for failures of native libraries that could not be unpacked because the cache folder is
   * not writable; their own messages are misleading.
   */
  static Optional<String> cacheHint(CacheFolder cache, Throwable failure) {
    var folder = cache.folder().toString();
    var about = List.of(folder, "native", "jni", "UnsatisfiedLinkError", "NoClassDefFoundError");
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      var text = cause.toString();
      if (about.stream().anyMatch(text::contains) && !cache.usable()) {
        return Optional.of(
            "the cache folder %s cannot be written or is full: native libraries and tokenizers are kept"
                    .formatted(folder)
                + " there, so name another by LORASHEAR_CACHE");
      }
    }
    return Optional.empty();
  }

  private static boolean debug(ParseResult parsed) {
    return parsed.hasMatchedOption(DEBUG) || (parsed.hasSubcommand() && debug(parsed.subcommand()));
  }

  /**
   * The input problem in the chain of causes: if it occurred in a Spark task, the driver sees it
   * only there.
   */
  private static @Nullable InputException inputProblem(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InputException problem) {
        return problem;
      }
      if (cause instanceof ClassNotFoundException missing
          && String.valueOf(missing.getMessage()).contains(S3_CLIENT)) {
        return new InputException(
            missing,
            "addresses under s3a:// need Hadoop's S3 client, which is not here: start by"
                + " LORASHEAR_S3=yes bin/lorashear …, which brings it");
      }
    }
    return null;
  }

  /** One line on the innermost cause. */
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
