package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.TensorTypes.Fallback;
import io.lorashear.checkpoint.gguf.block.GgmlType;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTypesTest {

  /** A Llama with a head of its own. */
  private static Map<String, long[]> llama(int layers, int hidden, int channels, int keys) {
    var shapes = new LinkedHashMap<String, long[]>();
    shapes.put("token_embd.weight", new long[] {1000, hidden});
    shapes.put("output_norm.weight", new long[] {hidden});
    shapes.put("output.weight", new long[] {1000, hidden});
    for (int i = 0; i < layers; i++) {
      var layer = "blk." + i + ".";
      shapes.put(layer + "attn_norm.weight", new long[] {hidden});
      shapes.put(layer + "ffn_norm.weight", new long[] {hidden});
      shapes.put(layer + "attn_q.weight", new long[] {hidden, hidden});
      shapes.put(layer + "attn_k.weight", new long[] {keys, hidden});
      shapes.put(layer + "attn_v.weight", new long[] {keys, hidden});
      shapes.put(layer + "attn_output.weight", new long[] {hidden, hidden});
      shapes.put(layer + "ffn_gate.weight", new long[] {channels, hidden});
      shapes.put(layer + "ffn_up.weight", new long[] {channels, hidden});
      shapes.put(layer + "ffn_down.weight", new long[] {hidden, channels});
    }
    return shapes;
  }

  private static Map<String, long[]> mixtral(int experts) {
    var shapes = llama(32, 4096, 4096, 1024);
    for (int i = 0; i < 32; i++) {
      var layer = "blk." + i + ".";
      shapes.put(layer + "ffn_gate_inp.weight", new long[] {experts, 4096});
      for (var kind : new String[] {"gate", "up", "down"}) {
        shapes.remove(layer + "ffn_" + kind + ".weight");
        shapes.put(layer + "ffn_" + kind + "_exps.weight", new long[] {experts, 4096, 4096});
      }
    }
    return shapes;
  }

  /** Layers whose {@code part} has the type. */
  private static String layers(TensorTypes types, int layers, String part, GgmlType type) {
    return IntStream.range(0, layers)
        .filter(i -> types.of("blk." + i + "." + part + ".weight") == type)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(" "));
  }

  @Test
  void aPublishedQ4KMOfLlamaOfSevenBillion() {
    var types = TensorTypes.of(FileType.Q4_K_M, llama(32, 4096, 11008, 4096));
    var more = "0 1 2 3 6 9 12 15 18 21 24 27 28 29 30 31";
    assertThat(layers(types, 32, "attn_v", GgmlType.Q6_K)).isEqualTo(more);
    assertThat(layers(types, 32, "ffn_down", GgmlType.Q6_K)).isEqualTo(more);
    assertThat(types.of("output.weight")).isEqualTo(GgmlType.Q6_K);
    assertThat(types.of("token_embd.weight")).isEqualTo(GgmlType.Q4_K);
    assertThat(types.counts()).isEqualTo("65 F32, 193 Q4_K, 33 Q6_K"); // as its file says
    assertThat(types.remarks()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "F32    | 291 F32",
        "F16    | 65 F32, 226 F16",
        "BF16   | 65 F32, 226 BF16",
        "Q8_0   | 65 F32, 226 Q8_0",
        "Q4_0   | 65 F32, 225 Q4_0, 1 Q6_K",
        "Q4_1   | 65 F32, 225 Q4_1, 1 Q6_K",
        "Q5_0   | 65 F32, 225 Q5_0, 1 Q6_K",
        "Q5_1   | 65 F32, 225 Q5_1, 1 Q6_K",
        "Q4_K_S | 65 F32, 217 Q4_K, 8 Q5_K, 1 Q6_K",
        "Q5_K_S | 65 F32, 225 Q5_K, 1 Q6_K",
        "Q5_K_M | 65 F32, 193 Q5_K, 33 Q6_K",
        "Q6_K   | 65 F32, 226 Q6_K",
      })
  void theOtherFiles(FileType file, String counts) {
    assertThat(TensorTypes.of(file, llama(32, 4096, 11008, 4096)).counts()).isEqualTo(counts);
  }

  /** 576 is no multiple of 256, 1536 is: SmolLM2, whose embedding is its head. */
  @Test
  void rowsThatDoNotFitGetSmallerBlocksAndAreCounted() {
    var shapes = llama(30, 576, 1536, 192);
    shapes.remove("output.weight");
    var types = TensorTypes.of(FileType.Q4_K_M, shapes);
    assertThat(types.counts()).isEqualTo("61 F32, 166 Q5_0, 15 Q8_0, 16 Q4_K, 14 Q6_K");
    assertThat(types.of("token_embd.weight")).isEqualTo(GgmlType.Q8_0);
    assertThat(types.remarks())
        .containsExactlyInAnyOrder(
            "Q8_0 in the place of Q6_K: 15 tensors with rows of 576 numbers, no multiple of 256",
            "Q5_0 in the place of Q4_K: 166 tensors with rows of 576 numbers, no multiple of 256");
  }

  @Test
  void bytesCountBlocksAndWhatFellBack() {
    var shapes =
        Map.of("blk.0.ffn_up.weight", new long[] {3, 512}, "blk.0.x.weight", new long[] {7});
    assertThat(TensorTypes.of(FileType.Q4_K_S, shapes).bytes()).isEqualTo(3 * 2 * 144 + 7 * 4);
    var odd = Map.of("blk.0.ffn_up.weight", new long[] {3, 100});
    assertThat(TensorTypes.of(FileType.Q4_K_S, odd).bytes()).isEqualTo(3 * 100 * 2);
  }

  @Test
  void rowsThatNoBlocksDivideAreHalves() {
    var shapes = llama(1, 80, 100, 80);
    var five = TensorTypes.of(FileType.Q5_K_S, shapes);
    assertThat(five.of("blk.0.ffn_down.weight")).isEqualTo(GgmlType.F16);
    assertThat(five.remarks())
        .contains("F16 in the place of Q5_K: 1 tensor with rows of 100 numbers, no multiple of 32");
    assertThat(five.fallbacks())
        .isEqualTo(
            Map.of(
                new Fallback(GgmlType.Q6_K, GgmlType.F16, 80), 1L,
                new Fallback(GgmlType.Q5_K, GgmlType.F16, 80), 7L,
                new Fallback(GgmlType.Q5_K, GgmlType.F16, 100), 1L));
    var eight = TensorTypes.of(FileType.Q8_0, llama(1, 96, 100, 96));
    assertThat(eight.fallbacks())
        .isEqualTo(Map.of(new Fallback(GgmlType.Q8_0, GgmlType.F16, 100), 1L));
    assertThat(TensorTypes.of(FileType.Q5_K_S, llama(1, 96, 512, 96)).fallbacks())
        .containsEntry(new Fallback(GgmlType.Q5_K, GgmlType.Q5_1, 96), 7L);
  }

  /** Free widths: one layer fits, the other does not. */
  @Test
  void widthsThatDifferByLayerFallBackByLayer() {
    var shapes = llama(2, 512, 512, 512);
    shapes.put("blk.1.ffn_down.weight", new long[] {512, 416});
    var types = TensorTypes.of(FileType.Q6_K, shapes);
    assertThat(types.of("blk.0.ffn_down.weight")).isEqualTo(GgmlType.Q6_K);
    assertThat(types.of("blk.1.ffn_down.weight")).isEqualTo(GgmlType.Q8_0);
    assertThat(types.remarks())
        .containsExactly(
            "Q8_0 in the place of Q6_K: 1 tensor with rows of 416 numbers, no multiple of 256");
  }

  @Test
  void layersWithoutAttentionAreNotCounted() {
    var shapes = llama(32, 4096, 4096, 4096);
    for (int i = 0; i < 16; i++) {
      for (var part : new String[] {"q", "k", "v", "output"}) {
        shapes.remove("blk." + i + ".attn_" + part + ".weight");
      }
    }
    var types = TensorTypes.of(FileType.Q4_K_M, shapes);
    // sixteen have values: the first two, the last two, and every third from the fourth on
    assertThat(
            shapes.keySet().stream()
                .filter(name -> name.contains("attn_v") && types.of(name) == GgmlType.Q6_K)
                .map(name -> name.replaceAll("\\D", "")))
        .containsExactly("16", "17", "20", "23", "26", "29", "30", "31");
  }

  @Test
  void whatIsSmallStaysExact() {
    var shapes = mixtral(8);
    shapes.put("position_embd.weight", new long[] {512, 4096});
    shapes.put("blk.0.attn_q.bias", new long[] {4096});
    shapes.put("blk.0.one_row.weight", new long[] {1, 4096});
    for (var file : FileType.values()) {
      var types = TensorTypes.of(file, shapes);
      assertThat(types.of("position_embd.weight")).isEqualTo(GgmlType.F32);
      assertThat(types.of("blk.0.attn_q.bias")).isEqualTo(GgmlType.F32);
      assertThat(types.of("blk.0.one_row.weight")).isEqualTo(GgmlType.F32);
      assertThat(types.of("blk.3.ffn_gate_inp.weight")).isEqualTo(GgmlType.F32);
    }
  }

  @Test
  void eightExperts() {
    var types = TensorTypes.of(FileType.Q4_K_M, mixtral(8));
    assertThat(types.of("blk.0.attn_v.weight")).isEqualTo(GgmlType.Q8_0);
    assertThat(types.of("blk.9.attn_k.weight")).isEqualTo(GgmlType.Q8_0);
    assertThat(types.of("blk.9.attn_q.weight")).isEqualTo(GgmlType.Q4_K);
    assertThat(types.of("blk.9.attn_output.weight")).isEqualTo(GgmlType.Q5_K);
    assertThat(layers(types, 32, "ffn_down_exps", GgmlType.Q6_K))
        .isEqualTo("0 1 2 3 6 9 12 15 18 21 24 27 28 29 30 31");
    var seven = TensorTypes.of(FileType.Q4_K_M, mixtral(7));
    assertThat(seven.of("blk.9.attn_k.weight")).isEqualTo(GgmlType.Q4_K);
    assertThat(seven.of("blk.9.attn_output.weight")).isEqualTo(GgmlType.Q4_K);
  }

  @Test
  void eightyLayersWithGroupedHeads() {
    var grouped = TensorTypes.of(FileType.Q4_K_M, llama(80, 1024, 1024, 256));
    assertThat(grouped.of("blk.10.attn_v.weight")).isEqualTo(GgmlType.Q5_K);
    assertThat(grouped.of("blk.79.attn_v.weight")).isEqualTo(GgmlType.Q6_K);
    var single = TensorTypes.of(FileType.Q4_K_M, llama(80, 1024, 1024, 1024));
    assertThat(single.of("blk.10.attn_v.weight")).isEqualTo(GgmlType.Q4_K);
  }

  @ParameterizedTest
  @EnumSource(FileType.class)
  void everyTypeIsFoundByItsName(FileType file) {
    assertThat(FileType.named(file.name().toLowerCase(Locale.ROOT))).isEqualTo(file);
  }

  @Test
  void namesWithoutASizeAreMediumAndOthersAreRefused() {
    assertThat(FileType.named("q4_k")).isEqualTo(FileType.Q4_K_M);
    assertThat(FileType.named("Q5_K")).isEqualTo(FileType.Q5_K_M);
    assertThatThrownBy(() -> FileType.named("q3_k_m"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "there is no type of a GGUF file called q3_k_m here: choose one of f32, f16, bf16,"
                + " q8_0, q6_k, q5_k_m, q5_k_s, q5_1, q5_0, q4_k_m, q4_k_s, q4_1, q4_0");
  }
}
