package io.lorashear.card;

import io.lorashear.InputException;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Writes YAML in block style, in the given order, with quotes where a word needs them. */
final class FrontMatter {
  private FrontMatter() {}

  static String of(Map<String, ?> fields) {
    return "---\n" + yaml(fields) + "---\n";
  }

  static String yaml(Map<?, ?> tree) {
    var options = new DumperOptions();
    options.setDefaultFlowStyle(FlowStyle.BLOCK);
    options.setSplitLines(false);
    return new Yaml(options).dump(tree);
  }

  /**
   * The fields of a card whose values are single texts; empty if there is no card.
   *
   * @throws InputException if it is not YAML, or was changed after a stage published it
   */
  static Map<String, String> texts(Path card) {
    var fields = new LinkedHashMap<String, String>();
    var text = Files.isRegularFile(card) ? read(card) : "";
    int end = text.indexOf("\n---", 3);
    if (!text.startsWith("---\n") || end <= 0) {
      return fields;
    }
    try {
      Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(text.substring(4, end));
      if (tree instanceof Map<?, ?> map) {
        map.forEach(
            (name, value) -> {
              if (name instanceof String key && value instanceof String words) {
                fields.put(key, words);
              }
            });
      }
      return fields;
    } catch (YAMLException e) {
      throw new InputException(
          e, "%s has a front matter that is no YAML: mend it, its licence is carried over", card);
    }
  }

  /** The text of a file of a model; a published one is compared with its manifest. */
  static String read(Path file) {
    try {
      if (Files.isRegularFile(file.resolveSibling(Publication.MANIFEST))) {
        var published = PublishedDirectory.open(file.resolveSibling(""));
        published.verified(file.getFileName().toString());
      }
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
