package io.lorashear.cli;

import io.lorashear.settings.Nearest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Reports mistakes of a command line: an unknown command, whose options then mean nothing; else
 * unknown options, each with the nearest known one, because a mistyped option is often also
 * reported as missing; and finally where to find help.
 */
public final class UsageErrors implements IParameterExceptionHandler {
  /** An option of the launcher, which removes it before this program starts. */
  private static final String MASTER = "--master";

  private static final String OF =
      "Invalid value for (?:option |positional parameter at index \\d+ \\()'?([^')]+)'?\\)?: ";

  private static final Pattern NO_WORD =
      Pattern.compile(OF + "expected one of \\[(.*)] \\(case-.*\\) but was '(.*)'");

  private static final Pattern NO_NUMBER = Pattern.compile(OF + "'(.*)' is not an? (\\w+)");

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    var command = failure.getCommandLine();
    var err = command.getErr();
    problems(command, failure, Arrays.asList(arguments)).forEach(err::println);
    err.printf("%s --help shows what there is%n", command.getCommandSpec().qualifiedName());
    err.flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static List<String> problems(
      CommandLine command, ParameterException failure, List<String> arguments) {
    if (!command.getSubcommands().isEmpty()) {
      return List.of(noCommand(command, arguments));
    }
    var early = beforeCommand(command, arguments);
    if (!early.isEmpty()) {
      return early;
    }
    var unknown = unknownOptions(command, arguments);
    if (!unknown.isEmpty()) {
      return unknown;
    }
    return List.of(
        failure instanceof UnmatchedArgumentException unmatched
            ? "%s: nothing of %s takes it"
                .formatted(
                    unmatched.getUnmatched().get(0), command.getCommandSpec().qualifiedName())
            : value(String.valueOf(failure.getMessage())));
  }

  /** The message about an invalid value of an option, worded as for settings. */
  private static String value(String message) {
    var words = NO_WORD.matcher(message);
    if (words.matches()) {
      var known = List.of(words.group(2).toLowerCase(Locale.ROOT).split(", "));
      return "%s is %s: choose one of %s%s"
          .formatted(
              words.group(1),
              words.group(3),
              String.join(", ", known),
              meant(Nearest.to(words.group(3), known)));
    }
    var number = NO_NUMBER.matcher(message);
    return number.matches()
        ? "%s is %s: a %s is needed"
            .formatted(
                number.group(1),
                number.group(2),
                number.group(3).equals("double") ? "number" : "whole number")
        : message;
  }

  /** The message about an unknown command: the first word that is not an option. */
  private static String noCommand(CommandLine command, List<String> arguments) {
    Collection<String> commands = command.getSubcommands().keySet();
    var first = arguments.stream().filter(word -> !word.startsWith("-")).findFirst().orElse("");
    if (first.isEmpty()) {
      return "there is no option " + String.join(" ", arguments) + ", and no command is named";
    }
    return "there is no command " + first + meant(Nearest.to(first, commands));
  }

  /** Options of a command that were written on the wrong side of it. */
  private static List<String> beforeCommand(CommandLine command, List<String> arguments) {
    var outer = command.getParent();
    int at = arguments.indexOf(command.getCommandName());
    return outer == null || at < 0
        ? List.of()
        : arguments.subList(0, at).stream()
            .filter(word -> word.startsWith("-") && !isKnown(outer, word.split("=", 2)[0]))
            .map(
                word ->
                    "%s stands before the command: write it behind %s"
                        .formatted(word, command.getCommandName()))
            .toList();
  }

  private static List<String> unknownOptions(CommandLine command, List<String> arguments) {
    var options = command.getCommandSpec().optionsMap().keySet();
    var lines = new ArrayList<String>();
    for (var argument : arguments) {
      var name = argument.split("=", 2)[0];
      if (name.equals(MASTER)) {
        lines.add(MASTER + " stands behind the command: write bin/lorashear --master URL COMMAND");
      } else if (name.matches("--?[A-Za-z][\\w-]+") && !isKnown(command, name)) {
        lines.add("there is no option " + name + meant(Nearest.to(name, options)));
      }
    }
    return lines;
  }

  /**
   * Whether the option is one of the command or of an outer command, which may precede the inner
   * one's name.
   */
  private static boolean isKnown(CommandLine command, String name) {
    for (var at = command; at != null; at = at.getParent()) {
      if (at.getCommandSpec().optionsMap().containsKey(name)) {
        return true;
      }
    }
    return false;
  }

  private static String meant(Optional<String> nearest) {
    return nearest.map(word -> "; did you mean " + word + "?").orElse("");
  }
}
