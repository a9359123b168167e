package io.lorashear.spark.source.wikitext.template;

import io.lorashear.spark.source.wikitext.Words;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** MediaWiki's parser functions and variables, by their names in all languages. */
final class Functions {
  private static final Map<String, String> NAMES = Words.OF_MARK_UP.byWord("function ");
  private static final int MOST_PREFIXES = 3;
  private static final Set<String> WITH_NUMBER_SIGN =
      Set.of("if", "ifeq", "ifexpr", "iferror", "ifexist", "switch", "expr", "tag");
  private static final Set<String> TEMPLATE = Words.OF_MARK_UP.in("template");
  private static final Set<String> ADDRESSES =
      Set.of(
          "fullurl",
          "localurl",
          "canonicalurl",
          "filepath",
          "urlencode",
          "anchorencode",
          "ns",
          "int",
          "raw",
          "msgnw");
  private static final Set<String> TAGS =
      Set.of("b", "big", "blockquote", "i", "poem", "s", "small", "span", "sub", "sup", "u");

  private final Call call;
  private final String title;

  private Functions(Call call, String title) {
    this.call = call;
    this.title = title;
  }

  /** The call without prefixes of its name that only control how it is transcluded. */
  static Call named(Call call) {
    var named = call;
    for (var i = 0; i < MOST_PREFIXES && prefix(named) > 0; i++) {
      named = named.to(named.rawName().substring(prefix(named) + 1), named.arguments());
    }
    return named;
  }

  private static int prefix(Call call) {
    var colon = call.rawName().indexOf(':');
    var prefix = colon > 0 ? Words.spelt(call.rawName().substring(0, colon)) : "";
    var function = NAMES.getOrDefault(prefix, "");
    return function.equals("subst") || function.equals("safesubst") || TEMPLATE.contains(prefix)
        ? colon
        : -1;
  }

  /** The result of a function or variable; null if the call is one of a template. */
  static @Nullable String text(Call call, String title) {
    var colon = call.rawName().indexOf(':');
    if (colon < 0) {
      var variable = NAMES.getOrDefault(call.name(), "");
      var isTitle = variable.equals("pagename") || variable.equals("fullpagename");
      return isTitle && isUpper(call.rawName()) ? title : null;
    }
    var before = call.rawName().substring(0, colon).strip();
    var sign = before.startsWith("#");
    var name = Words.spelt(sign ? before.substring(1) : before);
    var function = NAMES.get(name);
    if (function == null || WITH_NUMBER_SIGN.contains(function) && !sign) {
      return sign || before.isEmpty() || ADDRESSES.contains(name) || isUpper(before) ? "" : null;
    }
    return new Functions(call, title).of(function, call.rawName().substring(colon + 1));
  }

  private static boolean isUpper(String name) {
    return name.length() > 2 && name.equals(name.toUpperCase(Locale.ROOT));
  }

  private @Nullable String of(String function, String rawFirst) {
    if (function.equals("switch")) {
      return cases(call.expanded(rawFirst));
    }
    var first = call.expanded(rawFirst);
    return switch (function) {
      case "formatnum" -> argument(0).equals("R") ? first.replace(",", "") : first;
      case "lc" -> first.toLowerCase(Locale.ROOT);
      case "uc" -> first.toUpperCase(Locale.ROOT);
      case "lcfirst" -> initial(first).toLowerCase(Locale.ROOT) + rest(first);
      case "ucfirst" -> initial(first).toUpperCase(Locale.ROOT) + rest(first);
      case "padleft" -> padding(first) + first;
      case "padright" -> first + padding(first);
      case "plural" -> argument(first.equals("1") ? 0 : Math.max(0, call.arguments().size() - 1));
      case "if" -> argument(first.isEmpty() ? 1 : 0);
      case "ifeq" -> argument(equal(first, argument(0)) ? 1 : 2);
      case "ifexpr" -> argument(holds(first) ? 0 : 1);
      case "ifexist" -> argument(0);
      case "iferror" -> call.arguments().size() > 1 ? argument(1) : first;
      case "expr" -> Expression.value(first);
      case "tag" -> TAGS.contains(first) ? "<%1$s>%2$s</%1$s>".formatted(first, argument(0)) : "";
      case "pagename", "fullpagename" -> title;
      case "default" -> null;
      default -> "";
    };
  }

  private String argument(int n) {
    return n < call.arguments().size() ? call.expanded(call.arguments().get(n)) : "";
  }

  private static String initial(String text) {
    return text.isEmpty() ? "" : text.substring(0, text.offsetByCodePoints(0, 1));
  }

  private static String rest(String text) {
    return text.substring(initial(text).length());
  }

  private String padding(String first) {
    var length = argument(0);
    var with = call.arguments().size() > 1 ? argument(1) : "0";
    var wanted = length.matches("\\d{1,3}") ? Integer.parseInt(length) - first.length() : 0;
    return with.isEmpty() || wanted <= 0 ? "" : with.repeat(wanted).substring(0, wanted);
  }

  private static boolean equal(String left, String right) {
    var numbers = !Expression.value(left).isEmpty() && !left.isEmpty();
    return left.equals(right) || numbers && Expression.value(left).equals(Expression.value(right));
  }

  private static boolean holds(String expression) {
    var value = Expression.value(expression);
    return !value.isEmpty() && !value.equals("0");
  }

  /**
   * The result of a switch: cases without a value share that of the next case with one; the last
   * may be the default.
   */
  private String cases(String subject) {
    var fallen = false;
    List<String> all = call.arguments();
    var otherwise = "";
    for (var i = 0; i < all.size(); i++) {
      var equals = all.get(i).indexOf('=');
      var label = call.expanded(equals < 0 ? all.get(i) : all.get(i).substring(0, equals));
      var named = Words.spelt(label.startsWith("#") ? label.substring(1) : label);
      var isDefault = label.startsWith("#") && "default".equals(NAMES.get(named));
      fallen |= label.equals(subject);
      if (equals >= 0 && (fallen || isDefault)) {
        var value = all.get(i).substring(equals + 1);
        if (fallen) {
          return call.expanded(value);
        }
        otherwise = value;
      } else if (equals < 0 && i == all.size() - 1) {
        otherwise = all.get(i);
      }
    }
    return call.expanded(otherwise);
  }
}
