package io.lorashear.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.family.ConfigForm.Layers;
import io.lorashear.family.ConfigForm.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** What is written, in every form and for every version, reads back as the same model. */
class ConfigFormTest {
  private static final int LAYERS = 12;

  private static final String SIZES =
      """
      'hidden_size': 32, 'num_hidden_layers': 12, 'num_attention_heads': 8, 'head_dim': 4,
      'num_key_value_heads': 4, 'intermediate_size': 48, 'vocab_size': 64,
      'max_position_embeddings': 64, 'architectures': ['X'], 'torch_dtype': 'bfloat16'\
      """;
  private static final String GPT2 =
      "'n_embd': 32, 'n_layer': 12, 'n_head': 8, 'vocab_size': 64, 'n_positions': 64";
  private static final String NEOX =
      """
      'hidden_size': 32, 'num_hidden_layers': 12, 'num_attention_heads': 8, 'rotary_pct': 0.5,
      'intermediate_size': 48, 'vocab_size': 64, 'max_position_embeddings': 64\
      """;

  private static final List<String> ROTARY =
      List.of(
          "",
          ", 'rope_theta': 500",
          ", 'rope_parameters': {'rope_type': 'default', 'rope_theta': 700}",
          ", 'rope_scaling': {'type': 'linear', 'factor': 4}",
          """
          , 'rope_theta': 300, 'rope_scaling': {'rope_type': 'llama3', 'factor': 8,
          'low_freq_factor': 1, 'high_freq_factor': 4, 'original_max_position_embeddings': 32}\
          """,
          """
          , 'rope_parameters': {'rope_type': 'yarn', 'factor': 2.0, 'rope_theta': 900.0,
          'original_max_position_embeddings': 32}\
          """);

  private static final String MINISTRAL3 =
      """
      , 'rope_parameters': {'rope_type': 'yarn', 'factor': 16.0, 'rope_theta': 1000000.0,
      'original_max_position_embeddings': 32, 'llama_4_scaling_beta': 0.1}\
      """;

  private static final List<String> PHI3 =
      List.of(
          "",
          """
          , 'original_max_position_embeddings': 32, 'rope_scaling': {'type': 'su',
          'short_factor': [1, 1.5], 'long_factor': [2, 3]}\
          """,
          """
          , 'partial_rotary_factor': 0.5, 'original_max_position_embeddings': 32,
          'rope_parameters': {'rope_type': 'longrope',
          'rope_theta': 70, 'partial_rotary_factor': 0.5, 'original_max_position_embeddings': 32,
          'short_factor': [1], 'long_factor': [2]}\
          """);

  private static final List<String> GEMMA3 =
      List.of(
          "",
          ", 'rope_theta': 500, 'rope_scaling': {'rope_type': 'linear', 'factor': 8}",
          """
          , 'rope_parameters': {'full_attention': {'rope_type': 'linear', 'factor': 8,
          'rope_theta': 90}, 'sliding_attention': {'rope_type': 'default', 'rope_theta': 30}}\
          """);

  @Provide
  Arbitrary<ModelConfig> models() {
    return Arbitraries.of(Family.names())
        .flatMap(
            family ->
                Arbitraries.integers()
                    .between(0, 5)
                    .flatMap(
                        kind ->
                            Arbitraries.longs()
                                .map(seed -> model(family, kind, new Random(seed)))));
  }

  private static ModelConfig model(String family, int kind, Random random) {
    var config = config(family, kind);
    var widths = new ArrayList<LayerWidths>();
    for (int layer = 0; layer < LAYERS; layer++) {
      widths.add(widths(config, layer, random));
    }
    return config.withLayers(widths);
  }

  private static ModelConfig config(String family, int kind) {
    var text =
        switch (family) {
          case "gpt2" -> GPT2;
          case "gpt_neox" -> NEOX + ROTARY.get(kind % 2 * 3);
          case "phi3" -> SIZES + PHI3.get(kind % 3);
          case "gemma3_text" -> SIZES + GEMMA3.get(kind % 3);
          case "mixtral" -> SIZES + ", 'num_local_experts': 4" + ROTARY.get(kind);
          case "qwen3_moe" ->
              SIZES
                  + ", 'num_experts': 4, 'num_experts_per_tok': 2, 'moe_intermediate_size': 16"
                  + ", 'mlp_only_layers': [1]"
                  + ROTARY.get(kind);
          case "ministral3" -> SIZES + MINISTRAL3;
          default -> SIZES + ROTARY.get(kind);
        };
    return ModelConfig.parse(fields(family, text), "config.json");
  }

  private static ObjectNode fields(String family, String text) {
    try {
      var json = "{'model_type': '%s', %s}".formatted(family, text).replace('\'', '"');
      return (ObjectNode) new ObjectMapper().readTree(json);
    } catch (JacksonException e) {
      throw new IllegalStateException(e);
    }
  }

  private static LayerWidths widths(ModelConfig config, int layer, Random random) {
    boolean experts = config.known().has("num_local_experts") && !config.plain(layer);
    int keys = random.nextInt(5);
    int group = config.known().has("num_key_value_heads") ? 1 + random.nextInt(2) : 1;
    var mlps =
        IntStream.range(0, experts ? 2 + random.nextInt(3) : 1)
            .mapToObj(expert -> 1 + random.nextInt(40))
            .toList();
    return new LayerWidths(keys * group, keys, random.nextInt(5) == 0 ? List.of(0) : mlps);
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void theOwnFormReadsBackAsTheSameModel(
      @ForAll("models") ModelConfig config, @ForAll Words words) {
    Assume.that(words != Words.FOUR || new RotaryWords(config).known4());
    expectSame(config, new ConfigForm(Layers.OWN, words));
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void widthsThatPlainFieldsCanSayStandThere(
      @ForAll("models") ModelConfig config, @ForAll Layers layers, @ForAll Words words) {
    Assume.that(words != Words.FOUR || new RotaryWords(config).known4());
    var even = new ArrayList<LayerWidths>();
    for (int layer = 0; layer < LAYERS; layer++) {
      boolean experts = config.known().has("num_local_experts") && !config.plain(layer);
      even.add(
          new LayerWidths(
              8,
              !config.known().storesHeadDimension() ? 8 : 2,
              experts ? List.of(6, 6) : List.of(9)));
    }
    var uniform = config.withLayers(even);
    var written = expectSame(uniform, new ConfigForm(layers, words));
    assertThat(written.get("model_type").asText()).isEqualTo(config.modelType());
    assertThat(written.has("per_layer_config")).isFalse();
    assertThat(written.has("layer_widths")).isFalse();
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void perLayerConfigHasOverridesOnly(@ForAll("models") ModelConfig config) {
    var one = config.layers().stream().map(ConfigFormTest::withoutMixedExperts).toList();
    var even = config.withLayers(one);
    Assume.that(config.known().storesHeadDimension() && !even.stock());
    var written = expectSame(even, new ConfigForm(Layers.PER_LAYER, Words.FIVE));
    assertThat(written.get("model_type").asText()).isEqualTo(config.modelType());
    var keys = new ArrayList<String>();
    written.get("per_layer_config").fieldNames().forEachRemaining(keys::add);
    assertThat(keys).isSorted();
    written
        .get("per_layer_config")
        .forEach(
            layer ->
                layer
                    .properties()
                    .forEach(
                        field ->
                            assertThat(field.getValue())
                                .isNotEqualTo(written.get(field.getKey()))));
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void blockConfigsReadBackAsTheSameModel(@ForAll long seed, @ForAll boolean inSteps) {
    var random = new Random(seed);
    var config = config("llama", random.nextInt(6));
    var widths = new ArrayList<LayerWidths>();
    for (int layer = 0; layer < LAYERS; layer++) {
      int keys = layer == 0 ? 8 : List.of(0, 1, 2, 4, 8).get(random.nextInt(5));
      int channels = random.nextInt(4) * (inSteps ? 256 : 7);
      widths.add(new LayerWidths(keys == 0 ? 0 : 8, keys, channels));
    }
    var deci = config.withLayers(widths);
    Assume.that(!deci.stock());
    var form = new ConfigForm(inSteps ? Layers.BLOCKS_IN_STEPS : Layers.BLOCKS, Words.BOTH);
    var written = expectSame(deci, form);
    assertThat(written.get("model_type").asText()).isEqualTo("nemotron-nas");
    assertThat(written.get("architectures")).hasToString("[\"DeciLMForCausalLM\"]");
  }

  private static LayerWidths withoutMixedExperts(LayerWidths layer) {
    var mlps = layer.mlps().stream().map(width -> layer.mlps().get(0)).toList();
    return new LayerWidths(layer.queryHeads(), layer.keyValueHeads(), mlps);
  }

  private static ObjectNode expectSame(ModelConfig config, ConfigForm form) {
    var written = form.write(config, "float32");
    var before = written.deepCopy();
    var read = ModelConfig.parse(written, "config.json");
    assertThat(written).isEqualTo(before);
    assertThat(read.layers()).isEqualTo(config.layers());
    assertThat(read.modelType()).isEqualTo(config.modelType());
    assertThat(Family.of(read).trace(read)).isEqualTo(Family.of(config).trace(config));
    assertThat(form.write(read, "float32")).isEqualTo(written);
    return written;
  }

  @Example
  void architecturesAreTheClassesThatTransformersHas() {
    var names = Family.names().stream().map(name -> config(name, 0)).map(Family::of).toList();
    assertThat(names.stream().map(Family::architecture))
        .containsExactly(
            "GemmaForCausalLM",
            "Gemma2ForCausalLM",
            "Gemma3ForCausalLM",
            "GPT2LMHeadModel",
            "GPTNeoXForCausalLM",
            "LlamaForCausalLM",
            "MinistralForCausalLM",
            "Ministral3ForCausalLM",
            "MistralForCausalLM",
            "MixtralForCausalLM",
            "Olmo2ForCausalLM",
            "Phi3ForCausalLM",
            "Qwen2ForCausalLM",
            "Qwen3ForCausalLM",
            "Qwen3MoeForCausalLM",
            "SmolLM3ForCausalLM");
  }

  @Example
  void versionsOfTransformersHaveTheirOwnWords() {
    var config = config("gemma3_text", 2);
    var both = ConfigForm.USUAL.write(config, "bfloat16");
    assertThat(both.get("torch_dtype")).isEqualTo(both.get("dtype"));
    assertThat(both.get("rope_theta").asDouble()).isEqualTo(90);
    assertThat(both.get("rope_local_base_freq").asDouble()).isEqualTo(30);
    assertThat(both.get("rope_scaling")).hasToString("{\"rope_type\":\"linear\",\"factor\":8}");
    var four = new ConfigForm(Layers.OWN, Words.FOUR).write(config, "bfloat16");
    assertThat(four.has("rope_parameters") || four.has("dtype")).isFalse();
    var five = new ConfigForm(Layers.OWN, Words.FIVE).write(config, "bfloat16");
    assertThat(five.has("rope_theta") || five.has("rope_scaling") || five.has("torch_dtype"))
        .isFalse();
    var phi = new ConfigForm(Layers.OWN, Words.FOUR).write(config("phi3", 2), "float16");
    assertThat(phi.get("rope_scaling"))
        .hasToString("{\"short_factor\":[1],\"long_factor\":[2],\"type\":\"longrope\"}");
    assertThat(phi.get("original_max_position_embeddings").asInt()).isEqualTo(32);
  }

  @Example
  void whatAFormCannotSayIsRefusedWithTheWayOut() {
    var llama = config("llama", 0);
    refuses(
        llama,
        Layers.BLOCKS,
        "block_configs, the form of vLLM and MLX-LM, cannot say this model: query heads must be as"
            + " many in all layers, here they are from 2 to 8; export --for transformers, --for"
            + " torchscript or --for llama.cpp, or prune with --set shape=deci",
        new LayerWidths(8, 4, 48),
        new LayerWidths(2, 1, 48));
    refuses(
        llama,
        Layers.BLOCKS,
        "block_configs, the form of vLLM and MLX-LM, cannot say this model: the first layer must"
            + " have its attention; export",
        new LayerWidths(0, 0, 48),
        new LayerWidths(8, 4, 48));
    refuses(
        llama,
        Layers.BLOCKS_IN_STEPS,
        "block_configs, the form of vLLM and MLX-LM, cannot say this model: MLPs must have a"
            + " multiple of 256 channels, one has 40; export",
        new LayerWidths(8, 4, 256),
        new LayerWidths(8, 4, 40));
    refuses(
        config("gpt2", 0),
        Layers.PER_LAYER,
        "per_layer_config cannot say fewer heads of a gpt2, whose heads fill hidden_size: export"
            + " without --native",
        new LayerWidths(8, 8, 48),
        new LayerWidths(2, 2, 48));
    refuses(
        config("mixtral", 0),
        Layers.PER_LAYER,
        "per_layer_config cannot say that experts of one layer have several widths: export without"
            + " --native",
        new LayerWidths(8, 4, List.of(4, 8)),
        new LayerWidths(8, 4, List.of(4, 4)));
  }

  /** The first layer's widths, then all others' the second's. */
  private static void refuses(
      ModelConfig config, Layers layers, String message, LayerWidths first, LayerWidths second) {
    var widths = new ArrayList<>(java.util.Collections.nCopies(LAYERS, second));
    widths.set(0, first);
    assertThatThrownBy(
            () -> new ConfigForm(layers, Words.BOTH).write(config.withLayers(widths), "float32"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("config.json: " + message);
  }

  @Example
  void formsThatAreNotWholeAreRefused() {
    unread(
        "lorashear",
        SIZES,
        "a lorashear model needs base_model_type, a family's name, and layer_widths, a list of one"
            + " object a layer");
    unread(
        "lorashear",
        SIZES + ", 'base_model_type': 'llama', 'layer_widths': [{}]",
        "layer_widths has 1 entries for 12 layers: one object a layer is needed");
    unread(
        "llama",
        SIZES + ", 'per_layer_config': {'12': {}}",
        "per_layer_config names the layer 12: give each of the layers 0 to 11 once at most");
    unread(
        "llama",
        SIZES + ", 'per_layer_config': {'1': {}, '01': {}}",
        "per_layer_config names the layer 01: give each of the layers 0 to 11 once at most");
    unread("llama", SIZES + ", 'per_layer_config': {'1': 7}", "layer 1 says 7: give an object");
    unread("nemotron-nas", SIZES, "a nemotron-nas model needs a list block_configs");
    unread(
        "nemotron-nas",
        SIZES
            + ", 'block_configs': [{'attention': {'n_heads_in_group': 2, 'replace_with_linear':"
            + " true}}]",
        "block_configs[0].attention.replace_with_linear is true, which could change the result and"
            + " is not known here");
    unread(
        "nemotron-nas",
        SIZES + ", 'block_configs': [{'attention': {'n_heads_in_group': 3}}]",
        "block_configs[0].attention.n_heads_in_group is 3, but 8 query heads cannot be shared out"
            + " so");
  }

  private static void unread(String type, String text, String message) {
    assertThatThrownBy(() -> ModelConfig.parse(fields(type, text), "config.json"))
        .isInstanceOf(InputException.class)
        .hasMessage("config.json: " + message);
  }
}
