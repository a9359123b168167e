package io.lorashear.checkpoint.gguf.architecture;

import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.Metadata;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model's hyperparameters, read from the metadata of a file.
 *
 * @param architecture llama.cpp's name, the prefix of all its keys
 * @param hidden width of the residual stream
 * @param queryHeads number of query heads, by layer
 * @param keyValueHeads number of key-value heads, by layer
 * @param channels feed-forward width, by layer
 * @param rotaryFactors divisors of the rotary pairs' frequencies, for those of {@link
 *     #ROTARY_FACTORS} that the file has
 */
public record Hyperparameters(
    Metadata metadata,
    String architecture,
    int hidden,
    int headDimension,
    List<Integer> queryHeads,
    List<Integer> keyValueHeads,
    List<Integer> channels,
    Map<String, List<Float>> rotaryFactors) {
  static final String ROTARY_EVER = "rope_freqs.weight";
  static final String ROTARY_SHORT = "rope_factors_short.weight";
  static final String ROTARY_LONG = "rope_factors_long.weight";

  /** Tensors of rotary frequency factors: for all texts, for short ones, for long ones. */
  public static final Set<String> ROTARY_FACTORS = Set.of(ROTARY_EVER, ROTARY_SHORT, ROTARY_LONG);

  /**
   * Reads them.
   *
   * @param tensors number of tensors in the file; every layer must have at least one
   * @throws InputException if they are missing or impossible
   */
  public static Hyperparameters of(
      Metadata metadata, int tensors, Map<String, List<Float>> rotaryFactors) {
    var name = metadata.text(Architecture.KEY);
    int layers = metadata.whole(name + ".block_count");
    if (layers < 1 || layers > tensors) {
      throw new InputException(
          "%s: the metadata %s.block_count is %d, but the file has %d tensors",
          metadata.file(), name, layers, tensors);
    }
    int hidden = metadata.whole(name + ".embedding_length");
    int least = name.equals("deci") ? 0 : 1;
    var queries = perLayer(metadata, name + ".attention.head_count", layers, least);
    var keysKey = name + ".attention.head_count_kv";
    var keys = metadata.has(keysKey) ? perLayer(metadata, keysKey, layers, least) : queries;
    var stated = metadata.wholeOrNull(name + ".attention.key_length");
    int head = stated != null ? stated : hidden / Math.max(1, queries.get(0));
    if (head < 2) {
      throw new InputException(
          "%s: %d query heads of a width of %d are too narrow",
          metadata.file(), queries.get(0), hidden);
    }
    var channels = perLayer(metadata, name + ".feed_forward_length", layers, least);
    return new Hyperparameters(
        metadata, name, hidden, head, queries, keys, channels, rotaryFactors);
  }

  private static List<Integer> perLayer(Metadata metadata, String key, int layers, int least) {
    var values =
        metadata.values().get(key) instanceof List
            ? metadata.list(key, Long.class)
            : Collections.nCopies(layers, (long) metadata.whole(key));
    if (values.size() != layers) {
      throw new InputException(
          "%s: the metadata %s has %d values for %d layers",
          metadata.file(), key, values.size(), layers);
    }
    for (var value : values) {
      if (value < least || value > Integer.MAX_VALUE) {
        throw new InputException(
            "%s: the metadata %s is %d: at least %d is needed", metadata.file(), key, value, least);
      }
    }
    return values.stream().map(Long::intValue).toList();
  }

  /**
   * Refuses keys of the architecture that are not read but could change the result.
   *
   * @throws InputException which names them all
   */
  public void checkKeys(Architecture architecture) {
    Keys.check(this, architecture.keys());
  }

  /** The full key of {@code name}. */
  String key(String name) {
    return architecture + "." + name;
  }

  int layers() {
    return queryHeads.size();
  }

  int whole(String name) {
    return metadata.whole(key(name));
  }

  @Nullable Integer wholeOrNull(String name) {
    return metadata.wholeOrNull(key(name));
  }

  double number(String name) {
    return metadata.number(key(name));
  }

  double number(String name, double otherwise) {
    return metadata.number(key(name), otherwise);
  }

  /** Dimensions of a head that have a rotary embedding. */
  int rotaryDimension() {
    var stated = wholeOrNull("rope.dimension_count");
    if (stated == null) {
      return headDimension;
    }
    if (stated < 2 || stated > headDimension) {
      throw new InputException(
          "%s: the metadata %s is %d, but a head has %d dimensions",
          metadata.file(), key("rope.dimension_count"), stated, headDimension);
    }
    return stated;
  }

  /**
   * The value of {@code widths} that all layers share, for configurations that cannot express
   * different ones.
   */
  int even(List<Integer> widths, String what) {
    if (Collections.min(widths) < Collections.max(widths)) {
      throw new InputException(
          "%s: %s differ by layer, which is not read for the architecture %s",
          metadata.file(), what, architecture);
    }
    return widths.get(0);
  }

  /** An exception that {@code what} is not supported in GGUF, with what to do. */
  InputException unread(String what) {
    return new InputException(
        "%s %s, which is not read from GGUF: use the model's Hugging Face directory",
        metadata.file(), what);
  }
}
