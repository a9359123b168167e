package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the keys of a file's own architecture do to the model. */
class MetadataKeysTest {
  @TempDir Path folder;

  private Path write(GgufBytes content) {
    return content.write(folder.resolve("model.gguf"));
  }

  private String scaling(GgufBytes content) {
    try (var model = Gguf.open(write(content))) {
      return model.config().get("rope_scaling").toString();
    }
  }

  /** A number with a point is a float32, one without a whole number, anything else a text. */
  private static GgufBytes with(GgufBytes content, String settings) {
    for (var setting : settings.split(",")) {
      var parts = setting.strip().split("=");
      content.with(parts[0], value(parts[1]));
    }
    return content;
  }

  private static Object value(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    if (text.matches("-?[0-9.]+")) {
      return text.contains(".") ? (Object) Float.valueOf(text) : (Object) Integer.valueOf(text);
    }
    return text;
  }

  /**
   * As llama.cpp reads it: a factor without a type is linear, and there is an older name for it.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "scaling.factor=4.0 | {\"rope_type\":\"linear\",\"factor\":4.0}",
        "scale_linear=2.5 | {\"rope_type\":\"linear\",\"factor\":2.5}",
        "scaling.factor=4.0, llama.rope.scale_linear=2.0 |"
            + " {\"rope_type\":\"linear\",\"factor\":4.0}",
        "scaling.type=linear, llama.rope.scaling.factor=2.0 |"
            + " {\"rope_type\":\"linear\",\"factor\":2.0}",
        "scaling.type=none, llama.rope.scaling.factor=2.0 | null",
        "scaling.type=linear | null",
        "scaling.factor=0.0 | null",
        "scaling.factor=1.0, llama.rope.scaling.attn_factor=1.0 | null",
        "scaling.type=yarn, llama.rope.scaling.factor=1.0 | null",
        "scaling.type=yarn, llama.rope.scaling.factor=4.0 | {\"rope_type\":\"yarn\",\"factor\":4.0,"
            + "\"original_max_position_embeddings\":16}",
        "scaling.type=yarn, llama.rope.scaling.factor=4.0, llama.rope.scaling.yarn_ext_factor=-1.0,"
            + " llama.rope.scaling.original_context_length=8,"
            + " llama.rope.scaling.yarn_beta_fast=16.0, llama.rope.scaling.yarn_beta_slow=2.0,"
            + " llama.rope.scaling.finetuned=true |"
            + " {\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":8,"
            + "\"beta_fast\":16.0,\"beta_slow\":2.0}"
      })
  void rotaryScalingIsReadAsLlamaCppReadsIt(String settings, String expected) {
    assertThat(scaling(with(GgufBytes.llama(), "llama.rope." + settings))).isEqualTo(expected);
  }

  /** attn · (1 + 0.1·ln s). */
  @Test
  void whatIsMultipliedIntoTurnedPairsIsKept() {
    var settings =
        "llama.rope.scaling.type=yarn, llama.rope.scaling.factor=8.0,"
            + " llama.rope.scaling.attn_factor=0.5";
    try (var model = Gguf.open(write(with(GgufBytes.llama(), settings)))) {
      assertThat(model.config().at("/rope_scaling/attention_factor").asDouble())
          .isEqualTo(0.5 * (1 + 0.1 * Math.log(8)));
    }
  }

  @Test
  void aGptNeoXIsScaledToo() {
    var scaled = GgufBytes.gptNeox().with("gptneox.rope.scaling.factor", 2f);
    assertThat(scaling(scaled)).isEqualTo("{\"rope_type\":\"linear\",\"factor\":2.0}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rope.scaling.type=yarn, llama.rope.scaling.factor=2.0,"
            + " llama.rope.scaling.yarn_ext_factor=0.5 | mixes its rotary frequencies by 0.5"
            + " (yarn_ext_factor), which is not read from GGUF",
        "rope.scaling.factor=2.0, llama.rope.scaling.attn_factor=1.5 | multiplies turned pairs by"
            + " 1.5 (rope.scaling.attn_factor), which is not read from GGUF",
        "rope.scaling.type=longrope | scales its rotary frequencies by 'longrope', which is not"
            + " read from GGUF",
        "rope.dimension_count=2 | rotates 2 of 4 dimensions of a head, which is not read from GGUF"
      })
  void scalingThatCannotBeSaidInAConfigurationIsRefused(String settings, String message) {
    var file = write(with(GgufBytes.llama(), "llama." + settings));
    try (var model = Gguf.open(file)) {
      assertThatThrownBy(model::config)
          .isInstanceOf(InputException.class)
          .hasMessage("%s %s: use the model's Hugging Face directory", file, message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vocab_size=4, llama.tensor_data_layout=Meta AI original pth, llama.rope.dimension_count=4",
        "expert_count=0, llama.expert_used_count=0, llama.pooling_type=0, llama.logit_scale=1.0",
        "attention.value_length=4, llama.attention.scale=0.5, llama.attention.causal=true",
        "attention.sliding_window=4096, llama.attn_logit_softcapping=0.0",
        "rope.freq_base=500000.0, llama.rope.freq_base_swa=500000.0"
      })
  void keysWithoutEffectAreRead(String settings) {
    var file = write(with(GgufBytes.llama(), "llama." + settings));
    assertThatCode(() -> Gguf.open(file).close()).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logit_scale=0.25 | llama.logit_scale is 0.25",
        "attention.scale=0.25, llama.embedding_scale=12.0, llama.residual_scale=0.5 |"
            + " llama.attention.scale is 0.25, llama.embedding_scale is 12.0, llama.residual_scale"
            + " is 0.5",
        "attention.sliding_window=8 | llama.attention.sliding_window is 8",
        "attention.value_length=2 | llama.attention.value_length is 2",
        "attention.causal=false | llama.attention.causal is false",
        "final_logit_softcapping=30.0 | llama.final_logit_softcapping is 30.0",
        "use_parallel_residual=true | llama.use_parallel_residual is true",
        "rope.freq_base_swa=1000.0 | llama.rope.freq_base_swa is 1000.0",
        "rope.scaling.yarn_log_multiplier=0.1 | llama.rope.scaling.yarn_log_multiplier is"
            + " 0.10000000149011612",
        "expert_gating_func=2 | llama.expert_gating_func is 2",
        "attention.beam_width=3 | llama.attention.beam_width is 3"
      })
  void keysThatCouldChangeTheResultAreRefusedInOneMessage(String settings, String named) {
    var file = write(with(GgufBytes.llama(), "llama." + settings));
    assertThatThrownBy(() -> Gguf.open(file))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s: the metadata %s: that is not read of the architecture llama and could change the"
                + " result: use the model's Hugging Face directory",
            file, named);
  }

  @Test
  void sectionsOfPositionsAreRefusedUnlessAllAreEmpty() {
    var empty = GgufBytes.llama().with("llama.rope.dimension_sections", List.of(0, 0, 0, 0));
    assertThatCode(() -> Gguf.open(write(empty)).close()).doesNotThrowAnyException();
    var file = write(empty.with("llama.rope.dimension_sections", List.of(16, 24, 24, 0)));
    assertThatThrownBy(() -> Gguf.open(file))
        .hasMessageContaining("llama.rope.dimension_sections is [16, 24, 24, 0]: that is not read");
  }
}
