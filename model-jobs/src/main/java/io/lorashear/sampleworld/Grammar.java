package io.lorashear.sampleworld;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rules of alternatives, read from a resource.
 *
 * <pre>
 *   == rule            its alternatives follow, one a line
 *   Text with (a choice|another choice), a {name} that is filled in,
 *   {a name} that gets its article and {Name} that starts a sentence.
 * </pre>
 *
 * A rule that stands in several of the files read has the alternatives of all of them.
 */
final class Grammar {
  private static final Pattern CHOICE = Pattern.compile("\\(([^()|]*\\|[^()]*)\\)");
  private static final Pattern NAME = Pattern.compile("\\{(a )?(\\w+)}");

  private final Map<String, List<String>> rules = new LinkedHashMap<>();

  static Grammar read(String... names) {
    var grammar = new Grammar();
    for (var name : names) {
      grammar.add(name + ".grammar");
    }
    return grammar;
  }

  private void add(String resource) {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(Grammar.class.getResourceAsStream(resource), resource),
                StandardCharsets.UTF_8))) {
      List<String> alternatives = new ArrayList<>();
      for (var line : lines.lines().toList()) {
        if (line.startsWith("== ")) {
          alternatives = rules.computeIfAbsent(line.substring(3), rule -> new ArrayList<>());
        } else if (!line.isBlank() && !line.startsWith("#")) {
          alternatives.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All alternatives of a rule, as written. */
  List<String> rules(String rule) {
    return Objects.requireNonNull(rules.get(rule), rule);
  }

  /** One alternative of the rule, with its choices made and its names looked up. */
  String expand(String rule, Random random, UnaryOperator<String> names) {
    var alternatives = rules(rule);
    var chosen = alternatives.get(random.nextInt(alternatives.size()));
    var plain =
        CHOICE
            .matcher(chosen)
            .replaceAll(
                match -> {
                  var options = match.group(1).split("\\|", -1);
                  return Matcher.quoteReplacement(options[random.nextInt(options.length)]);
                });
    return fill(plain, names);
  }

  private static String fill(String text, UnaryOperator<String> names) {
    return NAME.matcher(text)
        .replaceAll(
            match -> {
              var name = match.group(2);
              var value = names.apply(name.toLowerCase(Locale.ROOT));
              var article = match.group(1) == null ? "" : article(value) + " ";
              var cased = Character.isUpperCase(name.charAt(0)) ? capitalised(value) : value;
              return Matcher.quoteReplacement(article + cased);
            });
  }

  static String article(String noun) {
    return "aeiou".indexOf(Character.toLowerCase(noun.charAt(0))) >= 0 ? "an" : "a";
  }

  static String capitalised(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
