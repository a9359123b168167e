package io.lorashear.settings;

import java.util.ArrayList;
import java.util.List;

/** All keys a settings record knows, in full, to tell what a mistyped one was meant to be. */
final class KeyNames {
  private final List<String> all = new ArrayList<>();

  KeyNames(Class<?> root) {
    collect(root, "");
  }

  private void collect(Class<?> type, String prefix) {
    if (!type.isRecord()) {
      return;
    }
    for (var component : new RecordType(type).components()) {
      all.add(prefix + component.getName());
      if (component.getType() != type) {
        collect(component.getType(), prefix + component.getName() + ".");
      }
    }
  }

  /** What to do about {@code name}, which the group at {@code prefix} does not have. */
  String advice(String prefix, String name, List<String> siblings) {
    var near = Nearest.to(name, siblings);
    if (near.isPresent()) {
      return "did you mean " + prefix + near.get() + "?";
    }
    var elsewhere =
        all.stream().filter(key -> key.endsWith("." + name) || key.equals(name)).findFirst();
    return elsewhere
        .map(key -> "did you mean " + key + "?")
        .orElseGet(() -> "known here: " + String.join(", ", siblings));
  }
}
