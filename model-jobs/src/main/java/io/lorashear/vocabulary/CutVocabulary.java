package io.lorashear.vocabulary;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.TokenFrequencies;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.run.Sha256;
import io.lorashear.tokenizer.Recoding;
import io.lorashear.tokenizer.VocabularyCut;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * A model's vocabulary, cut before its body is pruned.
 *
 * <pre>
 *   V          = parameters of the removed rows
 *   body       ratio · total − V of the total − V that are left; nothing if the choice ended by it
 * </pre>
 *
 * @param model the model without the rows
 * @param companions its tokenizer and generation files with the new ids, and the map
 * @param parameters V
 * @param full whether no token more fits into the ratio, so that nothing is left for the body
 * @param report what went, for people and programs
 */
public record CutVocabulary(
    CutModel model,
    VocabularyMap map,
    List<Path> companions,
    long parameters,
    boolean full,
    ObjectNode report) {
  /**
   * Removes the rarest tokens.
   *
   * @param ratio share of all parameters to prune, which the rows do not exceed
   * @param folder an empty folder for the new tokenizer's files
   * @throws InputException if the model has no tokenizer or lost tokens before, if the corpus was
   *     made with another tokenizer, or if padding alone exceeds the ratio
   */
  public static CutVocabulary of(
      Checkpoint checkpoint,
      SequenceReader corpus,
      VocabularySettings settings,
      double ratio,
      Path folder) {
    check(checkpoint, corpus.manifest().tokenizer());
    var home = Objects.requireNonNull(checkpoint.tokenizer().getParent());
    int rows = checkpoint.config().vocabularySize();
    long each = row(checkpoint.graph());
    long most = Math.round(ratio * checkpoint.graph().parameterCount()) / each;
    var rare = rare(home, counts(corpus, rows), rows);
    var choice = rare.choose(settings.tokens(), most);
    int gone = choice.ids().cardinality();
    if (gone > most) {
      throw new InputException(
          "%d rows of the embedding belong to no token, which is more than the %d that the ratio %s"
              + " removes: raise the ratio, or set vocabulary.enabled to false",
          gone, most, ratio);
    }
    var stay = new BitSet();
    stay.set(0, rows);
    stay.andNot(choice.ids());
    var cut = VocabularyCut.of(home, stay);
    var dropped = cut.write(home, folder);
    var map =
        new VocabularyMap(
            corpus.manifest().tokenizer(), cut.kept(), parts(home, folder, cut, rare.tokens()));
    map.write(folder);
    var model = CutModel.of(checkpoint, cut.kept());
    cut.renumber(model.config().fields(), model.config().where());
    var report = report(rare, choice.ids(), map).put("parametersRemoved", each * gone);
    shareOfValidation(corpus, choice.ids())
        .ifPresent(share -> report.put("shareOfValidation", share));
    dropped.forEach(report.putArray("leftOut")::add);
    return new CutVocabulary(model, map, files(folder), each * gone, choice.full(), report);
  }

  /** What can be removed, by the tokenizer in {@code home}. */
  private static RareTokens rare(Path home, long[] counts, int rows) {
    var needs = VocabularyCut.needs(home);
    var all = new BitSet();
    all.set(0, needs.size());
    var tokens = kept(VocabularyCut.of(home, all));
    return new RareTokens(counts, tokens, kept(VocabularyCut.mandatory(home)), needs, rows);
  }

  /** What the smaller tokenizer makes of each removed token by itself. */
  private static SortedMap<Integer, int[]> parts(
      Path before, Path after, VocabularyCut cut, BitSet tokens) {
    var recoding = Recoding.between(before, after);
    var parts = new TreeMap<Integer, int[]>();
    tokens.stream()
        .filter(id -> !cut.keeps(id))
        .forEach(id -> parts.put(id, recoding.of(new int[] {id})));
    return parts;
  }

  private static BitSet kept(VocabularyCut cut) {
    var kept = new BitSet();
    Arrays.stream(cut.kept()).forEach(kept::set);
    return kept;
  }

  private static void check(Checkpoint checkpoint, String tokenizer) {
    if (VocabularyMap.of(checkpoint).isPresent()) {
      throw new InputException(
          "vocabulary.enabled is true, but %s already lost tokens: prune the model it was made"
              + " from, or set it to false",
          checkpoint.path());
    }
    if (!Sha256.of(checkpoint.tokenizer()).equals(tokenizer)) {
      throw new InputException(
          "vocabulary.enabled is true, but the corpus was not tokenized with %s: tokenize it with"
              + " that file, so that its ids are the model's",
          checkpoint.tokenizer());
    }
  }

  /** Parameters of one token: its row of the embedding, and of a head of its own. */
  public static long row(ModelGraph graph) {
    var space = PruningSpace.withTokens(graph);
    return space.removable(Set.of(AxisRole.VOCABULARY)).stream()
        .mapToLong(axis -> space.cost(axis.axis(), Widths.TRACED))
        .sum();
  }

  private static long[] counts(SequenceReader corpus, int rows) {
    var counts = new long[rows];
    for (var ofSource : TokenFrequencies.counted(corpus).counts().values()) {
      for (int id = 0; id < Math.min(rows, ofSource.length); id++) { // added ones have no row
        counts[id] += ofSource[id];
      }
    }
    return counts;
  }

  /**
   * Share of the validation rows' tokens that went, a mean of the sources: what text costs that was
   * not counted. Tokens that are rare in a small corpus are more frequent elsewhere.
   */
  private static OptionalDouble shareOfValidation(SequenceReader corpus, BitSet gone) {
    return TokenFrequencies.counted(corpus, Sequence.VALIDATION).counts().values().stream()
        .filter(counts -> LongStream.of(counts).sum() > 0)
        .mapToDouble(
            counts ->
                gone.stream().filter(id -> id < counts.length).mapToLong(id -> counts[id]).sum()
                    / (double) LongStream.of(counts).sum())
        .average();
  }

  private static List<Path> files(Path folder) {
    try (var files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + folder, e);
    }
  }

  private static ObjectNode report(RareTokens rare, BitSet gone, VocabularyMap map) {
    long all = Math.max(1, LongStream.of(rare.counts()).sum());
    long longer =
        map.parts().entrySet().stream()
            .filter(part -> gone.get(part.getKey()))
            .mapToLong(part -> rare.counts()[part.getKey()] * (part.getValue().length - 1L))
            .sum();
    return JsonFile.object()
        .put("rowsBefore", rare.rows())
        .put("rowsAfter", rare.rows() - gone.cardinality())
        .put("tokensRemoved", map.parts().size())
        .put("shareOfCorpus", (double) rare.held(gone) / all)
        .put("longerBy", (double) longer / all);
  }
}
