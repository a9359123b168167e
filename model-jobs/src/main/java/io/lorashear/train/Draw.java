package io.lorashear.train;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SequenceStream;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.TeacherReader;
import io.lorashear.corpus.TeacherRows;
import io.lorashear.vocabulary.VocabularyMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rows of a published corpus for one model; ids the model does not have are refused. If the model
 * lost tokens and the corpus has the ids before, rows get the ids after; their length stays. Rows
 * of plain text are for pruning and recovery: every token is to be predicted, prompts too. For
 * instruction tuning only responses are predicted.
 */
public final class Draw {
  private final Path corpus;
  private final SequenceReader reader;
  private final int vocabulary;
  private final int longest;
  private final boolean responses;
  private final Optional<VocabularyMap> map;

  private Draw(Path corpus, Checkpoint checkpoint, boolean responses, boolean published) {
    this.responses = responses;
    this.corpus = corpus;
    this.reader = SequenceReader.open(corpus);
    this.longest = checkpoint.config().maximumPositions();
    var between = VocabularyMap.between(corpus, reader.manifest(), checkpoint);
    int rows = checkpoint.config().vocabularySize();
    this.vocabulary = published ? between.map(VocabularyMap::idsBefore).orElse(rows) : rows;
    this.map = published ? Optional.empty() : between;
  }

  /** Rows of {@code corpus} as text, for the model in {@code checkpoint}. */
  public static Draw text(Path corpus, Checkpoint checkpoint) {
    return new Draw(corpus, checkpoint, false, false);
  }

  /** The same with the loss masks of the corpus: for instructions, only the responses. */
  public static Draw responses(Path corpus, Checkpoint checkpoint) {
    return new Draw(corpus, checkpoint, true, false);
  }

  /** Rows as text with the ids that they were published with, whatever the model's are. */
  public static Draw published(Path corpus, Checkpoint checkpoint) {
    return new Draw(corpus, checkpoint, false, true);
  }

  /** At most {@code rows} rows of every source, drawn uniformly; source after source. */
  public List<Sequence> uniform(String split, int rows, long seed) {
    return uniform(split, List.of(), rows, seed);
  }

  /**
   * The same for some sources.
   *
   * @param sources names in any order; all sources if empty
   * @throws InputException if the corpus does not have one of them
   */
  public List<Sequence> uniform(String split, List<String> sources, int rows, long seed) {
    var known = reader.manifest().sourceNames();
    for (var source : sources) {
      if (!known.contains(source)) {
        throw new InputException(
            "sources names %s, which %s does not have: there are %s",
            source, corpus, String.join(", ", known));
      }
    }
    var drawn = new ArrayList<Sequence>();
    for (var source : known) {
      boolean wanted = sources.isEmpty() || sources.contains(source);
      if (wanted && !reader.manifest().shards(source, split).isEmpty()) {
        drawn.addAll(all(reader.sample(source, split, rows, seed)));
      }
    }
    return drawn;
  }

  /** The rows of a subset in training order. */
  public List<Sequence> subset(SubsetManifest subset) {
    return all(reader.drawn(subset, 0));
  }

  /**
   * A teacher's predictions for rows that were drawn here.
   *
   * @param report loss report that contains them
   * @param isolateDocuments whether documents of a row do not attend to each other
   * @param file file to create; it is deleted when the rows are closed
   * @throws InputException if the teacher had another corpus, tokenizer or vocabulary, isolated
   *     documents differently, or does not have every row
   */
  public TeacherRows teacher(
      Path report, List<Sequence> rows, boolean isolateDocuments, Path file) {
    if (map.isPresent()) {
      throw new InputException(
          "%s predicts tokens that the model no longer has: leave distillation.teacher out, or use"
              + " a corpus of the model's own tokenizer, with a teacher that read it",
          report);
    }
    var teacher = TeacherReader.open(report);
    teacher.requireFit(reader, isolateDocuments);
    return TeacherRows.copy(teacher, rows, vocabulary, file);
  }

  private List<Sequence> all(SequenceStream stream) {
    try (stream) {
      var rows = new ArrayList<Sequence>();
      stream.forEachRemaining(row -> rows.add(checked(inModelsIds(row))));
      return rows;
    }
  }

  private Sequence inModelsIds(Sequence row) {
    return map.map(each -> each.after(row)).orElse(row);
  }

  private Sequence checked(Sequence row) {
    if (row.inputIds().length > longest) {
      throw new InputException(
          "row %s of %s has %d tokens, but the model has %d positions: tokenize the corpus to"
              + " shorter rows",
          row.id(), corpus, row.inputIds().length, longest);
    }
    for (int id : row.inputIds()) {
      if (id < 0 || id >= vocabulary) {
        throw new InputException(
            "row %s of %s holds the token id %d, but the model's embedding has %d rows: tokenize"
                + " the corpus with the tokenizer that came with the model, without added tokens"
                + " beyond them",
            row.id(), corpus, id, vocabulary);
      }
    }
    return responses ? row : row.asText();
  }
}
