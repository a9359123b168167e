package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One architecture of GGUF files, translated to transformers, and models of transformers translated
 * to it.
 */
public interface Architecture {
  /** The metadata key that names the architecture. */
  String KEY = "general.architecture";

  /**
   * The Hugging Face tensors stored in {@code entry}; empty if the model does not use that tensor.
   *
   * @throws InputException if its shape contradicts {@code h}
   */
  List<Part> parts(Entry entry, Hyperparameters h);

  /**
   * The fields of config.json.
   *
   * @param names names of the Hugging Face tensors in the file
   * @param vocabulary rows of the embedding
   */
  ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary);

  /**
   * The reverse of {@link #parts}: the stored tensor that contains the Hugging Face tensor {@code
   * name}; empty if llama.cpp expects no such tensor.
   */
  Optional<String> stored(String name, Hyperparameters h);

  /**
   * The reverse of {@link #config}: the metadata of {@code config}, except those of the tokenizer.
   * Properties that they cannot express are left out; comparing with the model read back finds
   * them.
   *
   * @throws InputException if a property cannot be expressed and a specific message is possible
   *     here, with what to do instead
   */
  void describe(ModelConfig config, Description said);

  /**
   * Whether llama.cpp assumes that heads × head dimension is the width of the residual stream, and
   * so expects other shapes if they differ.
   */
  default boolean headsFillHidden() {
    return false;
  }

  /** Keys that it reads in addition to the common ones, without the architecture's name. */
  default Set<String> keys() {
    return Set.of();
  }

  /** Hugging Face's name of the embedding. */
  String embedding();

  /**
   * Name of the output head, if it must be written even though it equals the embedding, because
   * llama.cpp expects one; reading leaves it out again if both are equal. Empty for other
   * architectures.
   */
  default Optional<String> headMadeOfEmbedding() {
    return Optional.empty();
  }
}
