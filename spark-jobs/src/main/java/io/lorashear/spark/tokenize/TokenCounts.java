package io.lorashear.spark.tokenize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts by source and name, of one shard or of all. A shard's are kept as a note beside it, so
 * that they are there again where the shard is.
 */
final class TokenCounts {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<TreeMap<String, Long>> NOTE = new TypeReference<>() {};

  private final TreeMap<String, Long> counts = new TreeMap<>();

  /** {@code amount} more of {@code name} in {@code source}. */
  void add(String source, String name, long amount) {
    counts.merge(source + "/" + name, amount, Long::sum);
  }

  /** What another has noted. */
  void add(String note) {
    try {
      JSON.readValue(note, NOTE).forEach((name, amount) -> counts.merge(name, amount, Long::sum));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("no note of a shard: " + note, e);
    }
  }

  String note() {
    try {
      return JSON.writeValueAsString(counts);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of one name in one source. */
  long of(String source, String name) {
    return counts.getOrDefault(source + "/" + name, 0L);
  }

  /** By reason: what one source lost. */
  SortedMap<String, Long> dropped(String source) {
    var prefix = source + "/" + ShardPacker.DROPPED;
    var dropped = new TreeMap<String, Long>();
    counts.tailMap(prefix).entrySet().stream()
        .takeWhile(entry -> entry.getKey().startsWith(prefix))
        .forEach(entry -> dropped.put(entry.getKey().substring(prefix.length()), entry.getValue()));
    return dropped;
  }
}
