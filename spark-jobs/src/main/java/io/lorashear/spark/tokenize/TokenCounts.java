package io.lorashear.spark.tokenize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts by source and name, of one shard or of all. The counts of a shard are kept as a note
 * beside it, so that a resumed run finds them with the shard.
 */
final class TokenCounts {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<TreeMap<String, Long>> NOTE = new TypeReference<>() {};

  private final TreeMap<String, Long> counts = new TreeMap<>();

  /** Adds {@code amount} to {@code name} of {@code source}. */
  void add(String source, String name, long amount) {
    counts.merge(source + "/" + name, amount, Long::sum);
  }

  /** Adds the counts of a note. */
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

  /** Count of one name in one source. */
  long of(String source, String name) {
    return counts.getOrDefault(source + "/" + name, 0L);
  }

  /** Dropped tokens of one source, by reason. */
  SortedMap<String, Long> dropped(String source) {
    var prefix = source + "/" + ShardPacker.DROPPED;
    var dropped = new TreeMap<String, Long>();
    counts.tailMap(prefix).entrySet().stream()
        .takeWhile(entry -> entry.getKey().startsWith(prefix))
        .forEach(entry -> dropped.put(entry.getKey().substring(prefix.length()), entry.getValue()));
    return dropped;
  }
}
