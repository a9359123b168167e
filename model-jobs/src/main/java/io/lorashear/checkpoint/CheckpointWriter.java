package io.lorashear.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lorashear.checkpoint.safetensors.SafetensorsWriter;
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
 * <p>Where all layers have the same widths, the plain fields of config.json say them and stock
 * transformers loads the directory. Where they differ:
 *
 * <ul>
 *   <li>{@code per_layer_config} holds every layer's widths, in the form transformers has given
 *       that field;
 *   <li>{@code architectures} becomes {@code LoRAShear…ForCausalLM}, which engines that choose by
 *       that name refuse;
 *   <li>the plain fields keep the widest layer's values, so at least one tensor contradicts them
 *       and a reader that knows the plain fields alone stops at its shape.
 * </ul>
 */
public final class CheckpointWriter {
  private static final String OWN = "LoRAShear";
  private static final List<String> TYPE_FIELDS = List.of("torch_dtype", "dtype");
  private static final List<String> TOKENS =
      List.of("bos_token_id", "eos_token_id", "pad_token_id");

  private CheckpointWriter() {}

  /**
   * Writes config.json, generation_config.json, model.safetensors and copies of {@code companions}
   * into {@code directory}, which is made when missing.
   *
   * @param config with the widths that the tensors have
   * @param companions tokenizer files, as {@link Checkpoint#companions()} gives them
   */
  public static void write(
      Path directory, ModelConfig config, TensorSource tensors, List<Path> companions) {
    try {
      Files.createDirectories(directory);
      Companions.copy(companions, directory);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + directory, e);
    }
    var fields = fields(config, tensors);
    JsonFile.write(directory.resolve(CheckpointFiles.CONFIG), fields);
    var generation = directory.resolve(CheckpointFiles.GENERATION);
    if (!Files.exists(generation)) {
      JsonFile.write(generation, generation(fields));
    }
    SafetensorsWriter.write(directory.resolve(CheckpointFiles.WEIGHTS), tensors);
  }

  /**
   * {@link #write} into a publication at {@code target}.
   *
   * @param manifest what there is to say about the model; names and hashes of files are added
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

  private static ObjectNode fields(ModelConfig config, TensorSource tensors) {
    var widths = config.layers();
    var fields = config.withLayers(widths).written();
    boolean uniform = config.uniform();
    architectures(fields, uniform);
    var type = commonType(tensors);
    TYPE_FIELDS.stream()
        .filter(fields::has)
        .findFirst()
        .ifPresentOrElse(field -> fields.put(field, type), () -> fields.put("torch_dtype", type));
    return fields;
  }

  private static void architectures(ObjectNode fields, boolean uniform) {
    var names = fields.path("architectures");
    var renamed = fields.putArray("architectures");
    for (var name : names) {
      var stock =
          name.asText().startsWith(OWN) ? name.asText().substring(OWN.length()) : name.asText();
      renamed.add(TextNode.valueOf(uniform ? stock : OWN + stock));
    }
  }

  private static String commonType(TensorSource tensors) {
    var types = new HashSet<DataType>();
    tensors.tensors().values().forEach(info -> types.add(info.type()));
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
