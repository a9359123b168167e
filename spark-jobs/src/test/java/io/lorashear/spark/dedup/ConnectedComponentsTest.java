package io.lorashear.spark.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.LocalSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class ConnectedComponentsTest {
  private static final StructType PAIRS =
      new StructType().add("a", DataTypes.StringType, false).add("b", DataTypes.StringType, false);

  @Test
  void aChainHangsFromItsSmallestEnd() {
    var chain = new ArrayList<Row>();
    for (var i = 0; i < 30; i++) {
      chain.add(RowFactory.create(name(29 - i), name(30 - i)));
    }
    var survivors = survivors(chain);
    assertThat(survivors).hasSize(30);
    assertThat(survivors.values()).containsOnly(name(0));
  }

  @Test
  void randomGraphsFallApartAsUnionAndFindSays() {
    var random = new Random(3);
    var edges = new ArrayList<Row>();
    for (var i = 0; i < 120; i++) {
      var a = random.nextInt(200);
      var b = random.nextInt(200);
      if (a != b) {
        edges.add(RowFactory.create(name(a), name(b)));
      }
    }
    assertThat(survivors(edges)).isEqualTo(unionFind(edges));
    assertThat(survivors(edges, 1_000)).isEqualTo(unionFind(edges));
  }

  @Test
  void withoutPairsNobodyIsStoodFor() {
    assertThat(survivors(List.of())).isEmpty();
  }

  private static Map<String, String> survivors(List<Row> pairs) {
    return survivors(pairs, 0);
  }

  private static Map<String, String> survivors(List<Row> pairs, int few) {
    var survivors = new TreeMap<String, String>();
    ConnectedComponents.of(LocalSpark.session().createDataFrame(pairs, PAIRS), few)
        .collectAsList()
        .forEach(
            row ->
                assertThat(survivors.put(row.getString(0), row.getString(1)))
                    .as(row.toString())
                    .isNull());
    return survivors;
  }

  private static Map<String, String> unionFind(List<Row> edges) {
    var parents = new TreeMap<String, String>();
    for (var edge : edges) {
      var a = root(edge.getString(0), parents);
      var b = root(edge.getString(1), parents);
      var smaller = a.compareTo(b) < 0 ? a : b;
      parents.put(a, smaller);
      parents.put(b, smaller);
    }
    var survivors = new TreeMap<String, String>();
    for (var node : List.copyOf(parents.keySet())) {
      var root = root(node, parents);
      if (!root.equals(node)) {
        survivors.put(node, root);
      }
    }
    return survivors;
  }

  private static String root(String node, Map<String, String> parents) {
    var parent = parents.computeIfAbsent(node, itself -> itself);
    return parent.equals(node) ? node : root(parent, parents);
  }

  private static String name(int number) {
    return "n%03d".formatted(number);
  }
}
