package io.lorashear.spark.decontaminate;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.lorashear.evaluate.Task;
import io.lorashear.run.Sha256;
import io.lorashear.spark.overlap.GramTable;
import io.lorashear.spark.overlap.Words;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The runs of words of all evaluation texts, by length. Built on the driver and sent to every
 * executor once: about 30 MB for the seven tasks.
 */
public final class Reference implements Serializable {
  private static final long serialVersionUID = 1;

  /**
   * One question or text.
   *
   * @param task task, or name of the file
   * @param name name in its file
   */
  record Entry(String task, String name) implements Serializable {
    private static final long serialVersionUID = 1;
  }

  private final List<Entry> entries;
  private final TreeMap<Integer, GramTable> runs;
  private final TreeMap<String, Integer> tooShort;
  private final String hash;

  private Reference(Gathering gathered) {
    entries = List.copyOf(gathered.entries);
    runs = gathered.runs;
    tooShort = gathered.tooShort;
    hash = Sha256.of(gathered.words + "\n" + gathered.shortest + "\n" + gathered.all);
  }

  /**
   * Reads all files that settings name.
   *
   * @throws io.lorashear.InputException if one is missing or damaged
   */
  public static Reference read(DecontaminationSettings settings) {
    var gathering = new Gathering(settings.words(), settings.shortest());
    settings
        .benchmarks()
        .ifPresent(
            folder ->
                settings.tasks().stream()
                    .map(Reference::task)
                    .forEach(task -> gathering.add(task, folder)));
    new TreeMap<>(settings.choices())
        .forEach((name, file) -> gathering.add(Task.ofChoices(name, file), Path.of("")));
    new TreeMap<>(settings.texts())
        .forEach((name, file) -> gathering.add(name, ReferenceFile.read(file)));
    return new Reference(gathering);
  }

  private static Task task(String name) {
    return Task.isDescription(name)
        ? Task.ofDescription(Path.of(name))
        : Task.named(name).orElseThrow();
  }

  /** Collects the runs to search for while files are read. */
  private static final class Gathering {
    private final int words;
    private final int shortest;
    private final List<Entry> entries = new ArrayList<>();
    private final TreeMap<Integer, GramTable> runs = new TreeMap<>();
    private final TreeMap<String, Integer> tooShort = new TreeMap<>();
    private final StringBuilder all = new StringBuilder();

    Gathering(int words, int shortest) {
      this.words = words;
      this.shortest = shortest;
    }

    void add(Task task, Path folder) {
      for (var item : task.read(folder).items()) {
        add(new Entry(task.name(), item.id()), Phrase.of(item));
      }
    }

    void add(String name, Map<String, String> texts) {
      texts.forEach((place, text) -> add(new Entry(name, place), List.of(new Phrase(text, true))));
    }

    private void add(Entry entry, List<Phrase> phrases) {
      var owner = entries.size();
      entries.add(entry);
      var lookedFor = false;
      for (var phrase : phrases) {
        all.append(entry.task()).append('\n').append(phrase.text()).append('\n');
        var text = Words.of(phrase.text());
        var length = Math.min(words, text.count());
        if (length == words || phrase.whole() && length >= shortest) {
          lookedFor = true;
          var table = runs.computeIfAbsent(length, n -> new GramTable());
          for (var gram : text.grams(length)) {
            table.put(gram, owner);
          }
        }
      }
      tooShort.merge(entry.task(), lookedFor ? 0 : 1, Integer::sum);
    }
  }

  /** Whether there is nothing to search for. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Hash of everything that is searched for. */
  public String hash() {
    return hash;
  }

  Entry entry(int number) {
    return entries.get(number);
  }

  /** Number of questions or texts by task. */
  Map<String, Long> items() {
    return entries.stream().collect(groupingBy(Entry::task, TreeMap::new, counting()));
  }

  /** Number of a task's items with too few words to be searched for. */
  long tooShort(String task) {
    return tooShort.getOrDefault(task, 0);
  }

  /** Receives a run of a document's words that belongs to an entry. */
  interface Match {
    /**
     * @param first number of its first word, from 0
     * @param length number of words of the run
     */
    void at(int first, int length, int entry);
  }

  /** Finds every run of {@code document} that belongs to an entry. */
  void find(Words document, Match match) {
    runs.forEach(
        (length, table) -> {
          var grams = document.grams(length);
          for (var i = 0; i < grams.length; i++) {
            var owner = table.owner(grams[i]);
            if (owner != GramTable.NOBODY) {
              match.at(i, length, owner);
            }
          }
        });
  }
}
