package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What llama.cpp computes whatever a GGUF says, or has no words for, is not written. */
class GgufRefusalsTest {
  private static void refused(ModelConfig config, String message) {
    var graph = SmallModels.graph(config);
    var weights = SmallModels.weights(graph, new Random(1));
    assertThatThrownBy(() -> GgufModel.of(config, graph, weights, Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }

  private static void refused(String family, Consumer<ObjectNode> change, String message) {
    var fields = SmallModels.config(family);
    change.accept(fields);
    refused(SmallModels.parsed(fields), message);
  }

  @Test
  void anotherGateIsRefused() {
    refused(
        "qwen3",
        fields -> fields.put("hidden_act", "gelu"),
        "config.json: layers.0.mlp computes Activate[function=GELU], where llama.cpp computes"
            + " Activate[function=SILU] in the architecture qwen3, whatever a GGUF says: export it"
            + " --for transformers");
  }

  @Test
  void aBiasThatLlamaCppDoesNotLookForIsRefused() {
    refused(
        "qwen3",
        fields -> fields.put("attention_bias", true),
        "config.json: the model computes with model.layers.0.self_attn.q_proj.bias, which llama.cpp"
            + " does not look for in the architecture qwen3: export it --for transformers");
  }

  @Test
  void aScalingThatFollowsTheTextIsRefused() {
    refused(
        "llama",
        fields -> fields.putObject("rope_scaling").put("rope_type", "dynamic").put("factor", 2.0),
        "config.json: positions are scaled by 'dynamic', as no GGUF can say. For texts of up to 64"
            + " tokens nothing is scaled: take rope_scaling out, or export it --for transformers");
  }

  @Test
  void aRampThatLlamaCppDoesNotHaveIsRefused() {
    refused(
        "llama",
        fields ->
            fields
                .putObject("rope_scaling")
                .put("rope_type", "yarn")
                .put("factor", 2.0)
                .put("beta_fast", 16.0),
        "config.json: its YaRN has beta_fast 16.0, beta_slow 1.0, truncate true: llama.cpp computes"
            + " 32, 1 and true whatever a GGUF says; export it --for transformers");
  }

  @Test
  void capsThatAreNoneAreRefused() {
    refused(
        "gemma2",
        fields -> fields.putNull("attn_logit_softcapping"),
        "config.json: attn_logit_softcapping is null, but llama.cpp caps the logits of every"
            + " gemma2: export it --for transformers");
  }

  @Test
  void headsThatDoNotFillTheStreamAreRefused() {
    refused(
        "olmo2",
        fields -> fields.put("head_dim", 8),
        "config.json: 4 query heads of 8 are not the hidden size of 16, which llama.cpp takes them"
            + " for in the architecture olmo2: export it --for transformers, or prune MLPs alone");
  }

  @ParameterizedTest
  @CsvSource({"gemma", "phi3", "mixtral"})
  void widthsOfOtherFamiliesThatDifferAreRefused(String family) {
    var config = SmallModels.parsed(SmallModels.config(family));
    int experts = config.layers().get(0).mlps().size();
    var widths = new ArrayList<>(config.layers());
    widths.set(1, new LayerWidths(4, 2, Collections.nCopies(experts, 8)));
    refused(
        config.withLayers(widths),
        "config.json: its layers have different widths, which llama.cpp reads of llama, ministral,"
            + " mistral, qwen2 alone, not of a "
            + family
            + ": export it --for transformers, or prune it to the same widths in all layers");
  }

  @Test
  void otherwiseScaledGemma3sAreRefused() {
    refused(
        "gemma3_text",
        fields ->
            fields
                .putObject("rope_scaling")
                .put("rope_type", "yarn")
                .put("factor", 4.0)
                .put("original_max_position_embeddings", 16),
        "config.json: positions are scaled by 'yarn', which llama.cpp would do in a gemma3's layers"
            + " with a window too: export it --for transformers");
  }

  @Test
  void layersWithAWindowInNoPeriodAreRefused() {
    var fields = SmallModels.config("gemma3_text");
    var types = fields.putArray("layer_types");
    List.of("sliding", "full", "full").forEach(type -> types.add(type + "_attention"));
    refused(
        SmallModels.parsed(fields),
        "config.json: layers.2.attention computes turning 2 pairs, the last by 0.00100 a token"
            + ", where llama.cpp computes turning 2 pairs, the last by 0.100 a token in the"
            + " architecture gemma3, whatever a GGUF says: export it --for transformers");
  }

  @Test
  void sharesOfExpertsThatDoNotAddUpAreRefused() {
    refused(
        "qwen3_moe",
        fields -> fields.put("norm_topk_prob", false),
        "config.json: layers.0 computes Route[weight=model.layers.0.mlp.gate.weight, k=2,"
            + " normed=false], where llama.cpp computes"
            + " Route[weight=model.layers.0.mlp.gate.weight, k=2, normed=true] in the architecture"
            + " qwen3moe, whatever a GGUF says: export it --for transformers");
  }

  @Test
  void aLayerWithoutExpertsAmongOthersIsRefused() {
    refused(
        "qwen3_moe",
        fields -> fields.putArray("mlp_only_layers").add(1),
        "config.json: the model computes with model.layers.1.mlp.gate_proj.weight, which llama.cpp"
            + " does not look for in the architecture qwen3moe: export it --for transformers");
  }

  @Test
  void otherLayersWithoutPositionsAreRefused() {
    refused(
        "smollm3",
        fields -> List.of(1, 0, 1, 1).forEach(fields.putArray("no_rope_layers")::add),
        "config.json: layers.1.attention computes Attention[scale=0.5, window=null, softCap=null],"
            + " where llama.cpp computes turning 2 pairs, the last by 0.000707 a token in the"
            + " architecture smollm3, whatever a GGUF says: export it --for transformers");
  }

  @Test
  void whatAWindowDoesNotExplainIsRefusedAllTheSame() {
    refused(
        "mistral",
        fields -> fields.put("sliding_window", 8).put("hidden_act", "gelu"),
        "config.json: layers.0.mlp computes Activate[function=GELU], where llama.cpp computes"
            + " Activate[function=SILU] in the architecture llama, whatever a GGUF says: export it"
            + " --for transformers");
  }

  private static void refusedWithout(List<LayerWidths> widths, String message) {
    refused(SmallModels.parsed(SmallModels.config("llama")).withLayers(widths), message);
  }

  @Test
  void partsThatLlamaCppCannotMissAreRefused() {
    var whole = new LayerWidths(4, 2, 12);
    var silent = new LayerWidths(0, 0, 12);
    var deaf = new LayerWidths(4, 2, 0);
    var none = new LayerWidths(0, 0, 0);
    refusedWithout(
        List.of(silent, whole, whole),
        "config.json: the first layer has no attention, by which llama.cpp counts how wide heads"
            + " are: leave it there, or export it --for transformers");
    refusedWithout(
        List.of(whole, deaf, whole),
        "config.json: layer 1 has attention and no MLP; llama.cpp loses the attention of such a"
            + " layer: leave a channel of its MLP, or export it --for transformers");
    refusedWithout(
        List.of(whole, whole, none),
        "config.json: the last layer has neither attention nor MLP, which llama.cpp does not"
            + " compute: take it out, or export it --for transformers");
  }
}
