package io.lorashear.spark.perplexity;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** A Llama of two layers with drawn weights. */
public final class SmallCheckpoint {
  private SmallCheckpoint() {}

  public static Path write(Path folder, int vocabulary, long seed) {
    var fields = JsonNodeFactory.instance.objectNode();
    fields.putArray("architectures").add("LlamaForCausalLM");
    fields.put("model_type", "llama");
    fields.put("hidden_size", 16);
    fields.put("num_hidden_layers", 2);
    fields.put("num_attention_heads", 4);
    fields.put("num_key_value_heads", 2);
    fields.put("head_dim", 4);
    fields.put("intermediate_size", 12);
    fields.put("vocab_size", vocabulary);
    fields.put("max_position_embeddings", 128);
    fields.put("rms_norm_eps", 1e-5);
    fields.put("tie_word_embeddings", true);
    fields.put("hidden_act", "silu");
    var config = ModelConfig.parse(fields, "small");
    CheckpointWriter.write(folder, config, weights(config, seed), List.of());
    return folder;
  }

  private static InMemoryTensors weights(ModelConfig config, long seed) {
    var random = new Random(seed);
    var tensors = new InMemoryTensors();
    for (var parameter : Family.of(config).trace(config).parameters().values()) {
      var values = new float[(int) parameter.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.3 * random.nextGaussian());
      }
      tensors.put(parameter.name(), values, parameter.shape());
    }
    return tensors;
  }
}
