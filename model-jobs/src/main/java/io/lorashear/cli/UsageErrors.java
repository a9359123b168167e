package io.lorashear.cli;

import io.lorashear.settings.Nearest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says what is wrong with a command line: first the options nobody knows, each with the nearest
 * known one, as a mistyped option is often the one that is then missed; where to read on last.
 */
public final class UsageErrors implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    var command = failure.getCommandLine();
    var err = command.getErr();
    var unknown = unknownOptions(command, arguments);
    unknown.forEach(err::println);
    if (unknown.isEmpty() && failure instanceof UnmatchedArgumentException unmatched) {
      err.println(unmatched(command, unmatched));
    } else if (unknown.isEmpty()) {
      err.println(failure.getMessage());
    }
    err.printf("%s --help shows what there is%n", command.getCommandSpec().qualifiedName());
    err.flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static List<String> unknownOptions(CommandLine command, String[] arguments) {
    var options = command.getCommandSpec().optionsMap().keySet();
    var lines = new ArrayList<String>();
    for (var argument : Arrays.asList(arguments)) {
      var name = argument.split("=", 2)[0];
      if (name.startsWith("--") && name.length() > 2 && !isKnown(command, name)) {
        lines.add("there is no option " + name + meant(Nearest.to(name, options)));
      }
    }
    return lines;
  }

  /** Also an option of an outer command, which may stand before the inner one's name. */
  private static boolean isKnown(CommandLine command, String name) {
    for (var at = command; at != null; at = at.getParent()) {
      if (at.getCommandSpec().optionsMap().containsKey(name)) {
        return true;
      }
    }
    return false;
  }

  private static String unmatched(CommandLine command, UnmatchedArgumentException failure) {
    var word = failure.getUnmatched().get(0);
    Collection<String> commands = command.getSubcommands().keySet();
    return commands.isEmpty()
        ? "%s: nothing of %s takes it".formatted(word, command.getCommandSpec().qualifiedName())
        : "there is no command " + word + meant(Nearest.to(word, commands));
  }

  private static String meant(Optional<String> nearest) {
    return nearest.map(word -> "; did you mean " + word + "?").orElse("");
  }
}
