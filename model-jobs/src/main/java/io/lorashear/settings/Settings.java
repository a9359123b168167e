package io.lorashear.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Loads settings records.
 *
 * <pre>
 *   record PruningSettings(@Default("0.2") double ratio, Path output, List&lt;Source&gt; sources) {
 *     void check(Problems problems) {
 *       problems.require(ratio &gt; 0 &amp;&amp; ratio &lt; 1, "ratio", "is %s: give a share between 0 and 1", ratio);
 *     }
 *   }
 *   var settings = Settings.load(PruningSettings.class, Path.of("conf/prune.yaml"), List.of("ratio=0.3"));
 * </pre>
 *
 * Keys are the components' names. Component types: int, long, double, boolean, String, Path, enums
 * (written as lower-case words with dashes), records, and List, Map (keys are strings, sorted, so
 * that their order in the file does not matter) and Optional of these. A relative path is resolved
 * against the folder where the program runs, not against the settings file.
 */
public final class Settings {
  private Settings() {}

  /**
   * The settings in {@code file}, with {@code overrides} of the form {@code a.b=value} applied.
   *
   * @throws io.lorashear.InputException one for all unknown keys, wrong types, and missing or
   *     impossible values, each with its line
   */
  public static <T extends Record> T load(Class<T> type, Path file, List<String> overrides) {
    return load(type, file, Overrides.each(overrides));
  }

  /** The same, with settings that others than the user gave. */
  public static <T extends Record> T load(Class<T> type, Path file, Overrides overrides) {
    var problems = new Problems();
    var tree = YamlTree.read(file, problems);
    return bind(type, tree, overrides, problems, file.toString());
  }

  /** The defaults with {@code overrides} applied; for runs without a settings file. */
  public static <T extends Record> T defaults(Class<T> type, List<String> overrides) {
    return defaults(type, Overrides.each(overrides));
  }

  /** The same, with settings that others than the user gave. */
  public static <T extends Record> T defaults(Class<T> type, Overrides overrides) {
    var nothing = new Tree.Fields(Place.NONE, new LinkedHashMap<>());
    return bind(type, nothing, overrides, new Problems(), "The command line");
  }

  private static <T extends Record> T bind(
      Class<T> type, Tree tree, Overrides overrides, Problems problems, String subject) {
    if (tree instanceof Tree.Fields root) {
      new Overlay(root, problems).apply(overrides);
    }
    var record = new Binder(problems, type).record(type, tree, "");
    problems.throwIfAny(subject);
    return type.cast(nonNull(record));
  }

  /** Every value of {@code settings}, in the order of its components; for run records. */
  public static ObjectNode json(Record settings) {
    return SettingsJson.all(settings);
  }

  /**
   * The same without the settings that follow from others, so that it can be read back as a file.
   *
   * @param fixed the settings that follow from others, of the form {@code a.b=value}
   */
  public static ObjectNode json(Record settings, List<String> fixed) {
    var json = json(settings);
    for (var setting : fixed) {
      var keys = List.of(setting.substring(0, setting.indexOf('=')).split("\\."));
      JsonNode parent = json;
      for (var key : keys.subList(0, keys.size() - 1)) {
        parent = parent.path(key);
      }
      if (parent instanceof ObjectNode object) {
        object.remove(keys.get(keys.size() - 1));
      }
    }
    return json;
  }

  /** How an enum's constant is written in files: HALF_SPACE is {@code half-space}. */
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The settings as one line of JSON that is equal if and only if the settings ask for the same
   * computation: keys sorted, defaults written out, every {@link Path} left out, because moving a
   * folder changes no result. A stage's hash must therefore include the content of its inputs
   * separately.
   */
  public static String canonical(Record settings) {
    return SettingsJson.canonical(settings);
  }

  /** Every path in {@code settings} by its full key, in the order of the components. */
  public static Map<String, Path> paths(Record settings) {
    return SettingsPaths.of(settings);
  }

  private static Object nonNull(@Nullable Object record) {
    if (record == null) {
      throw new IllegalStateException("settings were refused without a problem being noted");
    }
    return record;
  }
}
