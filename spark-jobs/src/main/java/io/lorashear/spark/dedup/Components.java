package io.lorashear.spark.dedup;

import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Connected components of few nodes, held in memory: every node points, possibly through others, to
 * the smallest of its component. Ids are ordered by their bytes in UTF-8, as Spark orders them.
 */
public final class Components {
  /** Schema of {@link #survivors(SparkSession, Map)}. */
  static final StructType SURVIVORS =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("survivor", DataTypes.StringType, false);

  private final Map<UTF8String, UTF8String> above = new TreeMap<>();

  /** Joins the components of both nodes. */
  void join(UTF8String a, UTF8String b) {
    var one = smallest(a);
    var other = smallest(b);
    int order = one.compareTo(other);
    if (order != 0) {
      above.put(order < 0 ? other : one, order < 0 ? one : other);
    }
  }

  /** The smallest node of the node's component; the node itself if it was never joined. */
  UTF8String smallest(UTF8String id) {
    var smallest = id;
    for (var next = above.get(id); next != null; next = above.get(next)) {
      smallest = next;
    }
    if (!smallest.equals(id)) {
      above.put(id, smallest); // shortens the next search
    }
    return smallest;
  }

  /** Maps every node except the smallest of its component to the smallest. */
  Map<UTF8String, UTF8String> survivors() {
    above.keySet().forEach(this::smallest);
    return above;
  }

  /** The map as columns id and survivor. */
  public static Dataset<Row> survivors(SparkSession spark, Map<UTF8String, UTF8String> nodes) {
    var rows = new ArrayList<Row>();
    nodes.forEach((id, first) -> rows.add(RowFactory.create(id.toString(), first.toString())));
    return spark.createDataFrame(rows, SURVIVORS);
  }
}
