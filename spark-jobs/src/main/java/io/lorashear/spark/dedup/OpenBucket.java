package io.lorashear.spark.dedup;

import io.lorashear.spark.overlap.Shingles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Compares the texts of a bucket, in order of their ids, each with the first ones: the cost does
 * not grow with the square of the bucket's size, and similar texts are still connected through the
 * first ones. Texts that are connected already are not compared again.
 *
 * <p>The sets of the first ones are kept in memory up to {@value #MOST_HELD} bytes; pairs with
 * texts beyond that are measured elsewhere.
 */
final class OpenBucket {
  /** Columns a, b, and alike: true, or null if it was not measured. */
  static final StructType PAIRS =
      new StructType()
          .add("a", DataTypes.StringType, false)
          .add("b", DataTypes.StringType, false)
          .add("alike", DataTypes.BooleanType, true);

  private static final long MOST_HELD = 64 << 20;

  private final double likeness;
  private final int bucket;
  private final long mostHeld;
  private final List<Text> heads = new ArrayList<>();
  private final Map<String, String> joined = new HashMap<>();
  private long key;
  private long held;

  /**
   * A text and the survivor that represents it; without its set if that does not fit into memory.
   */
  private record Text(String id, String stands, @Nullable Shingles set) {}

  /**
   * Comparison by {@link DuplicateSettings#likeness} and {@link DuplicateSettings#bucket}.
   *
   * @param bucket number of first texts that each later one is compared with
   */
  OpenBucket(double likeness, int bucket) {
    this(likeness, bucket, MOST_HELD);
  }

  OpenBucket(double likeness, int bucket, long mostHeld) {
    this.likeness = likeness;
    this.bucket = bucket;
    this.mostHeld = mostHeld;
  }

  /**
   * Pairs of the next text with earlier ones of its bucket.
   *
   * @param row columns key, rank, id, stands and set, in order of key and rank
   */
  Iterator<Row> next(Row row) {
    if (row.getLong(0) != key) {
      heads.clear();
      joined.clear();
      key = row.getLong(0);
      held = 0;
    }
    var bytes = row.<byte[]>getAs(4);
    var text = new Text(row.getString(2), row.getString(3), Shingles.of(bytes));
    var pairs = new ArrayList<Row>();
    for (var head : heads) {
      if (!group(head).equals(group(text))) {
        alike(head, text).ifPresent(pairs::add);
      }
    }
    if (heads.size() < bucket) {
      heads.add(hold(text, bytes.length));
    }
    return pairs.iterator();
  }

  private Optional<Row> alike(Text head, Text text) {
    if (head.set() == null || text.set() == null) {
      return Optional.of(RowFactory.create(head.id(), text.id(), (@Nullable Boolean) null));
    }
    if (head.set().jaccard(text.set()) < likeness) {
      return Optional.empty();
    }
    joined.put(group(text), group(head));
    return Optional.of(RowFactory.create(head.id(), text.id(), true));
  }

  private Text hold(Text text, int bytes) {
    if (held + bytes > mostHeld) {
      return new Text(text.id(), text.stands(), null);
    }
    held += bytes;
    return text;
  }

  private String group(Text text) {
    var group = text.stands();
    for (var next = joined.get(group); next != null; next = joined.get(group)) {
      group = next;
    }
    return group;
  }
}
