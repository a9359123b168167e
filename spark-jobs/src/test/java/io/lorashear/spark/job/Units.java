package io.lorashear.spark.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What numbers of settings count, by {@code Record.component} or else by the component alone. */
record Units(Map<String, String> byName) {

  /** Lines of the form {@code name: unit}; those that begin with # are for readers. */
  static Units read(Path file) throws IOException {
    var units = new TreeMap<String, String>();
    for (var line : Files.readAllLines(file)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        var words = line.split(": ", 2);
        units.put(words[0], words[1]);
      }
    }
    return new Units(units);
  }

  Optional<String> of(Class<?> type, String component) {
    return Optional.ofNullable(
        byName.getOrDefault(type.getSimpleName() + "." + component, byName.get(component)));
  }
}
