package io.lorashear.spark.dedup;

import io.lorashear.spark.overlap.Shingles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Finds duplicates among few texts in memory, by the rules of {@link ExactDuplicates} and {@link
 * NearDuplicates}, because a step of a Spark plan would cost more.
 *
 * <pre>
 *   of equal hashes the smallest id is kept
 *   in each bucket of those kept, each of its first texts with every later one:
 *     likeness ≥ threshold → joined; of each connected component the smallest id is kept
 * </pre>
 */
public final class FewTexts {
  private final DuplicateSettings settings;
  private final Map<UTF8String, Shingles> sets = new TreeMap<>();
  private final Map<Long, List<UTF8String>> buckets = new TreeMap<>();
  private final Map<UTF8String, UTF8String> same = new TreeMap<>();
  private final Components near = new Components();

  private FewTexts(DuplicateSettings settings) {
    this.settings = settings;
  }

  /**
   * Compares texts by their words.
   *
   * @param texts columns id, unique, and text
   */
  public static FewTexts near(Dataset<Row> texts, DuplicateSettings settings) {
    var few = new FewTexts(settings);
    for (var row : collected(texts.select("id", "text"))) {
      few.sets.put(row.getUTF8String(0), few.set(row.getUTF8String(1)));
    }
    few.compare();
    return few;
  }

  /**
   * Compares texts by their hashes, then by their words, as the settings say.
   *
   * @param texts columns id, unique, hash and text
   */
  public static FewTexts all(Dataset<Row> texts, DuplicateSettings settings) {
    var few = new FewTexts(settings);
    var first = new TreeMap<UTF8String, UTF8String>();
    var rows = new TreeMap<UTF8String, InternalRow>();
    for (var row : collected(texts.select("id", "hash", "text"))) {
      rows.put(row.getUTF8String(0), row);
    }
    rows.forEach(
        (id, row) -> {
          var earlier = settings.exact() ? first.putIfAbsent(row.getUTF8String(1), id) : null;
          if (earlier != null) {
            few.same.put(id, earlier);
          } else if (settings.near()) {
            few.sets.put(id, few.set(row.getUTF8String(2)));
          }
        });
    few.compare();
    return few;
  }

  /** Collects internal rows, because converting them takes a second in Scala's reflection. */
  static InternalRow[] collected(Dataset<Row> rows) {
    return rows.queryExecution().executedPlan().executeCollect();
  }

  private Shingles set(UTF8String text) {
    return Shingles.of(text.toString(), settings.words());
  }

  private void compare() {
    var minHash = new MinHash(settings.bands(), settings.rows());
    sets.forEach((id, set) -> place(id, minHash.keys(set)));
    buckets.values().forEach(this::compare);
  }

  private void place(UTF8String id, long[] keys) {
    for (var key : keys) {
      buckets.computeIfAbsent(key, none -> new ArrayList<>()).add(id);
    }
  }

  private void compare(List<UTF8String> bucket) {
    for (var a = 0; a < Math.min(bucket.size(), settings.bucket()); a++) {
      for (var b = a + 1; b < bucket.size(); b++) {
        compare(bucket.get(a), bucket.get(b));
      }
    }
  }

  private void compare(UTF8String a, UTF8String b) {
    if (!near.smallest(a).equals(near.smallest(b)) && likeness(a, b) >= settings.likeness()) {
      near.join(a, b);
    }
  }

  private double likeness(UTF8String a, UTF8String b) {
    return Objects.requireNonNull(sets.get(a)).jaccard(Objects.requireNonNull(sets.get(b)));
  }

  /** Maps each exact duplicate to the text that survives. */
  public Map<UTF8String, UTF8String> same() {
    return same;
  }

  /** Maps each near duplicate to the text that survives. */
  public Map<UTF8String, UTF8String> nearlySame() {
    return near.survivors();
  }

  /** Number of buckets in which not all pairs of texts were compared. */
  public long crowded() {
    return buckets.values().stream().filter(ids -> ids.size() > settings.bucket()).count();
  }
}
