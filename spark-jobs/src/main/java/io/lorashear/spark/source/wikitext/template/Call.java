package io.lorashear.spark.source.wikitext.template;

import io.lorashear.spark.source.wikitext.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A call of a template: {@code {{name|argument|key=argument}}}. Calls in an argument are expanded
 * when the argument is requested.
 */
public final class Call {
  private static final int LONGEST_KEY = 40;

  private final String rawName;
  private final String name;
  private final List<String> arguments;
  private final UnaryOperator<String> expansion;
  private @Nullable List<String> unnamed;
  private final Map<String, String> named = new HashMap<>();
  private final Map<String, String> said = new HashMap<>();

  /**
   * A call.
   *
   * @param name name as written, without calls in it
   * @param arguments text between the bars after the name, as written
   * @param expansion expands the calls in an argument
   */
  public Call(String name, List<String> arguments, UnaryOperator<String> expansion) {
    this.rawName = name.strip();
    this.name = Words.spelt(name);
    this.arguments = arguments;
    this.expansion = expansion;
  }

  /** A call of another name with other arguments, in the same context. */
  Call to(String otherName, List<String> otherArguments) {
    return new Call(otherName, otherArguments, expansion);
  }

  /** The name as written. */
  String rawName() {
    return rawName;
  }

  /** The name in lower case, with blanks for underscores. */
  String name() {
    return name;
  }

  /** The text between the bars, as written, including names of arguments. */
  List<String> arguments() {
    return arguments;
  }

  /** An argument as written, with its calls expanded. */
  String expanded(String argument) {
    return expansion.apply(argument).strip();
  }

  /** The number of arguments without a key. */
  int count() {
    return unnamed().size();
  }

  /** The n-th argument without a key, from 1, or the one with key n; empty if there is none. */
  String at(int n) {
    var keyed = named(String.valueOf(n));
    return keyed.isEmpty() && n <= count() ? unnamed().get(n - 1) : keyed;
  }

  /** The first nonempty argument with one of {@code keys}; otherwise empty. */
  String named(String... keys) {
    unnamed();
    for (var key : keys) {
      var argument = named.get(key);
      if (argument != null) {
        var expanded = said.computeIfAbsent(key, each -> expanded(argument));
        if (!expanded.isEmpty()) {
          return expanded;
        }
      }
    }
    return "";
  }

  /** Whether there is a nonempty argument with this key. */
  boolean has(String key) {
    return !named(key).isEmpty();
  }

  /** The nonempty arguments without a key, from the n-th on. */
  List<String> from(int n) {
    var all = unnamed();
    return all.subList(Math.min(n - 1, all.size()), all.size()).stream()
        .filter(each -> !each.isEmpty())
        .toList();
  }

  private List<String> unnamed() {
    if (unnamed == null) {
      unnamed = new ArrayList<>();
      for (var argument : arguments) {
        var key = key(argument);
        if (key == null) {
          unnamed.add(expanded(argument));
        } else {
          named.put(key, argument.substring(argument.indexOf('=') + 1));
        }
      }
    }
    return unnamed;
  }

  /**
   * The key of an argument, or null if it has none; an equals sign may also be part of an address.
   */
  static @Nullable String key(String argument) {
    var equals = argument.indexOf('=');
    if (equals < 0 || equals > LONGEST_KEY) {
      return null;
    }
    var key = argument.substring(0, equals).strip();
    return key.chars().allMatch(Call::ofKey) ? Words.spelt(key) : null;
  }

  private static boolean ofKey(int c) {
    return Character.isLetterOrDigit(c)
        || Character.getType(c) == Character.NON_SPACING_MARK
        || Character.getType(c) == Character.COMBINING_SPACING_MARK
        || c == '_'
        || c == '-'
        || c == ' ';
  }
}
