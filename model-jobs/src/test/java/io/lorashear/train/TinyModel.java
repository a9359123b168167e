package io.lorashear.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.corpus.Sequence;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A Llama of a few thousand parameters with random weights. */
public final class TinyModel {
  public static final int VOCABULARY = 24;

  private TinyModel() {}

  /** Two layers, hidden 16, four query heads on two key-value heads, twelve channels. */
  public static ModelConfig config() {
    return config(VOCABULARY);
  }

  /** The same with another number of tokens. */
  public static ModelConfig config(int vocabulary) {
    return config(vocabulary, 2);
  }

  /** The same with another number of layers. */
  public static ModelConfig config(int vocabulary, int layers) {
    return config("llama", vocabulary, layers);
  }

  /** The same of a family with biases. */
  public static ModelConfig withBiases() {
    return config("qwen2", VOCABULARY, 2);
  }

  private static ModelConfig config(String family, int vocabulary, int layers) {
    var fields = JsonNodeFactory.instance.objectNode();
    fields.put("model_type", family);
    fields.put("hidden_size", 16);
    fields.put("num_hidden_layers", layers);
    fields.put("num_attention_heads", 4);
    fields.put("num_key_value_heads", 2);
    if (family.equals("llama")) {
      fields.put("head_dim", 4);
    }
    fields.put("intermediate_size", 12);
    fields.put("vocab_size", vocabulary);
    fields.put("max_position_embeddings", 64);
    fields.put("rms_norm_eps", 1e-5);
    fields.put("tie_word_embeddings", true);
    fields.put("hidden_act", "silu");
    return ModelConfig.parse(fields, "tiny");
  }

  public static ModelGraph graph() {
    return Family.of(config()).trace(config());
  }

  /** Normal weights, norms near one. */
  public static InMemoryTensors weights(ModelGraph graph, long seed) {
    var random = new Random(seed);
    var tensors = new InMemoryTensors();
    for (var parameter : graph.parameters().values()) {
      var values = new float[(int) parameter.elements()];
      for (int i = 0; i < values.length; i++) {
        double normal = random.nextGaussian();
        values[i] = (float) (parameter.shape().length == 1 ? 1 + 0.1 * normal : 0.3 * normal);
      }
      tensors.put(parameter.name(), values, parameter.shape());
    }
    return tensors;
  }

  /** Rows with a pattern that can be learnt: every token is the one before plus a step. */
  public static List<Sequence> sequences(int count, int length, long seed) {
    var random = new Random(seed);
    var rows = new ArrayList<Sequence>();
    for (int n = 0; n < count; n++) {
      var ids = new int[length];
      int step = 1 + random.nextInt(3);
      ids[0] = random.nextInt(VOCABULARY);
      for (int t = 1; t < length; t++) {
        ids[t] = (ids[t - 1] + step) % VOCABULARY;
      }
      var mask = new byte[length];
      Arrays.fill(mask, (byte) 1);
      rows.add(new Sequence("counting", Sequence.TRAIN, "row-" + n, ids, mask));
    }
    return rows;
  }
}
