package io.lorashear.spark.job;

import io.lorashear.settings.Default;
import io.lorashear.settings.Settings;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The tables of docs/settings.md: a section a settings record, first those of the commands, then
 * those inside them, each once.
 */
final class SettingsPage {
  private final Map<Class<?>, String> titles = new LinkedHashMap<>();
  private final List<String> missing = new ArrayList<>();
  private final Units units;

  SettingsPage(Map<String, Class<? extends Record>> commands, Units units) {
    this.units = units;
    commands.forEach((title, type) -> titles.put(type, title));
    for (var type : List.copyOf(titles.keySet())) {
      collect(type);
    }
  }

  private void collect(Class<?> type) {
    for (var component : type.getRecordComponents()) {
      var inner = record(component.getGenericType());
      if (inner.isPresent() && !titles.containsKey(inner.get())) {
        var name = inner.get().getSimpleName().replaceAll("(?<=.)Settings$", "");
        var title = name.replaceAll("(?<=[a-z])(?=[A-Z])", " ") + " settings";
        titles.put(inner.get(), title);
        collect(inner.get());
      }
    }
  }

  /**
   * The sections.
   *
   * @throws AssertionError that names every component without a comment or a unit
   */
  String text() {
    var text = new StringBuilder();
    titles.forEach((type, title) -> section(type, title, text));
    if (!missing.isEmpty()) {
      throw new AssertionError(String.join("\n", missing));
    }
    return text.toString().strip() + "\n";
  }

  private void section(Class<?> type, String title, StringBuilder text) {
    var comments = RecordComments.of(type);
    text.append("\n## ").append(title).append("\n").append(comments.about()).append("\n\n");
    text.append("| key | type | default | unit | what it is |\n|---|---|---|---|---|\n");
    for (var component : type.getRecordComponents()) {
      var inner = record(component.getGenericType());
      var said = comments.components().getOrDefault(component.getName(), "");
      if (said.isEmpty() && inner.isPresent()) {
        said = RecordComments.of(inner.get()).about().lines().findFirst().orElse("");
        said = said.replaceAll("(?<=[.:]) [A-Z].*", "");
      } else if (said.isEmpty()) {
        missing.add(
            "%s.%s has no @param: say what it is"
                .formatted(type.getSimpleName(), component.getName()));
      }
      text.append(
          "| `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  component.getName(),
                  cell(word(component.getGenericType())),
                  cell(fallback(component)),
                  unit(type, component),
                  cell(said + choices(component.getGenericType()))));
    }
  }

  /** What each word of an enum means, where its source says so. */
  private static String choices(Type type) {
    if (type instanceof ParameterizedType generic) {
      return choices(generic.getActualTypeArguments()[0]);
    } else if (!(type instanceof Class<?> simple) || !simple.isEnum()) {
      return "";
    }
    var said = RecordComments.ofConstants((Class<?>) type);
    return said.entrySet().stream()
        .map(entry -> "; `" + entry.getKey() + "`: " + entry.getValue())
        .collect(Collectors.joining());
  }

  private String unit(Class<?> type, RecordComponent component) {
    if (!number(component.getGenericType())) {
      return "";
    }
    var unit = units.of(type, component.getName());
    if (unit.isEmpty()) {
      missing.add(
          "%s.%s is a number without a unit: add it to settings-units.txt of the tests"
              .formatted(type.getSimpleName(), component.getName()));
    }
    return unit.orElse("");
  }

  private static String fallback(RecordComponent component) {
    var annotation = component.getAnnotation(Default.class);
    if (annotation != null) {
      return "`" + (annotation.value().isEmpty() ? "\"\"" : annotation.value()) + "`";
    } else if (component.getType() == Optional.class) {
      return "unset";
    }
    return component.getType().isRecord() ? "its own" : "**required**";
  }

  private String word(Type type) {
    if (type instanceof ParameterizedType generic) {
      var arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == Optional.class) {
        return word(arguments[0]);
      } else if (generic.getRawType() == List.class) {
        return "list of: " + word(arguments[0]);
      }
      return "by name: " + word(arguments[1]);
    }
    var simple = (Class<?>) type;
    if (simple.isRecord()) {
      var title = titles.getOrDefault(simple, "");
      return "[%s](#%s)".formatted(title, anchor(title));
    } else if (simple.isEnum()) {
      return Arrays.stream(simple.getEnumConstants())
          .map(constant -> "`" + Settings.word((Enum<?>) constant) + "`")
          .collect(Collectors.joining(", "));
    } else if (simple == Path.class) {
      return "path";
    } else if (simple == String.class) {
      return "text";
    } else if (simple == boolean.class || simple == Boolean.class) {
      return "`true`, `false`";
    }
    return simple == double.class || simple == Double.class ? "number" : "whole number";
  }

  private static boolean number(Type type) {
    if (type instanceof ParameterizedType generic) {
      var arguments = generic.getActualTypeArguments();
      return number(arguments[arguments.length - 1]);
    }
    return type == double.class || type == int.class || type == long.class || boxed(type);
  }

  private static boolean boxed(Type type) {
    return type instanceof Class<?> simple && Number.class.isAssignableFrom(simple);
  }

  /** The settings record that a component holds, by itself or in a list or map. */
  private static Optional<Class<?>> record(Type type) {
    if (type instanceof ParameterizedType generic) {
      var arguments = generic.getActualTypeArguments();
      return record(arguments[arguments.length - 1]);
    }
    return type instanceof Class<?> simple && simple.isRecord()
        ? Optional.of(simple)
        : Optional.empty();
  }

  /** As GitHub makes them of titles. */
  static String anchor(String title) {
    return title.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
