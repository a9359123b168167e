package io.lorashear.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.graph.RotaryTable;
import io.lorashear.graph.Sought;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RotaryFrequenciesTest {
  private static final String LLAMA =
      """
      "model_type": "llama", "vocab_size": 32, "hidden_size": 16, "num_hidden_layers": 1,
      "num_attention_heads": 4, "intermediate_size": 24, "max_position_embeddings": 64
      """;

  private static ModelConfig config(String fields) {
    var text = "{" + fields.replace('\'', '"') + "}";
    try {
      return ModelConfig.parse((ObjectNode) new ObjectMapper().readTree(text), "config.json");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  /** One for every layer. */
  private static List<RotaryTable> tables(ModelConfig config) {
    var turned =
        Sought.ROTARY.in(Family.of(config).trace(config)).stream()
            .map(rotary -> rotary.operator().table())
            .toList();
    for (int k = 1; k < turned.size(); k += 2) {
      assertThat(turned.get(k)).isEqualTo(turned.get(k - 1)); // keys as queries
    }
    return turned.stream().distinct().toList();
  }

  private static RotaryTable table(String more) {
    return tables(config(LLAMA + ", " + more)).get(0);
  }

  /** As Qwen2.5's model card says; what is expected are numbers of transformers 5.24.0. */
  @Test
  void qwensLongTextsAreTurnedAsTransformersTurnsThem() {
    var config =
        config(
            """
            'model_type': 'qwen2', 'vocab_size': 32, 'hidden_size': 256, 'num_hidden_layers': 1,
            'num_attention_heads': 2, 'num_key_value_heads': 1, 'intermediate_size': 24,
            'max_position_embeddings': 32768, 'rope_theta': 1000000.0, 'rope_scaling': {
            'factor': 4.0, 'original_max_position_embeddings': 32768, 'type': 'yarn'}
            """);
    var table = tables(config).get(0);
    var expected =
        Map.of(
            0,
            1.0,
            20,
            0.0133352149,
            24,
            0.00537532149,
            28,
            0.00184827659,
            32,
            0.000602941145,
            40,
            4.44569851e-05,
            63,
            3.10234441e-07);
    expected.forEach(
        (pair, radians) ->
            assertThat(table.shorter().get(pair)).isCloseTo(radians, within(1e-6 * radians)));
    assertThat(table.magnitude()).isCloseTo(1.138629436111989, within(1e-12));
    assertThat(table.changes()).isFalse();
    assertThat(config.maximumPositions()).isEqualTo(4 * 32_768);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'rope_scaling': {'type': 'yarn', 'factor': 2.0, 'original_max_position_embeddings': 32}",
        "'rope_scaling': {'rope_type': 'yarn', 'type': 'yarn', 'factor': 2,"
            + " 'original_max_position_embeddings': 32, 'beta_fast': 32, 'beta_slow': 1.0,"
            + " 'finetuned': true, 'mscale': 3.0, 'attn_factor': 1, 'extrapolation_factor': 1.0,"
            + " 'attention_factor': null}",
        "'rope_parameters': {'rope_type': 'yarn', 'rope_theta': 10000.0, 'factor': null,"
            + " 'original_max_position_embeddings': 32, 'truncate': true}",
        "'rope_parameters': {'full_attention': {'rope_type': 'yarn', 'factor': 2.0,"
            + " 'original_max_position_embeddings': 32}, 'sliding_attention': {'rope_type':"
            + " 'default'}, 'rope_theta': 10000.0, 'rope_type': 'default'}"
      })
  void oneScalingHasSeveralSpellings(String fields) {
    var table = table(fields);
    assertThat(table.magnitude()).isEqualTo(0.1 * Math.log(2) + 1);
    // pair c(32) = 4·ln(32/64π)/(2·ln 10⁴) < 0 → 0 stays, c(1) = 0.35 → 1 is slowed by half
    assertThat(table.shorter()).containsExactly(1.0, 0.01 / 2);
  }

  @Test
  void everyTypeOfLayerIsTurnedByItsOwn() {
    var config =
        config(
            LLAMA
                    .replace("llama", "gemma2")
                    .replace("num_hidden_layers\": 1", "num_hidden_layers\": 2")
                + """
                , 'head_dim': 4, 'layer_types': ['sliding_attention', 'full_attention'],
                'num_key_value_heads': 2,
                'rope_parameters': {
                  'sliding_attention': {'rope_type': 'default', 'rope_theta': 100.0},
                  'full_attention': {'rope_type': 'linear', 'factor': 8.0, 'rope_theta': 400.0}}
                """);
    assertThat(tables(config).stream().map(RotaryTable::shorter))
        .containsExactly(List.of(1.0, 0.1), List.of(0.125, 0.05 / 8));
  }

  /** θ·(s·N/L − s + 1)^(d/(d−2)) at N = 2L and s = 2 is θ·3², so f₁ = θ^(−1/2)/3. */
  @Test
  void aDynamicBaseGrowsWithTheText() {
    var table = table("'rope_scaling': {'type': 'dynamic', 'factor': 2.0}, 'rope_theta': 100.0");
    assertThat(table).isEqualTo(RotaryTable.growing(List.of(1.0, 0.1), 64, 2));
    assertThat(table.exponents()).containsExactly(0.0, -1.0);
    assertThat(0.1 * Math.pow(1 + table.growth() * (2 - 1), table.exponents().get(1)))
        .isCloseTo(Math.pow(100.0 * 9, -0.5), within(1e-15));
    var config = config(LLAMA + ", 'rope_scaling': {'type': 'dynamic', 'factor': 2.0}");
    assertThat(config.maximumPositions()).isEqualTo(128);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'type': 'yarn' | rope_scaling.factor is missing: a rotary type of yarn needs a positive"
            + " number there",
        "'type': 'yarn', 'factor': 2, 'alpha': 3 | rope_scaling has the field alpha, which is not"
            + " known of the type yarn and could change the result",
        "'type': 'yarn', 'factor': 4, 'attn_factor': 0.5 | rope_scaling.attn_factor is 0.5:"
            + " transformers passes over it, vLLM multiplies turned pairs by it. Write"
            + " attention_factor in its place: 0.5693147 to do as vLLM, 1.1386294 as transformers",
        "'type': 'yarn', 'factor': 2, 'extrapolation_factor': 0.5 |"
            + " rope_scaling.extrapolation_factor is 0.5: known is 1",
        "'type': 'yarn', 'factor': 2, 'truncate': 1 | rope_scaling.truncate is 1: give true or"
            + " false",
        "'type': 'yarn', 'rope_type': 'linear', 'factor': 2 | rope_scaling has the rope_type linear"
            + " and the type yarn: keep the one that holds",
        "'type': 'dynamic', 'factor': 2, 'original_max_position_embeddings': 32 |"
            + " rope_scaling.original_max_position_embeddings is 32, but dynamic scaling begins at"
            + " max_position_embeddings, which is 64: give one number for both",
        "'full_attention': {'type': 'linear', 'factor': 2}, 'factor': 4 | rope_scaling.factor is 4"
            + " beside objects for types of layers: put it into those it is for",
        "'sliding_attention': {'type': 'linear', 'factor': 2} | rope_scaling.full_attention is"
            + " missing: give an object, since other layers have one of their own"
      })
  void whatCannotBeMeantIsRefused(String scaling, String message) {
    assertThatThrownBy(() -> table("'rope_scaling': {" + scaling + "}"))
        .isInstanceOf(InputException.class)
        .hasMessage("config.json: " + message);
  }

  /** Phi-3 says beside the scaling how long texts were before. */
  @Test
  void twoFirstLengthsAreNotChosenFrom() {
    var fields =
        LLAMA.replace("llama", "phi3")
            + ", 'rope_scaling': {'type': 'yarn', 'factor': 2, 'original_max_position_embeddings':"
            + " 32}, 'original_max_position_embeddings': 16";
    assertThatThrownBy(() -> tables(config(fields)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "config.json: rope_scaling.original_max_position_embeddings is 32, but the model's own"
                + " is 16: keep the one that holds");
  }
}
