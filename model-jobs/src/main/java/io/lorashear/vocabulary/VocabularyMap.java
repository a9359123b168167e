package io.lorashear.vocabulary;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.Companions;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.Sequence;
import io.lorashear.run.Sha256;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Ids before tokens were removed, and after: {@code vocabulary.json} beside a model.
 *
 * <pre>
 *   before   0 1 2 3 4 5       kept   0 1 2 5
 *   after    0 1 2 · · 3       parts  3 → 1 2    4 → 1 2 1
 *
 *   row      5 3 0         →   3 1 2 0
 * </pre>
 *
 * @param tokenizer sha256 of the {@code tokenizer.json} that made the ids before
 * @param kept (tokens after,) the id before of every token that stays, by its id after; ascending
 * @param parts the ids after that spell a removed token, by its id before
 */
@SuppressWarnings("ArrayRecordComponent") // a table, never compared
public record VocabularyMap(String tokenizer, int[] kept, SortedMap<Integer, int[]> parts) {
  /** File name in the folder of a model that lost tokens. */
  public static final String FILE = Companions.VOCABULARY;

  /** The map of a model; empty if it lost no token. */
  public static Optional<VocabularyMap> of(Checkpoint checkpoint) {
    return checkpoint.companions().stream()
        .filter(file -> file.endsWith(FILE))
        .findFirst()
        .map(VocabularyMap::read);
  }

  /**
   * The map that rows of a corpus need so that the model can read them; empty if they need none.
   *
   * @throws InputException if the model lost tokens, and the corpus has neither the ids before nor
   *     those after
   */
  public static Optional<VocabularyMap> between(
      Path corpus, CorpusManifest manifest, Checkpoint checkpoint) {
    var map = of(checkpoint);
    if (map.isEmpty() || manifest.tokenizer().equals(Sha256.of(checkpoint.tokenizer()))) {
      return Optional.empty();
    }
    if (!manifest.tokenizer().equals(map.get().tokenizer)) {
      throw new InputException(
          "%s was tokenized neither with the tokenizer in %s nor with the one that the model had"
              + " before it lost tokens: tokenize it with one of the two, or with the second and"
              + " then retokenize it",
          corpus, checkpoint.path());
    }
    return map;
  }

  private static VocabularyMap read(Path file) {
    var json = JsonFile.read(file);
    var parts = new TreeMap<Integer, int[]>();
    json.path("parts")
        .properties()
        .forEach(entry -> parts.put(Integer.valueOf(entry.getKey()), ids(file, entry.getValue())));
    return new VocabularyMap(json.path("tokenizer").asText(), ids(file, json.path("kept")), parts);
  }

  private static int[] ids(Path file, JsonNode list) {
    if (!list.isArray() || list.isEmpty()) {
      throw new InputException(
          "%s: %s is no list of ids: take the file that was written with the model", file, list);
    }
    return IntStream.range(0, list.size()).map(i -> list.get(i).asInt()).toArray();
  }

  /** Writes the map into {@code folder}. */
  public void write(Path folder) {
    var json = JsonFile.object().put("tokenizer", tokenizer);
    var list = json.putArray("kept");
    Arrays.stream(kept).forEach(list::add);
    var spelled = json.putObject("parts");
    parts.forEach((id, after) -> Arrays.stream(after).forEach(spelled.withArray("/" + id)::add));
    JsonFile.write(folder.resolve(FILE), json);
  }

  /** One more than the highest id before. */
  public int idsBefore() {
    int highest = kept[kept.length - 1];
    return 1 + (parts.isEmpty() ? highest : Math.max(highest, parts.lastKey()));
  }

  /**
   * The ids after that stand for one id before: (1,) for a token that stays.
   *
   * @throws InputException if there was no such token
   */
  public int[] after(int id) {
    int place = Arrays.binarySearch(kept, id);
    var spelled = place < 0 ? parts.get(id) : new int[] {place};
    if (spelled == null) {
      throw new InputException(
          "token id %d: no token had it before the model lost tokens, take the corpus that the"
              + " model's own tokenizer made",
          id);
    }
    return spelled;
  }

  /** The ids after of a row of ids before. */
  public int[] after(int[] ids) {
    return Arrays.stream(ids).flatMap(id -> Arrays.stream(after(id))).toArray();
  }

  /** (ids + 1,) where the parts of each id before begin in {@link #after(int[])}, and the end. */
  private int[] begins(int[] ids) {
    var begins = new int[ids.length + 1];
    for (int i = 0; i < ids.length; i++) {
      begins[i + 1] = begins[i] + after(ids[i]).length;
    }
    return begins;
  }

  /**
   * A row in the ids after, of the same length. What no longer fits is left out at its end; where
   * the row was filled, the filling gives way first.
   */
  public Sequence after(Sequence row) {
    int length = row.inputIds().length;
    var begins = begins(row.inputIds());
    var ids = new int[length];
    var mask = new byte[length];
    for (int i = 0; i < length; i++) {
      var spelled = after(row.inputIds()[i]);
      for (int part = 0; part < spelled.length && begins[i] + part < length; part++) {
        ids[begins[i] + part] = spelled[part];
        mask[begins[i] + part] = row.lossMask()[i];
      }
    }
    var documents = new ArrayList<Sequence.Document>();
    for (var document : row.documents()) {
      if (begins[document.start()] < length) {
        documents.add(new Sequence.Document(document.id(), begins[document.start()]));
      }
    }
    int tokens = Math.min(begins[row.tokens()], length);
    return new Sequence(row.source(), row.split(), row.id(), ids, mask, tokens, documents);
  }

  /** Number of tokens after that {@link #after(Sequence)} leaves out of rows. */
  public long leftOut(List<Sequence> rows) {
    return rows.stream()
        .mapToLong(row -> begins(row.inputIds())[row.tokens()] - (long) row.inputIds().length)
        .filter(more -> more > 0)
        .sum();
  }

  /**
   * Losses of rows of ids before by a model that reads those after.
   *
   * @param rows (T,) each
   * @param model the losses of such rows of ids after but the first
   * @return (T − 1,) each, as {@link #lossesBefore(int[], double[])}
   */
  public double[][] lossesBefore(List<int[]> rows, Function<List<int[]>, double[][]> model) {
    var losses = model.apply(rows.stream().map(this::after).toList());
    return IntStream.range(0, losses.length)
        .mapToObj(row -> lossesBefore(rows.get(row), losses[row]))
        .toArray(double[][]::new);
  }

  /**
   * Losses of the ids before, which are comparable with those of the model before: of each, the sum
   * over its parts.
   *
   * @param ids (T,) before
   * @param losses (T′ − 1,) of all ids after but the first
   * @return (T − 1,) of all ids before but the first
   */
  public double[] lossesBefore(int[] ids, double[] losses) {
    var begins = begins(ids);
    var sums = new double[ids.length - 1];
    for (int i = 1; i < ids.length; i++) {
      for (int after = begins[i]; after < begins[i + 1]; after++) {
        sums[i - 1] += losses[after - 1];
      }
    }
    return sums;
  }

  /** {@link #startsAfter(int[], int[])} of each row. */
  public List<int[]> startsAfter(List<int[]> rows, List<int[]> starts) {
    return IntStream.range(0, rows.size())
        .mapToObj(row -> startsAfter(rows.get(row), starts.get(row)))
        .toList();
  }

  /** For each id after, where in the row its document begins, by the same for the ids before. */
  public int[] startsAfter(int[] ids, int[] starts) {
    var begins = begins(ids);
    return IntStream.range(0, ids.length)
        .flatMap(i -> IntStream.range(begins[i], begins[i + 1]).map(part -> begins[starts[i]]))
        .toArray();
  }
}
