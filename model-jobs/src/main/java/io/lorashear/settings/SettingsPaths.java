package io.lorashear.settings;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The paths among settings. */
record SettingsPaths(Map<String, Path> found) {

  static Map<String, Path> of(Record settings) {
    var paths = new SettingsPaths(new LinkedHashMap<>());
    paths.collect("", settings);
    return paths.found;
  }

  private void collect(String key, Object value) {
    if (value instanceof Path path) {
      found.put(key, path);
    } else if (value instanceof Optional<?> inner) {
      inner.ifPresent(present -> collect(key, present));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect(key + "[" + i + "]", list.get(i));
      }
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((name, inner) -> collect(key + "." + name, inner));
    } else if (value instanceof Record record) {
      for (var component : new RecordType(record.getClass()).components()) {
        var inner = key.isEmpty() ? component.getName() : key + "." + component.getName();
        collect(inner, RecordType.value(component, record));
      }
    }
  }
}
