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
 * The dense model that the pipeline started from.
 *
 * @param hub its name on Hugging Face, if known
 * @param licence its licence, if known
 */
record DenseModel(Optional<String> hub, Optional<Licence> licence) {
  private static final Pattern HUB = Pattern.compile("[\\w.-]+/[\\w.-]+");
  private static final Pattern SNAPSHOT = Pattern.compile("models--([\\w.-]+?)--([\\w.-]+)");

  static final DenseModel UNKNOWN = new DenseModel(Optional.empty(), Optional.empty());

  /**
   * The dense model that a user names.
   *
   * @param given a folder, a file, or a name on Hugging Face
   * @param hash hash of the model that the first stage read; empty if there was no stage
   * @throws InputException if it is none of these, or is not the model that the first stage read
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
   * Reads the information that a folder or a GGUF file has about itself; for the output of a stage,
   * its information about the dense model.
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

  /** The same; if the model's name is unknown, it is taken from the path. */
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

  /** The name of the model, if the folder is in Hugging Face's cache. */
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
