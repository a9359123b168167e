package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.compile.Precision;
import io.lorashear.verify.Expectation;
import io.lorashear.verify.Measurement;
import io.lorashear.verify.Verification;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of every family as GGUF, against the Hugging Face directories they are made from. */
@Tag("reference")
class ArchitecturesTest {
  /** Where GGUF cannot say what config.json says: same model, other words. */
  private static final Set<String> OTHER_WORDS = Set.of("model_type", "architectures");

  @TempDir Path folder;

  private static Path directory(String family) {
    return ReferenceData.path("reference/families/" + family);
  }

  private Gguf converted(String family) {
    return Gguf.open(ConvertedModel.of(directory(family)).write(folder.resolve("model.gguf")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama-mha-bias",
        "llama3-rope",
        "mistral",
        "qwen2",
        "qwen3",
        "gemma",
        "gemma2",
        "phi3",
        "gpt2",
        "gpt_neox",
        "olmo2",
        "mixtral"
      })
  void tensorsAndConfigAreThoseOfTheDirectory(String family) {
    var config = JsonFile.read(directory(family).resolve("config.json"));
    try (var ours = converted(family);
        var theirs = Safetensors.open(directory(family).resolve("model.safetensors"))) {
      agree(ours, theirs);
      for (var field : ours.config().properties()) {
        if (config.has(field.getKey())
            && !(family.equals("mistral") && OTHER_WORDS.contains(field.getKey()))) {
          agree(field.getKey(), field.getValue(), config.get(field.getKey()));
        }
      }
    }
  }

  /** The same figures as of the directory: order of rows, norms and config all count in them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama3-rope",
        "mistral",
        "qwen2",
        "qwen3",
        "gemma",
        "gemma2",
        "phi3",
        "gpt2",
        "gpt_neox",
        "olmo2",
        "mixtral"
      })
  void logitsAreThoseOfTransformers(String family) {
    ConvertedModel.of(directory(family)).write(folder.resolve("model.gguf"));
    var expected = Expectation.read(directory(family).resolve("expected.json"));
    try (var model = Checkpoint.open(folder.resolve("model.gguf"), folder)) {
      var ours =
          Measurement.of(model, expected.ids(), false, true, Device.cpu(), Precision.FLOAT32);
      var verification = Verification.of(ours, expected, 1e-4, 1e-3);
      assertThat(verification.agrees()).as(verification.table()).isTrue();
    }
  }

  private static void agree(TensorSource ours, TensorSource theirs) {
    assertThat(ours.tensors().keySet())
        .containsExactlyInAnyOrderElementsOf(theirs.tensors().keySet());
    for (var tensor : theirs.tensors().values()) {
      assertThat(ours.tensor(tensor.name()).shape()).as(tensor.name()).isEqualTo(tensor.shape());
      assertThat(ours.floats(tensor.name()))
          .as(tensor.name())
          .containsExactly(theirs.floats(tensor.name()), within(2e-7f));
    }
  }

  private static void agree(String field, JsonNode ours, JsonNode theirs) {
    if (theirs.isNumber()) {
      double wanted = theirs.asDouble();
      assertThat(ours.asDouble()).as(field).isCloseTo(wanted, within(1e-6 * wanted));
    } else if (theirs.isObject()) {
      theirs
          .properties()
          .forEach(inner -> agree(inner.getKey(), ours.path(inner.getKey()), inner.getValue()));
    } else if (!theirs.isNull()) {
      assertThat(ours).as(field).isEqualTo(theirs);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "transformer.h.1.mlp.c_fc.weight",
        "transformer.h.1.attn.c_attn.weight",
        "transformer.wte.weight"
      })
  void aPieceOfATransposedMatrixIsTheSamePieceOfTheWhole(String name) {
    try (var model = converted("gpt2")) {
      var whole = ByteBuffer.allocate((int) model.tensor(name).bytes());
      model.read(name, 0, whole);
      var random = new Random(3);
      for (int trial = 0; trial < 50; trial++) {
        int start = random.nextInt(whole.capacity() - 3000);
        var piece = ByteBuffer.allocate(1 + random.nextInt(3000));
        model.read(name, start, piece);
        assertThat(piece.flip()).isEqualTo(whole.slice(start, piece.capacity()));
      }
    }
  }

  /** Llama.cpp's converter of old wrote GPT-2's embedding twice. */
  @Test
  void aHeadThatRepeatsTheEmbeddingIsTied() {
    var content = ConvertedModel.of(directory("gpt2"));
    try (var theirs = Safetensors.open(directory("gpt2").resolve("model.safetensors"))) {
      var embedding = theirs.floats("transformer.wte.weight");
      content.floats("output.weight", embedding, 320, 64);
      try (var tied = Gguf.open(content.write(folder.resolve("tied.gguf")))) {
        assertThat(tied.tensors()).doesNotContainKey("lm_head.weight");
        assertThat(tied.config().get("tie_word_embeddings").asBoolean()).isTrue();
      }
      embedding[5] += 1;
      content.floats("output.weight", embedding, 320, 64);
    }
    try (var own = Gguf.open(content.write(folder.resolve("own.gguf")))) {
      assertThat(own.tensors()).containsKey("lm_head.weight");
      assertThat(own.config().get("tie_word_embeddings").asBoolean()).isFalse();
    }
  }

  @Test
  void rotaryFactorsThatNoLlamaHasAreRefused() {
    var content = ConvertedModel.of(directory("llama"));
    content.floats("rope_freqs.weight", new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 8);
    var file = content.write(folder.resolve("odd.gguf"));
    try (var model = Gguf.open(file)) {
      assertThatThrownBy(model::config)
          .isInstanceOf(InputException.class)
          .hasMessage(
              "%s scales its rotary frequencies by factors (rope_freqs) that no Llama 3 has, which"
                  + " is not read from GGUF: use the model's Hugging Face directory",
              file);
    }
  }

  @Test
  void rotaryFactorsByLengthAreThoseOfPhi3() {
    var content = ConvertedModel.of(directory("phi3"));
    content.floats("rope_factors_short.weight", new float[] {1, 1, 1, 1, 1, 1, 1, 1.5f}, 8);
    var file = content.write(folder.resolve("short.gguf"));
    try (var model = Gguf.open(file)) {
      assertThatThrownBy(model::config)
          .isInstanceOf(InputException.class)
          .hasMessage(
              "%s scales its rotary frequencies by tensors (rope_factors), which is not read from"
                  + " GGUF: use the model's Hugging Face directory",
              file);
    }
    content.floats("rope_factors_long.weight", new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 8);
    content.with("phi3.rope.scaling.original_context_length", 32);
    content.with("phi3.context_length", 128);
    try (var model = Gguf.open(content.write(folder.resolve("both.gguf")))) {
      assertThat(model.config().get("rope_scaling"))
          .hasToString(
              "{\"type\":\"longrope\",\"short_factor\":[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.5],"
                  + "\"long_factor\":[1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0]}");
      assertThat(model.tensors().keySet()).noneMatch(name -> name.contains("rope"));
      var config = ModelConfig.parse(model.config(), "a test");
      assertThat(Family.of(config).trace(config).parameters().keySet())
          .isEqualTo(model.tensors().keySet());
    }
    content.with("phi3.rope.scaling.attn_factor", 1.1f);
    try (var model = Gguf.open(content.write(folder.resolve("grown.gguf")))) {
      assertThat(model.config().at("/rope_scaling/attention_factor").floatValue()).isEqualTo(1.1f);
    }
  }
}
