package io.lorashear.card;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.checkpoint.gguf.Gguf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The licence of a model, in the fields of Hugging Face's front matter.
 *
 * @param fields {@code license}, and {@code license_name} and {@code license_link} if they are
 *     known
 * @param text the file with the licence, if the folder has one
 */
record Licence(Map<String, String> fields, Optional<Path> text) {
  private static final List<String> FIELDS = List.of("license", "license_name", "license_link");
  private static final List<String> FILES =
      List.of("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE");

  /** First words of licence texts, with the short names of the licences. */
  private static final Map<String, String> KNOWN =
      Map.of("Apache License", "apache-2.0", "MIT License", "mit");

  /** Reads README.md's front matter, else config.json, else a licence file. */
  static Optional<Licence> in(Path folder, JsonNode config) {
    var text = FILES.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
    var fields = ofFrontMatter(folder.resolve("README.md"));
    if (fields.isEmpty() && config.path("license").isTextual()) {
      fields = Map.of("license", config.path("license").asText());
    }
    if (fields.isEmpty() && text.isPresent()) {
      fields = ofText(text.get());
    }
    return fields.isEmpty() ? Optional.empty() : Optional.of(new Licence(fields, text));
  }

  /** Reads the metadata of a GGUF file. */
  static Optional<Licence> in(Path gguf) {
    var fields = new LinkedHashMap<String, String>();
    try (var file = Gguf.open(gguf)) {
      FIELDS.forEach(
          field ->
              file.said("general." + field.replace('_', '.'))
                  .ifPresent(value -> fields.put(field, value)));
    }
    return fields.isEmpty() ? Optional.empty() : Optional.of(new Licence(fields, Optional.empty()));
  }

  private static Map<String, String> ofText(Path file) {
    var begin = FrontMatter.read(file).strip().lines().findFirst().orElse("").strip();
    var name = KNOWN.get(begin);
    return name != null
        ? Map.of("license", name)
        : Map.of("license", "other", "license_link", file.getFileName().toString());
  }

  private static Map<String, String> ofFrontMatter(Path card) {
    var fields = new LinkedHashMap<>(FrontMatter.texts(card));
    fields.keySet().retainAll(FIELDS);
    return fields;
  }
}
