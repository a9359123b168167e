package io.lorashear.checkpoint.gguf;

import io.lorashear.checkpoint.gguf.block.GgmlType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The type of each tensor in a file, as chosen by llama.cpp's quantiser.
 *
 * <pre>
 *   vectors, *_norm, ffn_gate_inp, position_embd    F32
 *   all others of F32, F16, BF16                    the file's
 *   output, or token_embd if it is both          Q6_K; Q8_0 in Q8_0
 *   all others                                      the file's, but:
 *
 *                             Q4_K_S               Q4_K_M      Q5_K_M      any quantised
 *   attn_v, attn_qkv          Q5_K in the first 4  Q6_K where  Q6_K where  8 experts: Q8_0
 *                                                  marked      marked      80 grouped layers: Q4_K → Q5_K
 *   attn_k                                                                 8 experts: Q8_0
 *   attn_output, 8 experts    Q5_K                 Q5_K
 *   ffn_down                  Q5_K for i &lt; ⌊n/8⌋  Q6_K where  Q6_K where
 *                                                  marked      marked
 *
 *   marked: i &lt; ⌊n/8⌋, i ≥ ⌊7n/8⌋ or (i − ⌊n/8⌋) mod 3 = 2
 *   n layers; i counts those that have the tensor
 *
 *   rows that blocks do not divide:   Q4_K → Q5_0   Q5_K → Q5_1   Q6_K → Q8_0, and all → F16
 * </pre>
 *
 * One difference: if the row length is not a multiple of 32, llama.cpp fails for types without a K,
 * while here such tensors also become F16.
 *
 * @see <a
 *     href="https://github.com/ggml-org/llama.cpp/blob/master/src/llama-quant.cpp">llama.cpp</a>
 */
public final class TensorTypes {
  private static final String HEAD = "output.weight";
  private static final String EMBEDDING = "token_embd.weight";
  private static final List<String> VALUES = List.of("attn_v.weight", "attn_qkv.weight");
  private static final TreeSet<Integer> NONE = new TreeSet<>();
  private static final int SMALLEST_BLOCK = 32;
  private static final Pattern LAYER = Pattern.compile("blk\\.(\\d+)\\.(.+)");
  private static final List<String> EXACT =
      List.of("_norm.weight", "ffn_gate_inp.weight", "position_embd.weight");
  private static final Map<GgmlType, GgmlType> SMALLER_BLOCKS =
      Map.of(
          GgmlType.Q4_K, GgmlType.Q5_0, GgmlType.Q5_K, GgmlType.Q5_1, GgmlType.Q6_K, GgmlType.Q8_0);

  private final FileType file;
  private final boolean tied;
  private final Map<String, TreeSet<Integer>> having =
      new HashMap<>(); // layers that have a part, by the part's name
  private final int layers;
  private final long experts;
  private final boolean grouped;
  private final Map<String, GgmlType> types = new LinkedHashMap<>();
  private final Map<Fallback, Long> fallbacks = new LinkedHashMap<>();
  private final long bytes;

  /**
   * A tensor whose row length does not fit its type.
   *
   * @param columns row length, not a multiple of the wanted type's block size
   */
  public record Fallback(GgmlType wanted, GgmlType given, long columns) {}

  private TensorTypes(FileType file, Map<String, long[]> shapes) {
    this.file = file;
    this.tied = !shapes.containsKey(HEAD);
    for (var name : shapes.keySet()) {
      having.computeIfAbsent(part(name), part -> new TreeSet<>()).add(layer(name));
    }
    this.layers = 1 + shapes.keySet().stream().mapToInt(TensorTypes::layer).max().orElse(-1);
    this.experts = rows(shapes, "ffn_down_exps.weight");
    this.grouped = rows(shapes, "attn_k.weight") < rows(shapes, "attn_q.weight");
    shapes.forEach(
        (name, shape) -> types.put(name, fitting(wanted(name, shape), shape[shape.length - 1])));
    this.bytes =
        shapes.entrySet().stream().mapToLong(each -> bytes(each.getKey(), each.getValue())).sum();
  }

  /**
   * Types of a model's tensors.
   *
   * @param shapes shapes of all tensors by GGUF's names, slowest dimension first
   */
  public static TensorTypes of(FileType file, Map<String, long[]> shapes) {
    return new TensorTypes(file, shapes);
  }

  /** The type of the tensor {@code name}, one of the model's tensors. */
  public GgmlType of(String name) {
    return Objects.requireNonNull(types.get(name), name);
  }

  /** Bytes of all tensors, without padding. */
  public long bytes() {
    return bytes;
  }

  private long bytes(String name, long[] shape) {
    long numbers = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return numbers / of(name).blockElements() * of(name).blockBytes();
  }

  /**
   * The number of tensors that got another type because their rows did not fit, by kind of
   * fallback.
   */
  public Map<Fallback, Long> fallbacks() {
    return Map.copyOf(fallbacks);
  }

  /** Remarks for the user about the fallbacks, one line each. */
  public List<String> remarks() {
    return fallbacks.entrySet().stream()
        .map(each -> remark(each.getKey(), each.getValue()))
        .toList();
  }

  private static String remark(Fallback what, long tensors) {
    return "%s in the place of %s: %d %s of %d numbers, no multiple of %d"
        .formatted(
            what.given(),
            what.wanted(),
            tensors,
            tensors == 1 ? "tensor with rows" : "tensors with rows",
            what.columns(),
            what.given() == GgmlType.F16 ? SMALLEST_BLOCK : what.wanted().blockElements());
  }

  /** The number of tensors of each type, for example {@code 61 F32, 180 Q5_0}. */
  public String counts() {
    return types.values().stream()
        .collect(Collectors.groupingBy(type -> type, TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(each -> each.getValue() + " " + each.getKey())
        .collect(Collectors.joining(", "));
  }

  private GgmlType wanted(String name, long[] shape) {
    boolean vector = Arrays.stream(shape).limit(shape.length - 1).allMatch(extent -> extent == 1);
    if (vector || !name.endsWith(".weight") || EXACT.stream().anyMatch(name::endsWith)) {
      return GgmlType.F32;
    }
    var most = file.most();
    if (!file.isQuantised()) {
      return most;
    }
    if (name.equals(HEAD) || tied && name.equals(EMBEDDING)) {
      return most == GgmlType.Q8_0 ? most : GgmlType.Q6_K;
    }
    var part = part(name);
    if (VALUES.contains(part)) {
      return value(place(name));
    }
    if (part.equals("attn_k.weight") && experts == 8) {
      return GgmlType.Q8_0;
    }
    if (part.equals("attn_output.weight") && experts == 8 && most == GgmlType.Q4_K) {
      return GgmlType.Q5_K;
    }
    return part.startsWith("ffn_down") ? down(experts > 1 ? layer(name) : place(name)) : most;
  }

  private GgmlType value(int i) {
    if (experts == 8) {
      return GgmlType.Q8_0;
    }
    int n = VALUES.stream().mapToInt(part -> having.getOrDefault(part, NONE).size()).sum();
    var type =
        switch (file) {
          case Q4_K_M, Q5_K_M -> marked(i, n) ? GgmlType.Q6_K : file.most();
          case Q4_K_S -> i < 4 ? GgmlType.Q5_K : file.most();
          default -> file.most();
        };
    return layers == 80 && grouped && type == GgmlType.Q4_K ? GgmlType.Q5_K : type;
  }

  private GgmlType down(int i) {
    return switch (file) {
      case Q4_K_M, Q5_K_M -> marked(i, layers) ? GgmlType.Q6_K : file.most();
      case Q4_K_S -> i < layers / 8 ? GgmlType.Q5_K : file.most();
      default -> file.most();
    };
  }

  private static boolean marked(int i, int n) {
    return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
  }

  private GgmlType fitting(GgmlType wanted, long columns) {
    var given =
        Stream.of(wanted, SMALLER_BLOCKS.getOrDefault(wanted, wanted), GgmlType.F16)
            .filter(type -> columns % type.blockElements() == 0)
            .findFirst()
            .orElseThrow(); // F16 has no blocks
    if (given != wanted) {
      fallbacks.merge(new Fallback(wanted, given, columns), 1L, Long::sum);
    }
    return given;
  }

  /** The number of earlier layers that have such a tensor. */
  private int place(String name) {
    return having.getOrDefault(part(name), NONE).headSet(layer(name)).size();
  }

  /**
   * The first extent of the tensor with that name in the first layer that has one; 0 if there is
   * none.
   */
  private static long rows(Map<String, long[]> shapes, String part) {
    return shapes.entrySet().stream()
        .filter(each -> part(each.getKey()).equals(part))
        .map(each -> each.getValue()[0])
        .findFirst()
        .orElse(0L);
  }

  private static int layer(String name) {
    var match = LAYER.matcher(name);
    return match.matches() ? Integer.parseInt(match.group(1)) : -1;
  }

  private static String part(String name) {
    var match = LAYER.matcher(name);
    return match.matches() ? match.group(2) : "";
  }
}
