package io.lorashear.spark.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NearDuplicatesTest {
  private static final StructType TEXTS =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("text", DataTypes.StringType, false);

  /** Copies with one to six of 100 words exchanged, some alike enough and some not. */
  @Test
  void pairsAboveTheThresholdAreFoundAndNoOthers() {
    var random = new Random(5);
    var rows = new ArrayList<Row>();
    var likeness = new HashMap<String, Double>();
    for (var i = 0; i < 150; i++) {
      var words = IntStream.range(0, 100).mapToObj(w -> word(random)).toList();
      var copy = new ArrayList<>(words);
      for (var change = 0; change <= i % 6; change++) {
        copy.set(random.nextInt(100), word(random));
      }
      rows.add(RowFactory.create("a%03d".formatted(i), String.join(" ", words)));
      rows.add(RowFactory.create("b%03d".formatted(i), String.join(" ", copy)));
      likeness.put("b%03d".formatted(i), jaccard(words, copy));
    }
    var found = survivors(rows, DuplicateSettings.USUAL, 3);
    var alike =
        likeness.entrySet().stream()
            .filter(entry -> entry.getValue() >= 0.8)
            .map(Map.Entry::getKey)
            .toList();
    assertThat(alike).hasSizeBetween(50, 120);
    assertThat(alike.stream().filter(found::containsKey).count())
        .isGreaterThanOrEqualTo(Math.round(Math.ceil(0.95 * alike.size())));
    assertThat(alike).containsAll(found.keySet());
    found.forEach((id, survivor) -> assertThat(survivor).isEqualTo(id.replace('b', 'a')));
    assertThat(survivors(rows, DuplicateSettings.USUAL, 1)).isEqualTo(found);
  }

  /** Copies with 8 to 18 of 600 words exchanged: every hundredth of likeness from 0.75 to 0.87. */
  @Test
  void closeToTheThresholdHardlyOneIsMissed() {
    var random = new Random(8);
    var rows = new ArrayList<Row>();
    var likeness = new TreeMap<String, Double>();
    for (var i = 0; i < 600; i++) {
      var words = IntStream.range(0, 600).mapToObj(w -> word(random)).toList();
      var copy = new ArrayList<>(words);
      for (var change = 0; change < 8 + i % 11; change++) {
        copy.set(random.nextInt(600), word(random));
      }
      rows.add(RowFactory.create("a%03d".formatted(i), String.join(" ", words)));
      rows.add(RowFactory.create("b%03d".formatted(i), String.join(" ", copy)));
      likeness.put("b%03d".formatted(i), jaccard(words, copy));
    }
    for (var hundredth = 75; hundredth < 87; hundredth++) {
      var from = hundredth / 100.0;
      assertThat(likeness.values().stream().filter(s -> s >= from && s < from + 0.01))
          .as("pairs of likeness %s", from)
          .hasSizeGreaterThanOrEqualTo(15);
    }
    var found = survivors(rows, DuplicateSettings.USUAL, 5).keySet();
    var right = found.stream().filter(id -> likeness.getOrDefault(id, 0.0) >= 0.8).count();
    var alike = likeness.values().stream().filter(s -> s >= 0.8).count();
    var near = likeness.values().stream().filter(s -> s >= 0.8 && s < 0.82).count();
    var missedNear =
        likeness.entrySet().stream()
            .filter(each -> each.getValue() >= 0.8 && each.getValue() < 0.82)
            .filter(each -> !found.contains(each.getKey()))
            .count();
    assertThat(right / (double) found.size()).as("precision").isGreaterThanOrEqualTo(0.95);
    assertThat(right / (double) alike).as("recall").isGreaterThanOrEqualTo(0.95);
    assertThat(1 - missedNear / (double) near).as("recall below 0.82").isGreaterThan(0.95);
  }

  @Test
  void aCrowdIsComparedWithItsFirstAndCounted() {
    var rows = new ArrayList<Row>();
    var random = new Random(6);
    var words =
        IntStream.range(0, 300).mapToObj(w -> word(random)).collect(Collectors.joining(" "));
    for (var i = 0; i < 30; i++) {
      rows.add(RowFactory.create("c%03d".formatted(i), words + " number " + i));
    }
    var settings = new DuplicateSettings(true, true, false, 0.8, 5, 20, 7, 4);
    try (var near = NearDuplicates.among(dataset(rows, 3), settings)) {
      assertThat(near.crowded()).isBetween(1L, 20L);
      assertThat(near.survivors().count()).isEqualTo(29);
    }
  }

  @Test
  void whatIsFoundIsSaidBeforehand() {
    assertThat(DuplicateSettings.USUAL.found(0.8)).isCloseTo(0.991, within(5e-4));
    assertThat(new DuplicateSettings(true, true, false, 0.8, 5, 14, 8, 100).found(0.8))
        .isCloseTo(0.924, within(5e-4));
  }

  @Test
  void bandsThatFindTooLittleAreRefused(@TempDir Path folder) throws IOException {
    var file = Files.writeString(folder.resolve("a.yaml"), "bands: 14\nrows: 8\n");
    assertThatThrownBy(() -> Settings.load(DuplicateSettings.class, file, List.of()))
        .hasMessage(
            file
                + " has 1 problem:\n  line 1  bands is 14: with 8 rows each, only 0.92 of the pairs"
                + " at likeness 0.8 are found: give more bands or fewer rows");
  }

  private static Map<String, String> survivors(
      List<Row> texts, DuplicateSettings settings, int partitions) {
    try (var near = NearDuplicates.among(dataset(texts, partitions), settings)) {
      var survivors = new TreeMap<String, String>();
      near.survivors()
          .collectAsList()
          .forEach(row -> survivors.put(row.getString(0), row.getString(1)));
      return survivors;
    }
  }

  private static Dataset<Row> dataset(List<Row> rows, int partitions) {
    return LocalSpark.session().createDataFrame(rows, TEXTS).repartition(partitions);
  }

  private static double jaccard(List<String> left, List<String> right) {
    var shared = shingles(left);
    var all = shingles(right);
    var ofRight = new HashSet<>(all);
    all.addAll(shared);
    shared.retainAll(ofRight);
    return (double) shared.size() / all.size();
  }

  private static Set<String> shingles(List<String> words) {
    return IntStream.rangeClosed(0, words.size() - 5)
        .mapToObj(i -> String.join(" ", words.subList(i, i + 5)))
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static String word(Random random) {
    return "w" + random.nextInt(5000);
  }
}
