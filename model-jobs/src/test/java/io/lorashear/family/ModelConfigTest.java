package io.lorashear.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.graph.Sought;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  private static final String SIZES =
      """
      "vocab_size": 32, "hidden_size": 16, "num_hidden_layers": 4, "num_attention_heads": 4,
      "num_key_value_heads": 2, "intermediate_size": 24, "head_dim": 4
      """;

  private static ModelConfig config(String type, String sizes, String more) {
    var text = "{\"model_type\": \"" + type + "\", " + sizes + more.replace('\'', '"') + "}";
    try {
      return ModelConfig.parse((ObjectNode) new ObjectMapper().readTree(text), "config.json");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static void refuses(String type, String more, String message) {
    assertThatThrownBy(
            () -> {
              var config = config(type, SIZES, more);
              Family.of(config).trace(config);
            })
        .isInstanceOf(InputException.class)
        .hasMessage("config.json: " + message);
  }

  /** Sizes: vocabulary, hidden, layers, heads, key-value heads, head dimension, channels. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mistral 7B     | mistral  | 32000 4096 32 32 8 128 14336   |  7241732096",
        "Qwen2 0.5B     | qwen2    | 151936 896 24 14 2 64 4864     |   494032768",
        "Qwen3 0.6B     | qwen3    | 151936 1024 28 16 8 128 3072   |   596049920",
        "Gemma 2B       | gemma    | 256000 2048 18 8 1 256 16384   |  2506172416",
        "Gemma 2 2B     | gemma2   | 256000 2304 26 8 4 256 9216    |  2614341888",
        "OLMo 2 1B      | olmo2    | 100352 2048 16 16 16 128 8192  |  1484916736",
        "Phi-3 mini     | phi3     | 32064 3072 32 32 32 96 8192    |  3821079552",
        "GPT-2          | gpt2     | 50257 768 12 12 12 64 3072     |   124439808",
        "Pythia 160M    | gpt_neox | 50304 768 12 12 12 64 3072     |   162322944",
        "Mixtral 8x7B   | mixtral  | 32000 4096 32 32 8 128 14336   | 46702792704"
      })
  void publishedModelsHaveTheParametersTheirCardsSay(
      String model, String type, String sizes, long parameters) {
    var n = sizes.split(" ", -1);
    var text =
        "\"vocab_size\": %s, \"hidden_size\": %s, \"num_hidden_layers\": %s,"
            + " \"num_attention_heads\": %s, \"head_dim\": %6$s, \"intermediate_size\": %7$s,"
            + " \"max_position_embeddings\": 1024";
    var keys = type.startsWith("gpt") ? "" : ", 'num_key_value_heads': " + n[4];
    var tied = type.startsWith("qwen") ? ", 'tie_word_embeddings': true" : "";
    var config = config(type, text.formatted((Object[]) n), keys + tied);
    assertThat(Family.of(config).trace(config).parameterCount()).as(model).isEqualTo(parameters);
  }

  /** Fields of any kind and size: a graph, or a sentence that names the file; nothing else. */
  @Test
  void configurationsThatLieAreTracedOrRefused() throws JsonProcessingException {
    var json = new ObjectMapper();
    var lies = new ArrayList<JsonNode>();
    for (var lie :
        "0|1|2|3|6|1000|-1|0.5|1e30|4294967297|null|true|\"silu\"|\"\"|[]|[1]|[0.5,2]|{}|{\"0\":{}}"
            .split("\\|", -1)) {
      lies.add(json.readTree(lie));
    }
    int refused = 0;
    for (int seed = 0; seed < 4000; seed++) {
      var random = new Random(seed);
      var names = Family.names();
      var fields = lying(names.get(seed % names.size()), lies, random);
      try {
        var config = ModelConfig.parse(fields, "config.json");
        Family.of(config).trace(config);
      } catch (InputException e) {
        assertThat(e).as("seed " + seed).hasMessageStartingWith("config.json");
        refused++;
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + fields, e);
      }
    }
    assertThat(refused).isBetween(1000, 3900);
  }

  private static ObjectNode lying(String type, List<JsonNode> lies, Random random) {
    var keys = "\"num_key_value_heads\": 2, ";
    var own = type.startsWith("gpt") ? SIZES.replace(keys, "") : SIZES;
    var sizes = own + ", \"max_position_embeddings\": 64";
    var fields = config(type, sizes, "").fields();
    var known = new ArrayList<>(config(type, sizes, "").known().names());
    Collections.sort(known);
    for (int i = random.nextInt(3); i < 3; i++) {
      fields.set(known.get(random.nextInt(known.size())), lies.get(random.nextInt(lies.size())));
    }
    if (random.nextInt(3) == 0) {
      var scaling = fields.putObject(random.nextBoolean() ? "rope_scaling" : "rope_parameters");
      var kinds = List.of("default", "dynamic", "linear", "llama3", "longrope", "yarn");
      scaling.put("rope_type", kinds.get(random.nextInt(kinds.size())));
      for (var name : List.of("factor", "short_factor", "mscale", "rope_theta", "type")) {
        scaling.set(name, lies.get(random.nextInt(lies.size())));
      }
    }
    return fields;
  }

  @Test
  void aTypeThatIsNotKnownNamesThoseThatAre() {
    refuses("falcon", "", "model_type is falcon: known are " + String.join(", ", Family.names()));
    assertThat(Family.names()).contains("gpt2", "gpt_neox", "llama").isSorted();
  }

  @Test
  void aFieldThatCouldChangeTheResultIsRefused() {
    refuses(
        "qwen2",
        ", 'logit_scale': 2",
        "a field of a qwen2 model could change the result and is not known here:\n"
            + "  logit_scale is 2: known is only 1");
    refuses(
        "llama",
        ", 'sliding_window': 8",
        "a field of a llama model could change the result and is not known here:\n"
            + "  sliding_window is 8: take the field out if it does not matter");
    refuses(
        "llama",
        ", 'per_layer_config': {'1': {'intermediate_size': 8, 'rope_theta': 1}}",
        "layer 1 has the field rope_theta of its own: known are num_attention_heads,"
            + " num_key_value_heads, intermediate_size, skip");
    refuses(
        "llama",
        ", 'per_layer_config': {'1': {'skip': ['attention', 'norm']}}",
        "layer 1 has the skip [\"attention\",\"norm\"]: known is a list of attention and mlp");
    refuses(
        "llama",
        ", 'per_layer_config': {'1': {'skip': 'attention'}}",
        "layer 1 has the skip \"attention\": known is a list of attention and mlp");
  }

  @Test
  void aLayerMayHaveLostItsAttentionItsMlpOrBoth() {
    var whole = new LayerWidths(4, 2, 24);
    var layers =
        List.of(
            whole, new LayerWidths(0, 0, 20), new LayerWidths(4, 2, 0), new LayerWidths(0, 0, 0));
    var config = config("llama", SIZES, "").withLayers(layers);
    assertThat(config.uniform()).isFalse();
    assertThat(config.fields().at("/per_layer_config/1"))
        .hasToString("{\"intermediate_size\":20,\"skip\":[\"attention\"]}");
    assertThat(config.fields().at("/per_layer_config/3"))
        .hasToString("{\"skip\":[\"attention\",\"mlp\"]}");
    var read = ModelConfig.parse(config.fields(), "config.json");
    assertThat(read.layers()).isEqualTo(layers);
    assertThat(Family.of(read).trace(read).parameters().keySet())
        .anyMatch(name -> name.startsWith("model.layers.2.self_attn"))
        .noneMatch(name -> name.startsWith("model.layers.2.mlp"))
        .noneMatch(name -> name.startsWith("model.layers.3."));
  }

  @Test
  void aValueThatIsNotUnderstoodIsNamedWithThoseThatAre() {
    refuses(
        "mistral",
        ", 'hidden_act': 'relu2'",
        "hidden_act is relu2: known are gelu, gelu_fast, gelu_new, gelu_pytorch_tanh, relu, silu,"
            + " swish");
    refuses(
        "phi3",
        ", 'rope_scaling': {'type': 'mrope', 'factor': 4}",
        "rope_scaling is of type mrope: known are default, dynamic, linear, llama3, longrope,"
            + " yarn");
    refuses(
        "llama",
        ", 'rope_interleaved': true",
        "a field of a llama model could change the result and is not known here:\n"
            + "  rope_interleaved is true: known is only false");
    refuses(
        "gemma",
        ", 'hidden_act': 'silu'",
        "hidden_act is \"silu\": of a gemma model only gelu or gelu_pytorch_tanh is known; say"
            + " another as hidden_activation");
    refuses(
        "gemma2",
        ", 'layer_types': ['full_attention', 'chunked_attention']",
        "layer_types has chunked_attention for layer 1: known are full_attention,"
            + " sliding_attention");
    refuses(
        "phi3",
        ", 'partial_rotary_factor': 0.8",
        "partial_rotary_factor is 0.8: of the 4 numbers of a head it must leave an even count to"
            + " turn");
  }

  @Test
  void rotaryScalingIsNeitherGuessedNorIgnored() {
    refuses(
        "llama",
        ", 'rope_scaling': {'rope_type': 'llama3', 'factor': 8, 'low_freq_factor': 1,"
            + " 'high_freq_factor': 4}",
        "rope_scaling.original_max_position_embeddings is missing: a rotary type of llama3 needs a"
            + " positive number there");
    refuses(
        "llama",
        ", 'rope_scaling': {'type': 'linear', 'factor': 2, 'beta_fast': 32}",
        "rope_scaling has the field beta_fast, which is not known of the type linear and could"
            + " change the result");
    refuses(
        "llama",
        ", 'rope_scaling': {'type': 'linear', 'factor': 2}, 'rope_parameters': {'rope_theta': 7}",
        "rope_parameters and rope_scaling differ: keep the one that holds");
    refuses(
        "phi3",
        ", 'rope_scaling': {'type': 'longrope', 'short_factor': [1, 1], 'long_factor': [1, 0]}",
        "rope_scaling.long_factor is [1,0]: give 2 positive numbers, one for each pair that turns");
    refuses(
        "llama",
        ", 'rope_parameters': {'rope_type': 'default', 'rope_theta': 'large'}",
        "rope_parameters.rope_theta is \"large\": a rotary type of default needs a positive number"
            + " there");
    refuses(
        "llama",
        ", 'rope_scaling': 'linear'",
        "rope_scaling is \"linear\": give an object, or leave it out");
    refuses("llama", ", 'rope_theta': -1", "rope_theta is -1.0: give a positive number");
    refuses(
        "phi3",
        ", 'rope_scaling': {'type': 'su', 'short_factor': [1, 1]}",
        "rope_scaling.long_factor is missing: give 2 positive numbers, one for each pair that"
            + " turns");
  }

  @Test
  void whatSaysHowTextIsDrawnOrWhereAFileCameFromIsNoMatter() {
    var plain = config("llama", SIZES, "");
    var told =
        config(
            "llama",
            SIZES,
            ", '_name_or_path': 'x', 'id2label': {'0': 'a'}, 'temperature': 1.0, 'top_k': 50,"
                + " 'rope_scaling': null, 'torch_dtype': 'bfloat16', 'unsloth_fixed': true");
    assertThat(Family.of(told).trace(told)).isEqualTo(Family.of(plain).trace(plain));
  }

  @Test
  void expertsMayDifferInNumberAndWidth() {
    var config = config("mixtral", SIZES, ", 'num_local_experts': 3");
    var even = new LayerWidths(4, 2, List.of(24, 24));
    assertThat(config.layers()).containsOnly(new LayerWidths(4, 2, List.of(24, 24, 24)));
    assertThat(config.withLayers(Collections.nCopies(4, even)).fields().get("num_local_experts"))
        .hasToString("2");
    var uneven = new LayerWidths(4, 2, List.of(24, 8, 20));
    var written = config.withLayers(List.of(even, uneven, even, even)).fields();
    assertThat(written.at("/per_layer_config/1"))
        .hasToString(
            "{\"intermediate_size\":[24,8,20],\"num_local_experts\":3,"
                + "\"num_attention_heads\":4,\"num_key_value_heads\":2}");
    assertThat(ModelConfig.parse(written, "config.json").layers())
        .containsExactly(even, uneven, even, even);
    refuses(
        "mixtral",
        ", 'num_local_experts': 2, 'num_experts_per_tok': 3",
        "num_experts_per_tok is 3, but layer 0 has 2 experts");
    refuses(
        "mixtral",
        ", 'num_local_experts': 2, 'per_layer_config': {'1': {'intermediate_size': [8]}}",
        "layer 1 has 2 experts, but its intermediate_size names 1");
  }

  /** One plain layer before three with experts: each kind is even as long as its own widths are. */
  @Test
  void plainLayersMayStandBesideThoseWithExperts() {
    var more = ", 'moe_intermediate_size': 8, 'num_experts': 3, 'num_experts_per_tok': 2";
    var config = config("qwen3_moe", SIZES, more + ", 'mlp_only_layers': [0]");
    var plain = new LayerWidths(4, 2, 24);
    var experts = new LayerWidths(4, 2, List.of(8, 8, 8));
    assertThat(config.layers()).containsExactly(plain, experts, experts, experts);
    assertThat(config.uniform()).isTrue();

    var less = new LayerWidths(4, 2, List.of(6, 6));
    var even = config.withLayers(List.of(new LayerWidths(4, 2, 20), less, less, less));
    assertThat(even.fields().get("intermediate_size")).hasToString("20");
    assertThat(even.fields().get("moe_intermediate_size")).hasToString("6");
    assertThat(even.fields().get("num_experts")).hasToString("2");
    assertThat(even.fields().has("per_layer_config")).isFalse();
    assertThat(ModelConfig.parse(even.fields(), "config.json").layers()).isEqualTo(even.layers());

    var uneven = config.withLayers(List.of(plain, experts, less, experts));
    assertThat(uneven.uniform()).isFalse();
    assertThat(ModelConfig.parse(uneven.fields(), "config.json").layers())
        .isEqualTo(uneven.layers());
    refuses(
        "qwen3_moe",
        more + ", 'mlp_only_layers': 1",
        "mlp_only_layers is 1: give a list of layers, from 0");
  }

  @Test
  void noModelIsLargerThanAnyCanBe() {
    refuses(
        "mixtral",
        ", 'num_local_experts': 16777216",
        "its layers have more than 65536 MLPs, experts counted: no model is that large");
    assertThatThrownBy(
            () -> config("llama", SIZES.replace("\"head_dim\": 4", ""), "'head_dim': 9999999"))
        .hasMessage(
            "config.json: layer 0 has 4 query heads of 9999999 numbers: at most 16777216 numbers in"
                + " all are known");
  }

  @Test
  void aFamilysOwnNamesStandInItsMessages() {
    var sizes = "\"vocab_size\": 32, \"n_layer\": 2, \"n_head\": 4, \"n_positions\": 9";
    assertThatThrownBy(() -> config("gpt2", sizes, ""))
        .hasMessage("config.json has no n_embd: this model cannot be built without it");
    assertThatThrownBy(() -> config("gpt2", sizes, ", 'n_embd': 0"))
        .hasMessage("config.json: n_embd is 0: give a whole number from 1 to 16777216");
    var silent = config("gpt2", sizes, ", 'n_embd': 16, 'n_inner': null");
    assertThat(silent.layers()).containsOnly(new LayerWidths(4, 4, 64));
    var uneven =
        silent.withLayers(List.of(new LayerWidths(4, 4, 20), new LayerWidths(2, 2, 64))).fields();
    assertThat(uneven.at("/per_layer_config/1").toString())
        .isEqualTo("{\"n_inner\":64,\"n_head\":2}");
    assertThat(uneven.has("num_key_value_heads")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "mistral | ``                                          | 4096 4096 4096 4096",
        "mistral | , 'sliding_window': null                    | all all all all",
        "mistral | , 'sliding_window': 8                       | 8 8 8 8",
        "phi3    | ``                                          | all all all all",
        "phi3    | , 'sliding_window': 8                       | 8 8 8 8",
        "gemma2  | , 'sliding_window': 8                       | 8 all 8 all",
        "gemma2  | , 'sliding_window': 8, 'layer_types': ['full_attention', 'sliding_attention',"
            + " 'full_attention', 'full_attention']            | all 8 all all",
        "qwen2   | , 'sliding_window': 8, 'max_window_layers': 2 | all all all all",
        "qwen3   | , 'sliding_window': 8, 'max_window_layers': 2, 'use_sliding_window': true"
            + "                                                | all all 8 8"
      })
  void windowsAreWhereTheFamilyHasThem(String type, String more, String expected) {
    var config = config(type, SIZES, more);
    var windows = new ArrayList<String>();
    for (var attention : Sought.ATTENTION.in(Family.of(config).trace(config))) {
      var window = attention.operator().window();
      windows.add(window == null ? "all" : window.toString());
    }
    assertThat(String.join(" ", windows)).isEqualTo(expected);
  }
}
