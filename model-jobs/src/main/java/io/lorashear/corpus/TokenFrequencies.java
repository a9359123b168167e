package io.lorashear.corpus;

import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How often every token occurs in the training rows of corpora, by source. Filling does not count;
 * separators and prompts do.
 *
 * @param tokenizer sha256 of the {@code tokenizer.json} that made the ids
 * @param counts by source: (vocabulary,) occurrences by id
 */
public record TokenFrequencies(String tokenizer, SortedMap<String, long[]> counts) {
  private static final String COUNTING = "count";
  private static final String KIND = "token_counts";
  private static final int VERSION = 1;
  private static final String LIST = "counts";

  private record Head(String tokenizer, int vocabulary) {}

  @SuppressWarnings("ArrayRecordComponent") // a line of a file
  private record Line(String source, long[] counts) {}

  private record Lines(String tokenizer, int vocabulary, List<Line> counts) {}

  /**
   * The frequencies that {@code count} published, or those of a corpus, whose rows are counted now,
   * in this process.
   *
   * @throws InputException if the folder is neither, or was changed
   */
  public static TokenFrequencies read(Path folder) {
    var published = PublishedDirectory.openOf(COUNTING, folder);
    if (published.manifest().path("kind").asText().equals(CorpusManifest.KIND)) {
      return counted(SequenceReader.open(folder));
    }
    var lines = ManifestJson.read(folder, COUNTING, KIND, VERSION, Lines.class, LIST);
    var counts = new TreeMap<String, long[]>();
    for (var line : lines.counts()) {
      if (line.counts().length != lines.vocabulary()) {
        throw new InputException(
            "%s has %d counts of source %s for a vocabulary of %d tokens: count them again",
            ManifestJson.lines(folder, LIST),
            line.counts().length,
            line.source(),
            lines.vocabulary());
      }
      counts.put(line.source(), line.counts());
    }
    return new TokenFrequencies(lines.tokenizer(), counts);
  }

  /** Counts the training rows of a corpus. */
  public static TokenFrequencies counted(SequenceReader corpus) {
    return counted(corpus, Sequence.TRAIN);
  }

  /**
   * Counts the rows of one split; a source without any has counts of 0.
   *
   * @param split {@link Sequence#TRAIN} or {@link Sequence#VALIDATION}
   */
  public static TokenFrequencies counted(SequenceReader corpus, String split) {
    var manifest = corpus.manifest();
    var counts = new TreeMap<String, long[]>();
    for (var source : manifest.sourceNames()) {
      var ofSource = new long[manifest.vocabulary()];
      counts.put(source, ofSource);
      if (!manifest.shards(source, split).isEmpty()) {
        corpus.countTokens(source, split, (id, count) -> ofSource[id] += count);
      }
    }
    return new TokenFrequencies(manifest.tokenizer(), counts);
  }

  /**
   * The sums with the frequencies of another corpus; a source that both have is one source.
   *
   * @throws InputException if its ids are another tokenizer's
   */
  public TokenFrequencies plus(TokenFrequencies more) {
    if (!tokenizer.equals(more.tokenizer)) {
      throw new InputException(
          "the corpora were made by two tokenizers (SHA-256 %s and %s): give corpora of one",
          tokenizer, more.tokenizer);
    }
    var sums = new TreeMap<>(counts);
    more.counts.forEach((source, added) -> sums.merge(source, added, TokenFrequencies::sum));
    return new TokenFrequencies(tokenizer, sums);
  }

  private static long[] sum(long[] a, long[] b) {
    var sum = a.clone();
    for (int id = 0; id < sum.length; id++) {
      sum[id] += b[id];
    }
    return sum;
  }

  /** (vocabulary,) occurrences in all sources. */
  public long[] total() {
    return counts.values().stream().reduce(TokenFrequencies::sum).orElse(new long[0]);
  }

  /**
   * By how many tokens the rows of every source would grow if removed tokens were split into their
   * parts: an estimate, because a part may be merged with the token beside it.
   *
   * @param parts (vocabulary,) number of parts by id; 1 for tokens that stay
   */
  public SortedMap<String, Long> growth(int[] parts) {
    var growth = new TreeMap<String, Long>();
    counts.forEach(
        (source, ofSource) -> {
          long more = 0;
          for (int id = 0; id < ofSource.length; id++) {
            more += ofSource[id] * Math.max(0, parts[id] - 1);
          }
          growth.put(source, more);
        });
    return growth;
  }

  /** Puts counts and manifest into the output of a stage. */
  public void writeTo(Stage.Output output) {
    var lines = new ArrayList<Line>();
    counts.forEach((source, ofSource) -> lines.add(new Line(source, ofSource)));
    ManifestJson.writeLines(ManifestJson.lines(output.directory(), LIST), lines);
    output.manifest().setAll(ManifestJson.json(KIND, VERSION, new Head(tokenizer, vocabulary())));
  }

  private int vocabulary() {
    return counts.values().stream().mapToInt(each -> each.length).max().orElse(0);
  }

  /** Text for people, a line for each source: tokens, and how many ids do not occur. */
  public String summary() {
    var lines = new ArrayList<String>();
    counts.forEach(
        (source, ofSource) -> {
          long tokens = 0;
          int never = 0;
          for (long count : ofSource) {
            tokens += count;
            never += count == 0 ? 1 : 0;
          }
          lines.add(
              "%-16s %,12d tokens, %,d of %,d ids never"
                  .formatted(source, tokens, never, ofSource.length));
        });
    return String.join("\n", lines);
  }
}
