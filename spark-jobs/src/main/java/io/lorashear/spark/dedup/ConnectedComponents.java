package io.lorashear.spark.dedup;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Connected components by alternating large-star and small-star (Kiveris et al., Connected
 * Components in MapReduce and Beyond, SoCC 2014):
 *
 * <pre>
 *   large-star   m = min Γ⁺(u);  emit (v, m) for the neighbours v &gt; u
 *   small-star   m = min Γ⁺(u);  emit (v, m) for the neighbours v ≤ u, and (u, m)
 * </pre>
 *
 * until nothing changes: every node then points to the smallest of its component. The number of
 * rounds grows with the logarithm of the number of nodes, and no node is ever held with all its
 * neighbours. Up to {@value #FEW} edges are joined in this process instead, because a round costs
 * more.
 */
final class ConnectedComponents {
  private static final int FEW = 5_000;

  private ConnectedComponents() {}

  /**
   * Columns id and survivor: every node except the smallest of its component, with the smallest;
   * kept in memory until the caller releases it.
   *
   * @param pairs columns a and b: edges, in any direction, a different from b
   */
  static Dataset<Row> of(Dataset<Row> pairs) {
    return of(pairs, FEW);
  }

  /** The components, computed by rounds if there are at least {@code few} edges. */
  static Dataset<Row> of(Dataset<Row> pairs, int few) {
    var edges = Edges.kept(down(pairs));
    if (edges.number() < few) {
      var survivors = joined(edges);
      edges.kept().unpersist();
      return survivors;
    }
    while (true) {
      var next = Edges.kept(smallStar(largeStar(edges.rows())));
      edges.kept().unpersist();
      if (next.same(edges)) {
        var survivors = next.rows().select(col("a").as("id"), col("b").as("survivor")).persist();
        survivors.count();
        next.kept().unpersist();
        return survivors;
      }
      edges = next;
    }
  }

  private static Dataset<Row> joined(Edges edges) {
    var components = new Components();
    for (var edge : edges.kept().collect()) {
      components.join(
          UTF8String.fromString(edge.getString(0)), UTF8String.fromString(edge.getString(1)));
    }
    return Components.survivors(edges.rows().sparkSession(), components.survivors());
  }

  /**
   * Edges of one round. They are passed on as rows of an RDD, because plans that contain the plans
   * of all earlier rounds would double in size with each round.
   *
   * @param sum of the edges' hashes
   */
  private record Edges(Dataset<Row> rows, JavaRDD<Row> kept, long number, String sum) {
    static Edges kept(Dataset<Row> edges) {
      var kept = edges.distinct().toJavaRDD().persist(StorageLevel.MEMORY_AND_DISK());
      var rows = edges.sparkSession().createDataFrame(kept, edges.schema());
      var sum = coalesce(expr("sum(cast(xxhash64(a, b) as decimal(20)))"), lit(0));
      var digest = rows.agg(expr("count(*)"), sum.cast("string")).first();
      return new Edges(rows, kept, digest.getLong(0), digest.getString(1));
    }

    boolean same(Edges other) {
      return number == other.number && sum.equals(other.sum);
    }
  }

  /** Every edge from its greater end a to its smaller end b. */
  private static Dataset<Row> down(Dataset<Row> pairs) {
    return pairs.select(expr("greatest(a, b)").as("a"), expr("least(a, b)").as("b"));
  }

  private static Dataset<Row> largeStar(Dataset<Row> edges) {
    var both = edges.union(edges.select(col("b").as("a"), col("a").as("b")));
    var smallest = least(col("a"), min("b").over(Window.partitionBy("a")));
    return both.withColumn("m", smallest)
        .filter(col("b").gt(col("a")))
        .select(col("b").as("a"), col("m").as("b"));
  }

  private static Dataset<Row> smallStar(Dataset<Row> edges) {
    var smallest = min("b").over(Window.partitionBy("a"));
    var starred = edges.withColumn("m", smallest);
    var neighbours =
        starred.filter(col("b").notEqual(col("m"))).select(col("b").as("a"), col("m").as("b"));
    return neighbours.union(starred.select(col("a"), col("m").as("b")));
  }
}
