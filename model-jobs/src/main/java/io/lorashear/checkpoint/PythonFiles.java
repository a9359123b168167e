package io.lorashear.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.family.ConfigForm;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The Python files with which transformers builds models that it has no class for. */
final class PythonFiles {
  /** The line of the modelling file that names the family. */
  private static final String FAMILY = "BASE = \"llama\"\n";

  private PythonFiles() {}

  /** Writes the files that {@code fields} names in {@code auto_map}. */
  static void write(Path directory, JsonNode fields) {
    var named = fields.path("auto_map").path("AutoConfig").asText();
    try {
      if (named.startsWith(ConfigForm.MODELLING + ".")) {
        var family = FAMILY.replace("llama", fields.get("base_model_type").asText());
        var text = resource(ConfigForm.MODELLING).replace(FAMILY, family);
        Files.writeString(directory.resolve(ConfigForm.MODELLING + ".py"), text);
      } else if (named.startsWith(ConfigForm.BLOCKS + ".")) {
        Files.writeString(
            directory.resolve(ConfigForm.BLOCKS + ".py"), resource(ConfigForm.BLOCKS));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + directory, e);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream bytes = PythonFiles.class.getResourceAsStream(name + ".py")) {
      return new String(Objects.requireNonNull(bytes, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
