package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.OutputType;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.gguf.architecture.Architectures;
import io.lorashear.checkpoint.gguf.architecture.Hyperparameters;
import io.lorashear.checkpoint.gguf.head.GgufHeader;
import io.lorashear.checkpoint.gguf.head.Metadata;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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

  private static boolean takes(String family, String scaling) {
    return switch (family) {
      case "gpt2", "ministral3" -> false;
      case "gemma3_text" -> scaling.equals("null") || scaling.contains("linear");
      default -> true;
    };
  }

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
    fields.put(
        switch (family) {
          case "gpt2" -> "n_inner";
          case "qwen3_moe" -> "moe_intermediate_size";
          default -> "intermediate_size";
        },
        channels);
    if (family.equals("phi3")) {
      lists(fields, scaling, random);
    } else if (takes(family, scaling)) {
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

  /** Its blocks decode to float32, which is what a stage that keeps types writes. */
  @Test
  void aFileSaysWhichOfItsTypesAreQuantized() {
    var fields = SmallModels.config("llama").put("hidden_size", 32).put("head_dim", 8);
    var config = SmallModels.parsed(fields.put("intermediate_size", 64));
    var graph = SmallModels.graph(config);
    var model = GgufModel.of(config, graph, SmallModels.weights(graph, new Random(1)), Map.of());
    var file = written(model, FileType.named("q8_0"));
    try (var read = Gguf.open(file)) {
      assertThat(read.quantized()).containsExactly("Q8_0");
      assertThat(OutputType.KEEP.of(read, read).tensors().values())
          .allMatch(info -> info.type() == DataType.F32);
    } finally {
      delete(file);
    }
    var plain = written(model);
    try (var read = Gguf.open(plain)) {
      assertThat(read.quantized()).isEmpty();
    } finally {
      delete(plain);
    }
  }

  private static Path written(GgufModel model) {
    return written(model, FileType.F32);
  }

  private static Path written(GgufModel model, FileType type) {
    try {
      var file = Files.createTempFile("model", ".gguf");
      model.write(file, type, Progress.silent());
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

  /** Mistral 7B 0.1 and Phi-3-mini-4k: llama.cpp lets every token see all before it. */
  @ParameterizedTest
  @CsvSource({"mistral, llama, 8", "ministral, llama, 40", "phi3, phi3, 31", "qwen2, qwen2, 9"})
  void aWindowThatLlamaCppDoesNotHaveEndsTheTexts(String family, String architecture, int window) {
    var fields = SmallModels.config(family).put("sliding_window", window);
    if (family.equals("qwen2")) {
      fields.put("use_sliding_window", true).put("max_window_layers", 1);
    }
    var config = SmallModels.parsed(fields);
    var graph = SmallModels.graph(config);
    var weights = SmallModels.weights(graph, new Random(1));
    var model = GgufModel.of(config, graph, weights, Map.of());
    var said =
        ("made for texts of up to %d tokens, not of 64: llama.cpp has no window of %d in the"
                + " architecture %s, and none is felt in texts that short. Given a longer context"
                + " (-c) it computes something else than the model")
            .formatted(window, window, architecture);
    assertThat(model.remark()).contains(said);
    assertThat(model.metadata())
        .containsEntry("general.description", MetadataValue.text(said))
        .containsEntry(architecture + ".context_length", MetadataValue.uint32(window));
    var file = written(model);
    try (var read = Gguf.open(file)) {
      var found = ModelConfig.parse(read.config(), "read");
      var other = SmallModels.graph(found);
      assertThat(found.maximumPositions()).isEqualTo(window);
      assertThat(new GraphDifference(window).between(graph, other)).isEmpty();
      assertThat(new GraphDifference(window + 1).between(graph, other)).isPresent();
    } finally {
      delete(file);
    }
  }

  @Test
  void aWindowThatLlamaCppHasEndsNoTexts() {
    var config = SmallModels.parsed(SmallModels.config("gemma2"));
    var graph = SmallModels.graph(config);
    var weights = SmallModels.weights(graph, new Random(1));
    var model = GgufModel.of(config, graph, weights, Map.of());
    assertThat(model.remark()).isEmpty();
    assertThat(model.metadata())
        .containsEntry("gemma2.context_length", MetadataValue.uint32(64))
        .doesNotContainKey("general.description");
  }

  @Test
  void aWindowAsLongAsTheLongestTextIsNone() {
    var fields = SmallModels.config("mistral").put("sliding_window", 64);
    isReadBack(SmallModels.parsed(fields), new Random(1));
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

  /** Mistral's larger models are stored under this name too. */
  @Test
  void aMistral3WhoseQueriesDoNotGrowIsAMistral() {
    var config = SmallModels.parsed(SmallModels.config("ministral3"));
    var graph = SmallModels.graph(config);
    var metadata =
        new HashMap<>(
            GgufModel.of(config, graph, SmallModels.weights(graph, new Random(1)), Map.of())
                .metadata());
    assertThat(metadata.remove("mistral3.attention.temperature_scale"))
        .isEqualTo(MetadataValue.float32(0.1f));
    metadata.keySet().removeIf(key -> key.contains("scaling"));
    var h = Hyperparameters.of(Metadata.of(Path.of("a.gguf"), metadata), 100, Map.of());
    var said = Architectures.named("mistral3").config(h, graph.parameters().keySet(), 24);
    assertThat(said.get("model_type").asText()).isEqualTo("mistral");
    assertThat(said.get("rope_scaling").isNull()).isTrue();
  }

  /** What llama.cpp's converter says of Ministral 3. */
  @Test
  void aLogMultiplierOfOneLeavesTurnedPairsAsLongAsTheyWere() {
    var config = SmallModels.parsed(SmallModels.config("ministral3"));
    var graph = SmallModels.graph(config);
    var metadata =
        new HashMap<>(
            GgufModel.of(config, graph, SmallModels.weights(graph, new Random(1)), Map.of())
                .metadata());
    assertThat(metadata.remove("mistral3.rope.scaling.attn_factor")).isNotNull();
    metadata.put("mistral3.rope.scaling.yarn_log_multiplier", MetadataValue.float32(1));
    var h = Hyperparameters.of(Metadata.of(Path.of("a.gguf"), metadata), 100, Map.of());
    h.checkKeys(Architectures.named("mistral3"));
    var said = Architectures.named("mistral3").config(h, graph.parameters().keySet(), 24);
    assertThat(new GraphDifference(64).between(graph, SmallModels.graph(SmallModels.parsed(said))))
        .isEmpty();
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
