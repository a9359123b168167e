package io.lorashear.dependency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.Activation;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.GraphBuilder;
import io.lorashear.graph.GraphReplay;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PruningSpaceTest {

  @Test
  void aGroupedQueryModelHasThreeAxesALayerOfWhichTwoArePrunable() {
    var space = PruningSpace.of(llama(64, 3, 4, 2, 160));

    var expected = new ArrayList<String>();
    for (int layer = 0; layer < 3; layer++) {
      expected.add("layers." + layer + ".attention.kvHeads[2]");
      expected.add("layers." + layer + ".mlp.channels[160]");
    }
    assertThat(space.prunable(EnumSet.allOf(AxisRole.class)))
        .extracting(axis -> axis.axis().toString())
        .containsExactlyElementsOf(expected);
    assertThat(space.axes())
        .filteredOn(axis -> axis.status() == Status.OFF_BY_DEFAULT)
        .extracting(PrunableAxis::name)
        .containsExactlyInAnyOrder(
            "hidden",
            "layers.0.attention.group",
            "layers.1.attention.group",
            "layers.2.attention.group");
    assertThat(space.axes())
        .filteredOn(axis -> axis.status() == Status.UNPRUNABLE)
        .extracting(PrunableAxis::name)
        .containsExactlyInAnyOrder(
            "vocabulary",
            "layers.0.attention.headDim",
            "layers.1.attention.headDim",
            "layers.2.attention.headDim");
  }

  @Test
  void aKeyValueHeadOwnsItsQueryHeadsAndTheColumnsThatReadThem() {
    var axis = PruningSpace.of(llama(64, 1, 4, 2, 160)).axis("layers.0.attention.kvHeads");

    assertThat(axis.slices())
        .extracting(ParameterSlice::toString)
        .containsExactly(
            "model.layers.0.self_attn.q_proj.weight[0] written",
            "model.layers.0.self_attn.k_proj.weight[0] written",
            "model.layers.0.self_attn.v_proj.weight[0] written",
            "model.layers.0.self_attn.o_proj.weight[1] read");
    var owners = axis.slices().get(0).groupOf(); // 4 query heads of 16 rows, two a key-value head
    assertThat(IntStream.range(0, 64).map(row -> owners[row]))
        .isEqualTo(IntStream.range(0, 64).map(row -> row / 32).boxed().toList());
  }

  @Test
  void aLoraPairJoinsTheGroupsOfItsLinearAndBringsARankAxis() {
    var lora = LoraRewrite.apply(llama(64, 2, 4, 4, 160), new LoraSettings(8, 16, List.of()));
    var space = PruningSpace.of(lora.graph());

    assertThat(space.prunable(EnumSet.of(AxisRole.RANK)))
        .extracting(PrunableAxis::name)
        .hasSize(14)
        .contains("layers.1.attention.q.rank", "layers.0.mlp.down.rank");
    assertThat(space.axis("layers.0.mlp.channels").slices())
        .extracting(ParameterSlice::toString)
        .containsExactlyInAnyOrder(
            "model.layers.0.mlp.gate_proj.weight[0] written",
            "model.layers.0.mlp.gate_proj.lora_B.weight[0] written",
            "model.layers.0.mlp.up_proj.weight[0] written",
            "model.layers.0.mlp.up_proj.lora_B.weight[0] written",
            "model.layers.0.mlp.down_proj.weight[1] read",
            "model.layers.0.mlp.down_proj.lora_A.weight[1] read");
    assertThat(space.overlaps())
        .contains(
            new Overlap(
                "model.layers.0.mlp.gate_proj.lora_B.weight",
                "layers.0.mlp.channels",
                "layers.0.mlp.gate.rank"),
            new Overlap("model.layers.0.mlp.gate_proj.weight", "layers.0.mlp.channels", "hidden"));
  }

  @Test
  void theLlamaOfSevenBillionLosesWhatLlmPrunerCounts() {
    var graph = llama(4096, 32, 32, 32, 11008, 32000, false);
    assertThat(graph.parameterCount()).isEqualTo(6_738_415_616L);

    var plan = WidthPlan.everything();
    for (int layer = 4; layer < 30; layer++) {
      plan =
          plan.without("layers." + layer + ".attention.kvHeads", IntStream.range(0, 8).toArray())
              .without("layers." + layer + ".mlp.channels", IntStream.range(0, 2752).toArray());
    }
    assertThat(plan.parameters(graph)).isEqualTo(5_422_977_024L);
  }

  @Test
  void aChannelBehindAGateThatDoesNotKeepZeroIsUnprunableAndSaysSo() {
    var g = new GraphBuilder();
    var x = g.embedding(g.tokens(), "embedding", 11, 6);
    var inner = g.scope("mlp", () -> g.activate(g.linear(x, "in.weight", 5), Activation.SIGMOID));
    var graph = g.build(g.linear(g.add(x, g.linear(inner, "out.weight", 6)), "head", 11));

    var axis = PruningSpace.of(graph).axis("mlp.channels");
    assertThat(axis.status()).isEqualTo(Status.UNPRUNABLE);
    assertThat(axis.reason())
        .isEqualTo("linear out.weight reads it after SIGMOID, which does not keep zero");
  }

  @Test
  void fusedMatricesAreRunsOfRowsOfOneParameter() {
    var axis = PruningSpace.of(family("phi3", 2)).axis("layers.0.attention.kvHeads");
    assertThat(axis.slices())
        .extracting(ParameterSlice::toString)
        .containsExactly(
            "model.layers.0.self_attn.qkv_proj.weight[0] written",
            "model.layers.0.self_attn.o_proj.weight[1] read");
    assertThat(axis.slices().get(0).extent())
        .hasToString(
            "((layers.0.attention.kvHeads[2] × layers.0.attention.group[2] ×"
                + " layers.0.attention.headDim[4]) | (layers.0.attention.kvHeads[2] ×"
                + " layers.0.attention.headDim[4]) | (layers.0.attention.kvHeads[2] ×"
                + " layers.0.attention.headDim[4]))");
    assertThat(axis.slices().get(0).groupOf())
        .containsExactly(runs(8, 0, 8, 1, 4, 0, 4, 1, 4, 0, 4, 1));
    var channels = PruningSpace.of(family("phi3", 2)).axis("layers.0.mlp.channels");
    assertThat(channels.slices().get(0).extent())
        .hasToString("(layers.0.mlp.channels[24] | layers.0.mlp.channels[24])");
  }

  @Test
  void headsThatLieOneAfterTheOtherAreAProduct() {
    var axis = PruningSpace.of(family("gpt_neox", 4)).axis("layers.0.attention.kvHeads");
    assertThat(axis.slices())
        .extracting(ParameterSlice::toString)
        .containsExactly(
            "gpt_neox.layers.0.attention.query_key_value.weight[0] written",
            "gpt_neox.layers.0.attention.query_key_value.bias[0] written",
            "gpt_neox.layers.0.attention.dense.weight[1] read");
    assertThat(axis.slices().get(0).extent())
        .hasToString(
            "(layers.0.attention.kvHeads[4] × (layers.0.attention.headDim[4] |"
                + " layers.0.attention.headDim[4] | layers.0.attention.headDim[4]))");
    assertThat(axis.slices().get(0).groupOf()).containsExactly(runs(12, 0, 12, 1, 12, 2, 12, 3));
  }

  @Test
  void matricesStoredTheOtherWayAreWrittenByColumns() {
    var axis = PruningSpace.of(family("gpt2", 4)).axis("layers.1.attention.kvHeads");
    assertThat(axis.slices())
        .extracting(ParameterSlice::toString)
        .containsExactly(
            "transformer.h.1.attn.c_attn.weight[1] written",
            "transformer.h.1.attn.c_attn.bias[0] written",
            "transformer.h.1.attn.c_proj.weight[0] read");
    assertThat(PruningSpace.of(family("gpt2", 4)).axis("hidden").reason())
        .isEqualTo("the mean of LayerNorm transformer.h.0.ln_1.weight is taken over it");
    assertThat(PruningSpace.of(family("gpt2", 4)).axis("positions").reason())
        .isEqualTo("places in a text name its indices");
  }

  @Test
  void theOnlyKeyValueHeadStaysButItsQueryHeadsCanGo() {
    var space = PruningSpace.of(family("gemma", 1));
    assertThat(space.axis("layers.0.attention.kvHeads").reason())
        .isEqualTo("its only index cannot go");
    assertThat(space.axis("layers.0.attention.group").status()).isEqualTo(Status.OFF_BY_DEFAULT);
    assertThat(space.axis("hidden").reason())
        .isEqualTo("its values are multiplied by the root of its size");
  }

  @Test
  void aNormOverAllHeadsBelongsToThem() {
    assertThat(PruningSpace.of(family("olmo2", 2)).axis("layers.0.attention.kvHeads").slices())
        .extracting(ParameterSlice::toString)
        .contains(
            "model.layers.0.self_attn.q_norm.weight[0] written",
            "model.layers.0.self_attn.k_norm.weight[0] written");
    assertThat(PruningSpace.of(family("qwen3", 2)).axis("layers.0.attention.kvHeads").slices())
        .extracting(ParameterSlice::toString)
        .doesNotContain("model.layers.0.self_attn.q_norm.weight[0] written");
  }

  @Test
  void anExpertIsWholeParametersAndARouterRow() {
    var graph = family("mixtral", 2);
    var space = PruningSpace.of(graph);
    var experts = space.axis("layers.0.experts");
    assertThat(experts.status()).isEqualTo(Status.PRUNABLE);
    assertThat(experts.zeroed())
        .extracting(ParameterSlice::toString)
        .contains(
            "model.layers.0.block_sparse_moe.gate.weight[0] written",
            "model.layers.0.block_sparse_moe.experts.2.w1.weight[0] written",
            "model.layers.0.block_sparse_moe.experts.2.w2.weight[0] written");
    assertThat(experts.slices())
        .filteredOn(slice -> slice.parameter().name().contains("experts.2."))
        .allSatisfy(slice -> assertThat(slice.groupOf()).containsOnly(2));
    assertThat(space.cost(experts.axis(), Widths.TRACED)).isEqualTo(3 * 24 * 16 + 16);
    assertThat(space.axis("layers.0.experts.2.channels").slices()).hasSize(3);

    var plan = WidthPlan.everything().without("layers.0.experts", 0, 2);
    var left = GraphReplay.resized(graph, plan);
    assertThat(left.names())
        .containsEntry(
            "model.layers.0.block_sparse_moe.experts.3.w1.weight",
            "model.layers.0.block_sparse_moe.experts.1.w1.weight")
        .doesNotContainKey("model.layers.0.block_sparse_moe.experts.2.w1.weight");
    assertThat(left.graph().parameterCount()).isEqualTo(plan.parameters(graph));
    assertThat(PruningSpace.of(left.graph()).axis("layers.0.experts").reason())
        .isEqualTo("every row goes to 2 of its indices");
    assertThatThrownBy(() -> plan.without("layers.0.experts", 1).check(space))
        .hasMessage(
            "axis layers.0.experts would keep 1 of its 4 indices, but every row goes to 2 of them");
  }

  /** Counts and owners, one after the other, as the owner of every position. */
  private static int[] runs(int... pairs) {
    return IntStream.range(0, pairs.length / 2)
        .flatMap(i -> IntStream.generate(() -> pairs[2 * i + 1]).limit(pairs[2 * i]))
        .toArray();
  }

  @Test
  void resizingTheConfigGivesTheGraphThatCompressingGives() {
    var config = config(64, 2, 4, 2, 160, 320, true);
    var graph = Family.of(config).trace(config);
    var plan =
        WidthPlan.everything()
            .without("layers.0.attention.kvHeads", 1)
            .without("layers.1.mlp.channels", 5, 9);

    var resized = Family.of(config).resized(config, GraphReplay.resized(graph, plan).graph());
    var parsed = ModelConfig.parse(resized.fields(), "config.json");
    var smaller = Family.of(parsed).trace(parsed);

    assertThat(smaller.parameterCount()).isEqualTo(plan.parameters(graph));
    assertThat(parsed.layers()).isEqualTo(resized.layers());
  }

  private static ModelGraph llama(int hidden, int layers, int heads, int keys, int channels) {
    return llama(hidden, layers, heads, keys, channels, 320, true);
  }

  private static ModelGraph llama(
      int hidden, int layers, int heads, int keys, int channels, int vocabulary, boolean tied) {
    var config = config(hidden, layers, heads, keys, channels, vocabulary, tied);
    return Family.of(config).trace(config);
  }

  /** Two layers of 4 heads of 4, 24 channels, 16 wide. */
  private static ModelGraph family(String type, int keys) {
    ObjectNode fields = new ObjectMapper().createObjectNode();
    fields.put("model_type", type).put("hidden_size", 16).put("num_hidden_layers", 2);
    fields.put("num_attention_heads", 4).put("intermediate_size", 24).put("vocab_size", 32);
    fields.put("max_position_embeddings", 9).put("head_dim", 4);
    if (keys < 4) {
      fields.put("num_key_value_heads", keys);
    }
    if (type.equals("mixtral")) {
      fields.put("num_local_experts", 4);
    }
    if (type.equals("gpt_neox")) {
      fields.put("rotary_pct", 0.5);
    }
    var config = ModelConfig.parse(fields, "config.json");
    return Family.of(config).trace(config);
  }

  private static ModelConfig config(
      int hidden, int layers, int heads, int keys, int channels, int vocabulary, boolean tied) {
    ObjectNode fields = new ObjectMapper().createObjectNode();
    fields.put("model_type", "llama").put("hidden_size", hidden).put("num_hidden_layers", layers);
    fields.put("num_attention_heads", heads).put("num_key_value_heads", keys);
    fields.put("intermediate_size", channels).put("vocab_size", vocabulary);
    fields.put("tie_word_embeddings", tied);
    return ModelConfig.parse(fields, "config.json");
  }
}
