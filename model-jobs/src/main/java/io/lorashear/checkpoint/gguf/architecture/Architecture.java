package io.lorashear.checkpoint.gguf.architecture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.family.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One architecture of GGUF files, seen as transformers sees it, and models of transformers in its
 * words.
 */
public interface Architecture {
  /** The metadata that names it. */
  String KEY = "general.architecture";

  /**
   * The Hugging Face tensors that {@code entry} holds; none where such a model has no such tensor.
   *
   * @throws InputException when its shape contradicts {@code h}
   */
  List<Part> parts(Entry entry, Hyperparameters h);

  /**
   * The fields of config.json.
   *
   * @param names of the Hugging Face tensors that are there
   * @param vocabulary rows of the embedding
   */
  ObjectNode config(Hyperparameters h, Set<String> names, long vocabulary);

  /**
   * The way back from {@link #parts}: the stored tensor that the Hugging Face tensor {@code name}
   * is, or lies in; empty where llama.cpp looks for no such tensor.
   */
  Optional<String> stored(String name, Hyperparameters h);

  /**
   * The way back from {@link #config}: the metadata of {@code config}, but for its tokenizer's.
   * What they cannot say is left out; who reads them back finds the difference.
   *
   * @throws InputException where that can be said better here, with the way out
   */
  void describe(ModelConfig config, Description said);

  /**
   * Whether llama.cpp takes heads × head dimension for the width of the residual stream, and so
   * looks for other shapes where they differ.
   */
  default boolean headsFillHidden() {
    return false;
  }

  /** Keys that it reads beside those that all read, without the architecture's name. */
  default Set<String> keys() {
    return Set.of();
  }

  /** Hugging Face's name of the embedding. */
  String embedding();

  /**
   * A head that is written out although it is the embedding, since llama.cpp looks for one; it is
   * left out again where both are the same. Empty where that does not happen.
   */
  default Optional<String> headMadeOfEmbedding() {
    return Optional.empty();
  }
}
