package io.lorashear.card;

import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Publication;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The dense model at the start of the line.
 *
 * @param hub its name on Hugging Face, where that is known
 * @param licence its terms, where they are known
 */
record DenseModel(Optional<String> hub, Optional<Licence> licence) {
  private static final Pattern HUB = Pattern.compile("[\\w.-]+/[\\w.-]+");
  private static final Pattern SNAPSHOT = Pattern.compile("models--([\\w.-]+?)--([\\w.-]+)");

  static final DenseModel UNKNOWN = new DenseModel(Optional.empty(), Optional.empty());

  /**
   * The dense model that a user names.
   *
   * @param given a folder, a file, or a name on Hugging Face
   * @param hash of what the first stage read; empty where there was none
   * @throws InputException when it is neither, or not what was read
   */
  static DenseModel of(String given, String hash) {
    var path = Path.of(given);
    if (!Files.exists(path)) {
      if (!HUB.matcher(given).matches()) {
        throw new InputException(
            "--dense %s is neither a file or folder nor a name on Hugging Face (owner/name)",
            given);
      }
      return new DenseModel(Optional.of(given), Optional.empty());
    }
    if (!hash.isEmpty() && !hash.equals(ContentHash.of(path))) {
      throw new InputException(
          "--dense %s is not what was pruned: that had the hash %s", given, hash);
    }
    return named(path);
  }

  /**
   * Reads what a folder or a GGUF file says about itself; for a folder of a stage, what it says
   * about the dense model.
   */
  static DenseModel in(Path model) {
    if (Files.isRegularFile(model)) {
      return new DenseModel(Optional.empty(), Licence.in(model));
    }
    var config = model.resolve("config.json");
    if (!Files.isRegularFile(config)) {
      return UNKNOWN;
    }
    var fields = JsonFile.read(config);
    var name = fields.path("_name_or_path").asText();
    var hub = Optional.of(name).filter(HUB.asMatchPredicate());
    return new DenseModel(carried(model).or(() -> hub), Licence.in(model, fields));
  }

  /** Also uses what the path says. */
  static DenseModel named(Path model) {
    var found = in(model);
    return new DenseModel(found.hub.or(() -> cached(model)), found.licence);
  }

  /**
   * Reads the model card of a stage; in other cards {@code base_model} names the model that this
   * one was made from.
   */
  private static Optional<String> carried(Path folder) {
    var manifest = folder.resolve(Publication.MANIFEST);
    return Files.isRegularFile(manifest) && JsonFile.read(manifest).has("stage")
        ? Optional.ofNullable(FrontMatter.texts(folder.resolve(ModelCard.FILE)).get("base_model"))
        : Optional.empty();
  }

  /** The name that a folder of Hugging Face's cache stands for. */
  private static Optional<String> cached(Path folder) {
    for (var part : folder.toAbsolutePath().normalize()) {
      var name = SNAPSHOT.matcher(part.toString());
      if (name.matches()) {
        return Optional.of(name.group(1) + "/" + name.group(2));
      }
    }
    return Optional.empty();
  }
}
