package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.gguf.head.GgufHeader;
import io.lorashear.checkpoint.gguf.head.MetadataValue;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.GraphDifference;
import io.lorashear.run.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models written as GGUF: what is read of the file is the model, or it is refused. */
class GgufModelTest {
  /** One is added to norms and taken away again. */
  private static final double ROUNDING = 0x1p-23;

  private static final Set<String> MISTRALS = Set.of("mistral", "ministral");

  @Provide
  Arbitrary<String> families() {
    return Arbitraries.of(SmallModels.FAMILIES);
  }

  @Provide
  Arbitrary<String> scalings() {
    return Arbitraries.of(
        "null",
        "{\"rope_type\": \"linear\", \"factor\": 2.5}",
        "{\"rope_type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 16}",
        "{\"rope_type\": \"yarn\", \"factor\": 3.0, \"attention_factor\": 0.9,"
            + " \"original_max_position_embeddings\": 16}",
        "{\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0,"
            + " \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 64}");
  }

  @Property(tries = 60)
  void whatIsReadOfAFileIsTheModel(
      @ForAll("families") String family,
      @ForAll("scalings") String scaling,
      @ForAll boolean tied,
      @ForAll @IntRange(min = 1, max = 40) int channels,
      @ForAll Random random) {
    var fields = SmallModels.config(family).put("tie_word_embeddings", tied);
    fields.put(family.equals("gpt2") ? "n_inner" : "intermediate_size", channels);
    if (family.equals("phi3")) {
      lists(fields, scaling, random);
    } else if (!family.equals("gpt2")) {
      fields.set("rope_scaling", json("{\"it\": " + scaling + "}").get("it"));
    }
    if (family.equals("llama")) {
      fields.put("attention_bias", random.nextBoolean()).put("mlp_bias", random.nextBoolean());
    }
    isReadBack(SmallModels.parsed(fields), random);
  }

  /** Phi-3's own, for half or all of each head. */
  private static void lists(ObjectNode fields, String scaling, Random random) {
    int pairs = 1 + random.nextInt(2);
    fields.put("original_max_position_embeddings", 16).put("partial_rotary_factor", pairs / 2.0);
    if (!scaling.equals("null")) {
      var lists = fields.putObject("rope_scaling").put("type", "longrope");
      for (var list : List.of("short_factor", "long_factor")) {
        random
            .doubles(pairs, 1, 9)
            .mapToObj(each -> (float) each)
            .forEach(lists.putArray(list)::add);
      }
      if (random.nextBoolean()) {
        lists.put("attention_factor", 1.25);
      }
    }
  }

  @Property(tries = 40)
  void everyLayerHasItsOwnWidths(
      @ForAll("free") String family, @ForAll boolean tied, @ForAll Random random) {
    var fields = SmallModels.config(family).put("tie_word_embeddings", tied);
    var widths = new ArrayList<LayerWidths>();
    for (int layer = 0; layer < 3; layer++) {
      int keys = layer > 0 && random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(2);
      int channels = keys == 0 && layer < 2 ? random.nextInt(3) : 1 + random.nextInt(12);
      widths.add(new LayerWidths(2 * keys, keys, channels));
    }
    isReadBack(SmallModels.parsed(fields).withLayers(widths), random);
  }

  @Provide
  Arbitrary<String> free() {
    return Arbitraries.of("llama", "ministral", "mistral", "qwen2");
  }

  private static void isReadBack(ModelConfig config, Random random) {
    var graph = SmallModels.graph(config);
    var weights = SmallModels.weights(graph, random);
    var file = written(GgufModel.of(config, graph, weights, Map.of()));
    try (var read = Gguf.open(file)) {
      var found = ModelConfig.parse(read.config(), "read");
      assertThat(found.layers()).isEqualTo(config.layers());
      assertThat(found.modelType())
          .isEqualTo(MISTRALS.contains(config.modelType()) ? "llama" : config.modelType());
      assertThat(new GraphDifference(64).between(graph, SmallModels.graph(found))).isEmpty();
      assertThat(read.tensors().keySet())
          .containsExactlyInAnyOrderElementsOf(graph.parameters().keySet());
      graph.parameters().keySet().forEach(name -> agree(name, weights, read));
    } finally {
      delete(file);
    }
  }

  private static void agree(String name, TensorSource one, TensorSource other) {
    assertThat(other.tensor(name).shape()).describedAs(name).isEqualTo(one.tensor(name).shape());
    var expected = one.floats(name);
    var found = other.floats(name);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i])
          .describedAs("%s, number %d", name, i)
          .isCloseTo(expected[i], within(name.contains("norm") ? ROUNDING : 0));
    }
  }

  private static Path written(GgufModel model) {
    try {
      var file = Files.createTempFile("model", ".gguf");
      model.write(file, FileType.F32, Progress.silent());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode json(String text) {
    try {
      var file = Files.createTempFile("said", ".json");
      Files.writeString(file, text);
      var object = JsonFile.read(file);
      Files.delete(file);
      return object;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

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
  void aWindowThatLlamaDoesNotHaveIsRefused() {
    refused(
        "mistral",
        fields -> fields.put("sliding_window", 8),
        "config.json: layers.0.attention computes Attention[scale=0.5, window=8, softCap=null],"
            + " where llama.cpp computes Attention[scale=0.5, window=null, softCap=null] in the"
            + " architecture llama, whatever a GGUF says: export it --for transformers");
  }

  @Test
  void aWindowAsLongAsTheLongestTextIsNone() {
    var fields = SmallModels.config("mistral").put("sliding_window", 64);
    isReadBack(SmallModels.parsed(fields), new Random(1));
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

  @Test
  void aQwen2WhoseHeadsDoNotFillTheStreamIsADeci() {
    var config = SmallModels.parsed(SmallModels.config("qwen2").put("head_dim", 8));
    var graph = SmallModels.graph(config);
    var weights = SmallModels.weights(graph, new Random(1));
    assertThat(GgufModel.of(config, graph, weights, Map.of()).metadata())
        .containsEntry("general.architecture", MetadataValue.text("deci"));
    isReadBack(config, new Random(1));
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
  void aFamilyWithoutWordsIsRefused() {
    var fields = SmallModels.config("llama").put("model_type", "smollm3");
    refused(
        SmallModels.parsed(fields),
        "config.json: a smollm3 model is not written as GGUF; gemma, gemma2, gpt2, gpt_neox, llama,"
            + " ministral, mistral, mixtral, olmo2, phi3, qwen2, qwen3 are. Export it --for"
            + " transformers and convert that by llama.cpp's convert_hf_to_gguf.py");
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

  @Test
  void expertsLieInOneTensor() {
    var config = SmallModels.parsed(SmallModels.config("mixtral"));
    var graph = SmallModels.graph(config);
    var model = GgufModel.of(config, graph, SmallModels.weights(graph, new Random(1)), Map.of());
    var file = written(model);
    try (var header = MappedFile.open(file)) {
      assertThat(GgufHeader.read(header).entries())
          .filteredOn(entry -> entry.name().equals("blk.2.ffn_down_exps.weight"))
          .singleElement()
          .satisfies(entry -> assertThat(entry.extents()).containsExactly(3, 16, 12));
    } finally {
      delete(file);
    }
  }
}
