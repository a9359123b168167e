package io.lorashear.card;

import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.Yaml;

/** YAML for people: blocks, in the order that is given, quoted where a word needs it. */
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
}
