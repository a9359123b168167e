package io.lorashear.spark.enlarge;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Withers;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * Large raw inputs made out of small real text.
 *
 * @param documents folder that {@code ingest} published, whose words are used
 * @param output folder of the raw files
 * @param sources what is made
 * @param fileMegabytes approximate size of a raw file
 * @param seed of all draws
 */
public record EnlargeSettings(
    Path documents,
    Path output,
    List<EnlargedSource> sources,
    @Default("128") int fileMegabytes,
    @Default("0") long seed)
    implements Withers<EnlargeSettings> {

  /**
   * One source: a folder of JSON lines with {@code id} and {@code text}.
   *
   * @param name of the folder
   * @param megabytes approximate size, in millions of characters
   * @param characters mean length of a document; lengths are between half and one and a half of it
   * @param longest length of the first document instead, for skewed inputs; 0: like the others
   */
  public record EnlargedSource(
      String name, long megabytes, @Default("4000") int characters, @Default("0") int longest)
      implements Withers<EnlargedSource>, Serializable {

    void check(Problems problems) {
      problems.require(
          name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"),
          "name",
          "is '%s': give letters, digits, '.', '_' and '-'",
          name);
      problems.require(megabytes >= 1, "megabytes", "is %d: give 1 or more", megabytes);
      problems.require(characters >= 20, "characters", "is %d: give 20 or more", characters);
      problems.require(longest >= 0, "longest", "is %d: give a length, or 0", longest);
    }

    /** Number of documents. */
    long count() {
      return Math.max(1, megabytes * 1_000_000 / characters);
    }
  }

  public EnlargeSettings {
    sources = List.copyOf(sources);
  }

  void check(Problems problems) {
    problems.require(!sources.isEmpty(), "sources", "is empty: name at least one");
    problems.require(fileMegabytes >= 1, "fileMegabytes", "is %d: give 1 or more", fileMegabytes);
    var names = new HashSet<String>();
    for (var source : sources) {
      problems.require(
          names.add(source.name()), "sources", "has two of the name %s", source.name());
    }
  }

  /** Documents of each file of {@code source}. */
  long perFile(EnlargedSource source) {
    return Math.max(1, fileMegabytes * 1_000_000L / source.characters());
  }
}
