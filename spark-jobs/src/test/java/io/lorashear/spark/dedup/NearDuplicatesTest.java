package io.lorashear.spark.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.overlap.Shingles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NearDuplicatesTest {
  private static final StructType TEXTS =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("text", DataTypes.StringType, false);

  private static final StructType HASHED =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("hash", DataTypes.StringType, false)
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
      assertThat(near.crowded())
          .isBetween(1L, 20L)
          .isEqualTo(FewTexts.near(dataset(rows, 3), settings).crowded());
      assertThat(near.survivors().count()).isEqualTo(29);
    }
  }

  /**
   * Texts that drift away from each other step by step, so that the ends of a chain are not alike:
   * with every pair of a bucket measured, and with that of its first four only.
   */
  @ParameterizedTest
  @ValueSource(ints = {4, 100})
  void whatHangsTogetherIsWhatEveryPairMeasuredAloneSays(int bucket) {
    var random = new Random(11);
    var rows = new ArrayList<Row>();
    for (var chain = 0; chain < 12; chain++) {
      var words = IntStream.range(0, 120).mapToObj(w -> word(random)).toList();
      var steps = new ArrayList<>(words);
      for (var step = 0; step < 12; step++) {
        rows.add(
            RowFactory.create(
                "%03d-%d".formatted(random.nextInt(1000), rows.size()), String.join(" ", steps)));
        for (var change = random.nextInt(3); change >= 0; change--) {
          steps.set(random.nextInt(120), word(random));
        }
      }
    }
    var settings = new DuplicateSettings(true, true, false, 0.8, 5, 20, 7, bucket);
    var expected = oneByOne(rows, settings);
    assertThat(expected).hasSizeBetween(60, 125);
    assertThat(survivors(rows, settings, bucket == 4 ? 3 : 1)).isEqualTo(expected);
    assertThat(strings(FewTexts.near(dataset(rows, 2), settings).nearlySame())).isEqualTo(expected);
  }

  /** Every pair of a bucket's first ones with each that comes later, and all joined in turn. */
  private static Map<String, String> oneByOne(List<Row> rows, DuplicateSettings settings) {
    var texts = new TreeMap<String, String>();
    rows.forEach(row -> texts.put(row.getString(0), row.getString(1)));
    var minHash = new MinHash(settings.bands(), settings.rows());
    var buckets = new TreeMap<Long, List<String>>();
    texts.forEach(
        (id, text) -> {
          for (var key : minHash.keys(Shingles.of(text, settings.words()))) {
            buckets.computeIfAbsent(key, each -> new ArrayList<>()).add(id);
          }
        });
    var smallest = new TreeMap<String, String>();
    texts.keySet().forEach(id -> smallest.put(id, id));
    for (var ids : buckets.values()) {
      for (var a = 0; a < Math.min(ids.size(), settings.bucket()); a++) {
        for (var b = a + 1; b < ids.size(); b++) {
          if (jaccard(words(texts, ids.get(a)), words(texts, ids.get(b))) >= 0.8) {
            join(smallest, ids.get(a), ids.get(b));
          }
        }
      }
    }
    smallest.entrySet().removeIf(each -> each.getKey().equals(each.getValue()));
    return smallest;
  }

  private static List<String> words(Map<String, String> texts, String id) {
    return List.of(Objects.requireNonNull(texts.get(id)).split(" "));
  }

  private static void join(Map<String, String> smallest, String a, String b) {
    var one = Objects.requireNonNull(smallest.get(a));
    var other = Objects.requireNonNull(smallest.get(b));
    var least = one.compareTo(other) <= 0 ? one : other;
    smallest.replaceAll((id, s) -> s.equals(one) || s.equals(other) ? least : s);
  }

  /**
   * Few at once as the plans do it one after the other: by hash, then by words. Of U+E000 and
   * U+10000, UTF-8 and UTF-16 say the contrary on which is smaller.
   */
  @Test
  void ofFewTheSameOnesAreLeftOut() {
    var text = "a text of some words that is here and there with a word or two exchanged in it";
    var rows = new ArrayList<Row>();
    var hashes = List.of("h", "h", "i", "j", "h", "k");
    var ids = List.of("b", "a", "\uE000", "\uD800\uDC00", "c", "other");
    for (var i = 0; i < ids.size(); i++) {
      rows.add(RowFactory.create(ids.get(i), hashes.get(i), i < 5 ? text : "x y"));
    }
    var texts = LocalSpark.session().createDataFrame(rows, HASHED);
    var few = FewTexts.all(texts, DuplicateSettings.USUAL);
    assertThat(strings(few.same())).isEqualTo(Map.of("b", "a", "c", "a"));
    assertThat(strings(few.nearlySame())).isEqualTo(Map.of("\uE000", "a", "\uD800\uDC00", "a"));
    var exact = new DuplicateSettings(true, false, false, 0.8, 5, 20, 7, 100);
    assertThat(strings(FewTexts.all(texts, exact).same())).hasSize(2);
    assertThat(FewTexts.all(texts, exact).nearlySame()).isEmpty();
    var near = new DuplicateSettings(false, true, false, 0.8, 5, 20, 7, 100);
    assertThat(FewTexts.all(texts, near).same()).isEmpty();
    assertThat(strings(FewTexts.all(texts.filter("hash != 'h'"), near).nearlySame()))
        .isEqualTo(survivors(rows.subList(2, 4), 2))
        .isEqualTo(Map.of("\uD800\uDC00", "\uE000"));
  }

  private static Map<String, String> survivors(List<Row> hashed, int partitions) {
    var texts =
        hashed.stream().map(row -> RowFactory.create(row.getString(0), row.getString(2))).toList();
    return survivors(texts, DuplicateSettings.USUAL, partitions);
  }

  private static Map<String, String> strings(Map<UTF8String, UTF8String> found) {
    var strings = new TreeMap<String, String>();
    found.forEach((id, other) -> strings.put(id.toString(), other.toString()));
    return strings;
  }

  /** With no place for any set all pairs are left open; what is joined already is not paired. */
  @Test
  void whatFindsNoPlaceIsLeftToBeMeasuredElsewhere() {
    var held = new OpenBucket(0.8, 100);
    var open = new OpenBucket(0.8, 100, 0);
    var set = Shingles.of("one two three four five six seven", 5).bytes();
    var rows =
        List.of(
            RowFactory.create(1L, 1, "a", "a", set),
            RowFactory.create(1L, 2, "b", "a", set),
            RowFactory.create(1L, 3, "c", "c", set),
            RowFactory.create(2L, 1, "d", "d", set));
    assertThat(rows.stream().flatMap(row -> pairs(held.next(row))))
        .containsExactly(RowFactory.create("a", "c", true));
    assertThat(rows.stream().flatMap(row -> pairs(open.next(row))))
        .containsExactly(
            RowFactory.create("a", "c", (@Nullable Boolean) null),
            RowFactory.create("b", "c", (@Nullable Boolean) null));
  }

  private static Stream<Row> pairs(Iterator<Row> rows) {
    var pairs = Stream.<Row>builder();
    rows.forEachRemaining(pairs);
    return pairs.build();
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
