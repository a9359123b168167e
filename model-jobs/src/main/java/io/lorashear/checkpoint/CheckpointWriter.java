package io.lorashear.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.safetensors.ModelShards;
import io.lorashear.family.ConfigForm;
import io.lorashear.family.ModelConfig;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * Writes a Hugging Face directory. The same model gives the same bytes.
 *
 * <p>If the family's plain fields can express the widths, stock transformers loads the directory.
 * If not, config.json has the requested form, which a reader of the plain fields cannot mistake for
 * its own: it has a different {@code model_type}, or fields that such a reader refuses. With {@link
 * ConfigForm.Layers#OWN} the directory also has the Python file that builds the model in
 * transformers.
 */
public final class CheckpointWriter {
  private static final List<String> TOKENS =
      List.of("bos_token_id", "eos_token_id", "pad_token_id");

  private CheckpointWriter() {}

  /**
   * Writes config.json, generation_config.json, the weights ({@link ModelShards}) and copies of
   * {@code companions} into {@code directory}, which is created if missing.
   *
   * @param config configuration with the widths of the tensors
   * @param companions tokenizer files, as {@link Checkpoint#companions()} gives them
   */
  public static void write(
      Path directory, ModelConfig config, TensorSource tensors, List<Path> companions) {
    write(directory, config, ConfigForm.USUAL, tensors, companions);
  }

  /**
   * {@link #write(Path, ModelConfig, TensorSource, List)} with config.json in the given form.
   *
   * @throws io.lorashear.InputException if the form cannot express the model
   */
  public static void write(
      Path directory,
      ModelConfig config,
      ConfigForm form,
      TensorSource tensors,
      List<Path> companions) {
    var fields = form.write(config, commonType(tensors));
    try {
      Files.createDirectories(directory);
      Companions.copy(companions, directory);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + directory, e);
    }
    TokenizerClass.write(directory, fields);
    JsonFile.write(directory.resolve(CheckpointFiles.CONFIG), fields);
    PythonFiles.write(directory, fields);
    var generation = directory.resolve(CheckpointFiles.GENERATION);
    if (!Files.exists(generation)) {
      JsonFile.write(generation, generation(fields));
    }
    ModelShards.write(directory, tensors);
  }

  /**
   * {@link #write} into a publication at {@code target}.
   *
   * @param manifest fields about the model; names and hashes of files are added
   */
  public static PublishedDirectory publish(
      Path target,
      ModelConfig config,
      TensorSource tensors,
      List<Path> companions,
      ObjectNode manifest) {
    try (var publication = Publication.begin(target)) {
      write(publication.directory(), config, tensors, companions);
      return publication.publish(manifest);
    }
  }

  private static String commonType(TensorSource tensors) {
    var types = new HashSet<DataType>();
    tensors.tensors().values().stream()
        .map(TensorInfo::type)
        .filter(DataType::isFloating)
        .forEach(types::add);
    if (types.equals(new HashSet<>(List.of(DataType.BF16)))) {
      return "bfloat16";
    }
    return types.equals(new HashSet<>(List.of(DataType.F16))) ? "float16" : "float32";
  }

  private static ObjectNode generation(ObjectNode fields) {
    var generation = JsonFile.object().put("_from_model_config", true);
    TOKENS.stream()
        .filter(fields::hasNonNull)
        .forEach(name -> generation.set(name, fields.get(name)));
    return generation;
  }
}
