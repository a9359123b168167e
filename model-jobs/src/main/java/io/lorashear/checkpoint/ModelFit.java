package io.lorashear.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.family.ModelConfig;
import io.lorashear.family.Quantization;
import io.lorashear.graph.ModelGraph;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/** Checks before anything runs that tensors and tokenizer fit a configuration. */
final class ModelFit {
  private static final Pattern COMPUTED =
      Pattern.compile("(.*\\.)?(inv_freq|masked_bias|(attn|attention)\\.bias)");

  private static final List<String> LAYERS = List.of("num_hidden_layers", "n_layer");

  private ModelFit() {}

  /** Checks by the tensors, not by the configuration, that the checkpoint is not quantised. */
  static void checkUnpacked(Path path, TensorSource tensors) {
    Quantization.ofTensors(tensors.tensors().keySet())
        .ifPresent(
            how -> {
              throw how.refusal(path.toString());
            });
  }

  /** Checks that every layer has a tensor, so that no model larger than its weights is built. */
  static void checkLayers(Path where, JsonNode fields, TensorSource tensors) {
    for (var field : LAYERS) {
      if (fields.path(field).asLong() > tensors.tensors().size()) {
        throw new InputException(
            "%s: %s is %s, but the weights have %d tensors: it is not the whole model",
            where, field, fields.path(field), tensors.tensors().size());
      }
    }
  }

  /**
   * Checks that every weight of the forward pass exists with its shape, and that no other tensor
   * changes the result.
   */
  static void checkTensors(Path path, ModelConfig config, ModelGraph graph, TensorSource tensors) {
    for (var parameter : graph.parameters().values()) {
      var info = tensors.tensors().get(parameter.name());
      if (info == null) {
        throw new InputException(
            "%s lacks the tensor %s, which %s asks for: it is not the whole model",
            path, parameter.name(), config.where());
      }
      if (!Arrays.equals(info.shape(), parameter.shape()) || !info.type().isFloating()) {
        throw new InputException(
            "%s: tensor %s is %s %s, but %s asks for floating numbers in %s",
            path,
            info.name(),
            info.type(),
            Arrays.toString(info.shape()),
            config.where(),
            Arrays.toString(parameter.shape()));
      }
    }
    for (var name : tensors.tensors().keySet()) {
      boolean tiedHead = TiedHead.isHead(name) && config.tiedEmbeddings();
      if (!graph.parameters().containsKey(name) && !tiedHead && !COMPUTED.matcher(name).matches()) {
        throw new InputException(
            "%s holds the tensor %s, which the %s model of %s does not use:"
                + " leaving it out would change the result",
            path, name, config.modelType(), config.where());
      }
    }
  }

  /**
   * Checks that every token of the vocabulary has a row. Added tokens beyond the rows are allowed,
   * for example for padding: a text with such a token is refused when it is encoded.
   */
  static void checkTokenizer(Path tokenizer, int rows) {
    var json = JsonFile.read(tokenizer);
    var added = new HashSet<Long>();
    json.path("added_tokens").forEach(token -> added.add(token.path("id").asLong()));
    long tokens = 0;
    long id = 0;
    for (var token : json.path("model").path("vocab")) {
      long own = token.isIntegralNumber() ? token.asLong() : id; // Unigram has a list of pairs
      tokens = added.contains(own) ? tokens : Math.max(tokens, own + 1);
      id++;
    }
    if (tokens > rows) {
      throw new InputException(
          "%s has %d tokens, but the model's embedding has %d rows:"
              + " use the tokenizer that came with the model",
          tokenizer, tokens, rows);
    }
  }
}
