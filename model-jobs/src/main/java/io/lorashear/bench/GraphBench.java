package io.lorashear.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import java.util.LinkedHashMap;
import java.util.List;

/** Measures tracing a model with LoRA pairs and finding its axes; no weight is read. */
public record GraphBench(ModelConfig config, LoraSettings lora, int repetitions) {

  /** The shape of Llama 2 70B. */
  public static ModelConfig seventyBillion() {
    ObjectNode fields = JsonFile.object();
    fields.put("model_type", "llama").put("hidden_act", "silu").put("vocab_size", 32_000);
    fields.put("hidden_size", 8192).put("intermediate_size", 28_672);
    fields.put("num_hidden_layers", 80).put("max_position_embeddings", 4096);
    fields.put("num_attention_heads", 64).put("num_key_value_heads", 8).put("head_dim", 128);
    fields.put("rms_norm_eps", 1e-5).put("rope_theta", 10_000.0).put("tie_word_embeddings", false);
    return ModelConfig.parse(fields, "the shape of Llama 2 70B");
  }

  /** Measures trace, rewrite and analysis. */
  public Measurement graph() {
    var space = space();
    Runnable ours = this::space;
    var times = Repetitions.alternating(repetitions, List.of(ours));
    var setting = new LinkedHashMap<String, Object>();
    setting.put("parameters", space.graph().parameterCount());
    setting.put("axes", space.axes().size());
    var prunable = space.prunable(PruningSpace.STRUCTURES);
    setting.put("groups", prunable.stream().mapToLong(axis -> axis.size()).sum());
    return new Measurement(
        Workload.GRAPH,
        space.graph().nodes().size(),
        times.get(0),
        "",
        null,
        PeakMemory.peak(),
        setting);
  }

  private PruningSpace space() {
    var graph = Family.of(config).trace(config);
    return PruningSpace.of(LoraRewrite.apply(graph, lora).graph());
  }
}
