package io.lorashear.settings;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All full keys of a settings record, used to suggest what a mistyped key was meant to be. Keys of
 * a list's items begin with {@code sources[].}, keys of a map's values with {@code texts.NAME.}.
 */
final class KeyNames {
  private static final int MOST = 3;

  private final List<String> all = new ArrayList<>();

  KeyNames(Class<?> root) {
    collect(root, "");
  }

  private void collect(Class<?> type, String prefix) {
    if (!type.isRecord()) {
      return;
    }
    for (var component : new RecordType(type).components()) {
      var key = prefix + component.getName();
      all.add(key);
      inside(component.getGenericType(), type, key);
    }
  }

  private void inside(Type type, Class<?> outer, String key) {
    if (type instanceof ParameterizedType generic) {
      var arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        inside(arguments[0], outer, key + "[]");
      } else if (generic.getRawType() == Map.class) {
        inside(arguments[1], outer, key + ".NAME");
      } else if (generic.getRawType() == Optional.class) {
        inside(arguments[0], outer, key);
      }
    } else if (type instanceof Class<?> simple && simple != outer) {
      collect(simple, key + ".");
    }
  }

  /**
   * Advice about {@code name}, which the group at {@code prefix} does not have: suggests the
   * nearest name in the same group, else the same name in another group, else a similar name in
   * another group.
   */
  String advice(String prefix, String name, List<String> siblings) {
    var near = Nearest.to(name, siblings);
    if (near.isPresent()) {
      return "did you mean " + prefix + near.get() + "?";
    }
    var elsewhere = called(name, prefix);
    if (elsewhere.isEmpty()) {
      elsewhere =
          Nearest.to(name, all.stream().map(KeyNames::last).toList())
              .map(other -> called(other, prefix))
              .orElse(List.of());
    }
    return elsewhere.isEmpty()
        ? "known here: " + String.join(", ", siblings)
        : "did you mean " + either(elsewhere) + "?";
  }

  /** The keys that end in this name: those inside the same group if there are any, else all. */
  private List<String> called(String name, String prefix) {
    var found = all.stream().filter(key -> last(key).equals(name)).toList();
    var group = prefix.replaceAll("\\[\\d+]", "[]");
    var near = found.stream().filter(key -> key.startsWith(group)).toList();
    return near.isEmpty() ? found : near;
  }

  private static String last(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  private static String either(List<String> keys) {
    var shown = String.join(", ", keys.stream().limit(MOST).toList());
    return keys.size() == 1 ? shown : "one of " + shown + (keys.size() > MOST ? ", …" : "");
  }
}
