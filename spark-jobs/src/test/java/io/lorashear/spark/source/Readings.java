package io.lorashear.spark.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/** Readings of some files, without Spark, with what a first look at them showed. */
record Readings(List<Reading> all, List<String> settings, List<String> notes) {

  static Readings of(Corpus corpus, Path... paths) {
    return of(SourceSettings.of(corpus, paths), LimitSettings.USUAL);
  }

  static Readings of(SourceSettings source, LimitSettings limits) {
    var configuration = new Configuration(false);
    configuration.set("fs.file.impl", "org.apache.hadoop.fs.LocalFileSystem");
    var inputs = Inputs.find(configuration, List.of(source), limits);
    var all = new ArrayList<Reading>(inputs.problems());
    all.addAll(inputs.dropped());
    for (var file : inputs.files()) {
      for (var slice : Slice.of(file, limits.splitBytes(), configuration)) {
        new SliceReadings(slice, configuration).forEachRemaining(all::add);
      }
    }
    return new Readings(all, inputs.settings(), inputs.notes());
  }

  List<Document> documents() {
    return all.stream().filter(Document.class::isInstance).map(Document.class::cast).toList();
  }

  List<String> texts() {
    return documents().stream().map(Document::text).toList();
  }

  List<String> problems() {
    return all.stream()
        .filter(Unreadable.class::isInstance)
        .map(reading -> ((Unreadable) reading).message())
        .toList();
  }

  /** Documents under {@code kept}, drops under their reasons. */
  Map<String, Integer> counts() {
    var counts = new TreeMap<String, Integer>();
    for (var reading : all) {
      var reason =
          reading instanceof Dropped dropped
              ? dropped.reason()
              : reading instanceof Document ? "kept" : "unreadable";
      counts.merge(reason, 1, Integer::sum);
    }
    return counts;
  }
}
